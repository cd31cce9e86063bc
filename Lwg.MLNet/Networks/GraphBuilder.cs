namespace Lwg.MLNet.Networks;

/// <summary>A tensor of a graph under construction.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Channels">The size of dimension 1; 0 if that has no meaning.</param>
internal readonly record struct GraphValue(string Name, int Channels);

/// <summary>Builds a <see cref="NetworkGraph"/> layer by layer; weights have the names of the layers in the published
/// checkpoints.</summary>
/// <param name="name">The graph's name.</param>
internal sealed class GraphBuilder(string name)
{
    private readonly List<GraphTensor> _inputs = [], _outputs = [], _weights = [];
    private readonly List<GraphConstant> _constants = [];
    private readonly List<GraphNode> _nodes = [];
    private readonly HashSet<string> _names = [];
    private int _count;

    /// <summary>Declares an input.</summary>
    /// <param name="input">Its name.</param>
    /// <param name="shape">Its shape; -1 for a dimension that depends on the data.</param>
    public GraphValue Input(string input, params int[] shape)
    {
        Claim(input);
        _inputs.Add(new GraphTensor(input, shape));
        return new GraphValue(input, shape.Length > 1 ? shape[1] : 0);
    }

    /// <summary>Declares an output.</summary>
    /// <param name="value">The tensor.</param>
    /// <param name="output">Its public name.</param>
    /// <param name="shape">Its shape; -1 for a dimension that depends on the data.</param>
    public void Output(GraphValue value, string output, params int[] shape)
    {
        Claim(output);
        _nodes.Add(new GraphNode("Identity", [value.Name], [output], []));
        _outputs.Add(new GraphTensor(output, shape));
    }

    /// <summary>Declares weights and returns them as a tensor.</summary>
    /// <param name="weight">Their name.</param>
    /// <param name="shape">Their shape.</param>
    public GraphValue Weight(string weight, params int[] shape)
    {
        if (_names.Add(weight))
            _weights.Add(new GraphTensor(weight, shape));
        return new GraphValue(weight, 0);
    }

    /// <summary>Adds a constant list of integers.</summary>
    public GraphValue Constant(params long[] values)
    {
        string constant = Fresh("const");
        _constants.Add(new GraphConstant(constant, [values.Length], null, values));
        return new GraphValue(constant, 0);
    }

    /// <summary>Adds a constant list of floats.</summary>
    public GraphValue Constant(params float[] values)
    {
        string constant = Fresh("const");
        _constants.Add(new GraphConstant(constant, [values.Length], values, null));
        return new GraphValue(constant, 0);
    }

    /// <summary>Adds a convolution.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="layer">The layer's name: the weights are layer.weight and layer.bias.</param>
    /// <param name="channels">The number of output channels.</param>
    /// <param name="kernel">The side of the kernel.</param>
    /// <param name="stride">The stride.</param>
    /// <param name="padding">The number of zeros on each side.</param>
    /// <param name="dilation">The dilation.</param>
    /// <param name="bias">Whether it has biases.</param>
    public GraphValue Conv(GraphValue x, string layer, int channels, int kernel, int stride = 1, int padding = 0, int dilation = 1,
        bool bias = false)
    {
        string weight = Weight(layer + ".weight", channels, x.Channels, kernel, kernel).Name;
        string[] inputs = bias ? [x.Name, weight, Weight(layer + ".bias", channels).Name] : [x.Name, weight];
        return Node("Conv", inputs, channels, Ints("kernel_shape", kernel, kernel), Ints("strides", stride, stride),
            Ints("pads", padding, padding, padding, padding), Ints("dilations", dilation, dilation));
    }

    /// <summary>Adds a convolution with any window and separate padding for each side.</summary>
    internal GraphValue Conv(GraphValue x, string layer, int channels, int groups, int height, int width, int strideY, int strideX,
        long[] pads, bool bias)
    {
        string weight = Weight(layer + ".weight", channels, x.Channels / groups, height, width).Name;
        string[] inputs = bias ? [x.Name, weight, Weight(layer + ".bias", channels).Name] : [x.Name, weight];
        return Node("Conv", inputs, channels, Ints("kernel_shape", height, width), Ints("strides", strideY, strideX), Ints("pads", pads),
            Int("group", groups));
    }

    /// <summary>
    /// Adds several convolutions of the same input, computed as one; none has biases, all preserve the sides. Runtimes compute channels
    /// in blocks of 8 or 16, so each convolution with few channels would cost as much as all of them together.
    /// </summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="kernel">The side of the kernel, odd.</param>
    /// <param name="quarters">Whether the four pixels of each 2 x 2 square are computed as channels of one, so that blocks are full; H
    /// and W must be even. The results are the same.</param>
    /// <param name="layers">The names of the convolutions and their numbers of output channels.</param>
    /// <returns>The output of each convolution.</returns>
    public GraphValue[] Conv(GraphValue x, int kernel, bool quarters, params (string Layer, int Channels)[] layers)
    {
        int channels = layers.Sum(l => l.Channels);
        GraphValue weights = Node("Concat",
            [.. layers.Select(l => Weight(l.Layer + ".weight", l.Channels, x.Channels, kernel, kernel).Name)], 0, Int("axis", 0));
        // The kernel of the square's pixel (dy, dx) is shifted by dy rows and dx columns.
        if (quarters)
            weights = Node("Concat", [.. new[] { (0L, 0L), (0, 1), (1, 0), (1, 1) }.Select(d =>
                Node("Pad", [weights.Name, Constant(0, 0, d.Item1, d.Item2, 0, 0, 1 - d.Item1, 1 - d.Item2).Name], 0).Name)], 0,
                Int("axis", 0));
        (int side, int stride, int pad) = (quarters ? kernel + 1 : kernel, quarters ? 2 : 1, kernel / 2);
        GraphValue together = Node("Conv", [x.Name, weights.Name], channels, Ints("kernel_shape", side, side),
            Ints("strides", stride, stride), Ints("pads", pad, pad, pad, pad), Ints("dilations", 1, 1));
        if (quarters)
            together = Node("DepthToSpace", [together.Name], channels, Int("blocksize", 2));
        GraphValue[] parts = [.. layers.Select(l => new GraphValue(Fresh("Split"), l.Channels))];
        _nodes.Add(new GraphNode("Split", [together.Name, Constant([.. layers.Select(l => (long)l.Channels)]).Name],
            [.. parts.Select(p => p.Name)], [Int("axis", 1)]));
        return parts;
    }

    /// <summary>Adds a transposed convolution 3 x 3 that doubles the sides (stride 2, padding 1, output padding 1), without
    /// biases.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="channels">The number of output channels.</param>
    public GraphValue ConvTranspose(GraphValue x, string layer, int channels) =>
        Node("ConvTranspose", [x.Name, Weight(layer + ".weight", x.Channels, channels, 3, 3).Name], channels, Ints("kernel_shape", 3, 3),
        Ints("strides", 2, 2),
            Ints("pads", 1, 1, 1, 1), Ints("output_padding", 1, 1));

    /// <summary>Adds an instance norm (eps 1e-5) with scale and shift.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="layer">The layer's name.</param>
    public GraphValue InstanceNorm(GraphValue x, string layer) =>
        Node("InstanceNormalization", [x.Name, Weight(layer + ".weight", x.Channels).Name, Weight(layer + ".bias", x.Channels).Name],
        x.Channels, new NodeSetting("epsilon", Number: 1e-5f));

    /// <summary>Adds an instance norm (eps 1e-5) without scale and shift.</summary>
    /// <param name="x">[N,C,H,W].</param>
    public GraphValue InstanceNorm(GraphValue x)
    {
        float[] ones = new float[x.Channels];
        Array.Fill(ones, 1);
        return Node("InstanceNormalization", [x.Name, Constant(ones).Name, Constant(new float[x.Channels]).Name], x.Channels,
            new NodeSetting("epsilon", Number: 1e-5f));
    }

    /// <summary>Adds a group norm (Wu and He 2018; eps 1e-5) with scale and shift: ONNX's instance norm over groups of
    /// channels.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="groups">The number of groups; divides C.</param>
    public GraphValue GroupNorm(GraphValue x, string layer, int groups)
    {
        GraphValue grouped = InstanceNorm(Reshape(x, groups, 0, groups, -1));
        GraphValue Each(string part) => Reshape(Weight($"{layer}.{part}", x.Channels), 0, x.Channels, 1, 1);
        return Add(Mul(ReshapeLike(grouped, x), Each("weight")), Each("bias"));
    }

    /// <summary>Adds a batch norm for inference, from running mean and variance.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="layer">The layer's name.</param>
    public GraphValue BatchNorm(GraphValue x, string layer)
    {
        string[] inputs = [x.Name, .. new[] { "weight", "bias", "running_mean", "running_var" }.Select(part =>
            Weight($"{layer}.{part}", x.Channels).Name)];
        return Node("BatchNormalization", inputs, x.Channels, new NodeSetting("epsilon", Number: 1e-5f));
    }

    /// <summary>Adds max(x, 0).</summary>
    public GraphValue Relu(GraphValue x) => Node("Relu", [x.Name], x.Channels);

    /// <summary>Adds a leaky ReLU: x where positive, slope times x elsewhere.</summary>
    public GraphValue LeakyRelu(GraphValue x, float slope) =>
        Node("LeakyRelu", [x.Name], x.Channels, new NodeSetting("alpha", Number: slope));

    /// <summary>Adds a PReLU: x where positive, elsewhere x times a learned slope per channel (He et al. 2015).</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="layer">The layer's name: the slopes are layer.weight.</param>
    public GraphValue PRelu(GraphValue x, string layer)
    {
        GraphValue slopes = Reshape(Weight(layer + ".weight", x.Channels), 0, x.Channels, 1, 1);
        return Sub(Relu(x), Mul(Relu(Sub(Constant(0f), x) with { Channels = x.Channels }), slopes));
    }

    /// <summary>Adds the logistic function.</summary>
    public GraphValue Sigmoid(GraphValue x) => Node("Sigmoid", [x.Name], x.Channels);

    /// <summary>Adds the hyperbolic tangent.</summary>
    public GraphValue Tanh(GraphValue x) => Node("Tanh", [x.Name], x.Channels);

    /// <summary>Adds a softmax along an axis.</summary>
    public GraphValue Softmax(GraphValue x, int axis) => Node("Softmax", [x.Name], x.Channels, Int("axis", axis));

    /// <summary>Adds a + b.</summary>
    public GraphValue Add(GraphValue a, GraphValue b) => Node("Add", [a.Name, b.Name], a.Channels);

    /// <summary>Adds a - b.</summary>
    public GraphValue Sub(GraphValue a, GraphValue b) => Node("Sub", [a.Name, b.Name], a.Channels);

    /// <summary>Adds a * b.</summary>
    public GraphValue Mul(GraphValue a, GraphValue b) => Node("Mul", [a.Name, b.Name], a.Channels);

    /// <summary>Adds the matrix product of the last two dimensions.</summary>
    public GraphValue MatMul(GraphValue a, GraphValue b) => Node("MatMul", [a.Name, b.Name], 0);

    /// <summary>Adds a limit of x to a range.</summary>
    public GraphValue Clip(GraphValue x, float low, float high) => Node("Clip", [x.Name, Scalar(low), Scalar(high)], x.Channels);

    /// <summary>Concatenates the channels of several tensors.</summary>
    public GraphValue Concat(params GraphValue[] values) =>
        Node("Concat", [.. values.Select(v => v.Name)], values.Sum(v => v.Channels), Int("axis", 1));

    /// <summary>Concatenates several tensors along a dimension.</summary>
    internal GraphValue Concat(int axis, GraphValue[] values) => Node("Concat", [.. values.Select(v => v.Name)], 0, Int("axis", axis));

    /// <summary>Adds a slice of a dimension.</summary>
    internal GraphValue Slice(GraphValue x, int axis, int from, int to) =>
        Node("Slice", [x.Name, Constant((long)from).Name, Constant((long)to).Name, Constant((long)axis).Name], axis == 1 ? to - from
        : x.Channels);

    /// <summary>Pads with zeros: the sizes before each dimension, then after each.</summary>
    internal GraphValue Pad(GraphValue x, int channels, int[] sides) =>
        Node("Pad", [x.Name, Constant(Array.ConvertAll(sides, s => (long)s)).Name], channels);

    /// <summary>Rearranges channels to squares of pixels; the index of the pixel in the square precedes the channel.</summary>
    internal GraphValue DepthToSpace(GraphValue x, int block) =>
        Node("DepthToSpace", [x.Name], x.Channels / (block * block), Int("blocksize", block));

    /// <summary>Resizes bilinearly to a size, with half-pixel centres.</summary>
    internal GraphValue ResizeTo(GraphValue x, int height, int width) =>
        Node("Resize", [x.Name, "", "", Constant(1, x.Channels, height, width).Name], x.Channels, new NodeSetting("mode", Text: "linear"),
        new NodeSetting("coordinate_transformation_mode", Text: "half_pixel"));

    /// <summary>Permutes the dimensions.</summary>
    public GraphValue Transpose(GraphValue x, params long[] order) =>
        Node("Transpose", [x.Name], 0, new NodeSetting("perm", Wholes: order));

    /// <summary>Reshapes a tensor; 0 keeps a dimension, -1 infers one.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="channels">The size of dimension 1 of the result.</param>
    /// <param name="shape">The shape.</param>
    public GraphValue Reshape(GraphValue x, int channels, params long[] shape) => Node("Reshape", [x.Name, Constant(shape).Name], channels);

    /// <summary>Reshapes a tensor to the shape of another with the same number of elements.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="like">The tensor with the new shape.</param>
    public GraphValue ReshapeLike(GraphValue x, GraphValue like) =>
        Node("Reshape", [x.Name, Node("Shape", [like.Name], 0).Name], like.Channels);

    /// <summary>Samples features at the points of a flow, bilinear, zero outside.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="flow">[N,h,w,2].</param>
    /// <param name="alignCorners">Whether -1 and 1 are pixel centres; depends on the model.</param>
    public GraphValue GridSample(GraphValue x, GraphValue flow, bool alignCorners) =>
        Node("GridSample", [x.Name, flow.Name], x.Channels, new NodeSetting("mode", Text: "bilinear"),
        new NodeSetting("padding_mode", Text: "zeros"), Int("align_corners", alignCorners ? 1 : 0));

    /// <summary>Resizes bilinearly and keeps the corners' centres.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="scale">The factor of both sides.</param>
    public GraphValue ResizeAligned(GraphValue x, float scale) =>
        Node("Resize", [x.Name, "", Constant(1f, 1f, scale, scale).Name], x.Channels, new NodeSetting("mode", Text: "linear"),
        new NodeSetting("coordinate_transformation_mode", Text: "align_corners"));

    /// <summary>Doubles every pixel in both directions.</summary>
    /// <param name="x">[N,C,H,W].</param>
    public GraphValue DoubleNearest(GraphValue x) =>
        Node("Resize", [x.Name, "", Constant(1f, 1f, 2f, 2f).Name], x.Channels, new NodeSetting("mode", Text: "nearest"),
            new NodeSetting("coordinate_transformation_mode", Text: "asymmetric"), new NodeSetting("nearest_mode", Text: "floor"));

    /// <summary>Adds a max pooling.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="kernel">The window's side.</param>
    /// <param name="stride">The stride.</param>
    /// <param name="ceil">Whether a window that extends over the edge counts.</param>
    public GraphValue MaxPool(GraphValue x, int kernel, int stride, bool ceil = false) =>
        Node("MaxPool", [x.Name], x.Channels, Ints("kernel_shape", kernel, kernel), Ints("strides", stride, stride),
        Int("ceil_mode", ceil ? 1 : 0));

    /// <summary>Adds a max pooling with separate padding for each side.</summary>
    internal GraphValue MaxPool(GraphValue x, int height, int width, int strideY, int strideX, long[] pads) =>
        Node("MaxPool", [x.Name], x.Channels, Ints("kernel_shape", height, width), Ints("strides", strideY, strideX), Ints("pads", pads));

    /// <summary>Adds an average pooling.</summary>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="kernel">The window's side and stride.</param>
    public GraphValue AveragePool(GraphValue x, int kernel) =>
        Node("AveragePool", [x.Name], x.Channels, Ints("kernel_shape", kernel, kernel), Ints("strides", kernel, kernel));

    /// <summary>Flattens each row to a vector [N,C].</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="channels">The vector's length.</param>
    public GraphValue Flatten(GraphValue x, int channels) => Node("Flatten", [x.Name], channels, Int("axis", 1));

    /// <summary>Adds a dense layer with biases.</summary>
    /// <param name="x">[N,C].</param>
    /// <param name="layer">The layer's name.</param>
    /// <param name="channels">The number of outputs.</param>
    public GraphValue Linear(GraphValue x, string layer, int channels) =>
        Node("Gemm", [x.Name, Weight(layer + ".weight", channels, x.Channels).Name, Weight(layer + ".bias", channels).Name], channels,
        Int("transB", 1));

    /// <summary>Repeats one row of weights [C] for each row of the data: [N,C].</summary>
    /// <param name="weight">The name of the weights.</param>
    /// <param name="channels">C.</param>
    /// <param name="like">A tensor [N,...].</param>
    public GraphValue RepeatRows(string weight, int channels, GraphValue like)
    {
        GraphValue shape = Node("Shape", [like.Name], 0);
        GraphValue rows = Node("Slice", [shape.Name, Constant(0L).Name, Constant(1L).Name], 0);
        GraphValue wanted = Node("Concat", [rows.Name, Constant((long)channels).Name], 0, Int("axis", 0));
        return Node("Expand", [Weight(weight, channels).Name, wanted.Name], channels);
    }

    /// <summary>Returns the finished graph.</summary>
    public NetworkGraph Build() => new(name, _inputs, _outputs, _weights, _constants, _nodes);

    private GraphValue Node(string op, string[] inputs, int channels, params NodeSetting[] attributes)
    {
        string output = Fresh(op);
        _nodes.Add(new GraphNode(op, inputs, [output], attributes));
        return new GraphValue(output, channels);
    }

    private string Scalar(float value)
    {
        string constant = Fresh("const");
        _constants.Add(new GraphConstant(constant, [], [value], null));
        return constant;
    }

    private string Fresh(string kind) => $"{kind}_{_count++}";

    private void Claim(string wanted)
    {
        if (!_names.Add(wanted))
            throw new ArgumentException($"Graph '{name}' already has '{wanted}'.", nameof(wanted));
    }

    private static NodeSetting Int(string attribute, long value) => new(attribute, Whole: value);

    private static NodeSetting Ints(string attribute, params long[] values) => new(attribute, Wholes: values);
}
