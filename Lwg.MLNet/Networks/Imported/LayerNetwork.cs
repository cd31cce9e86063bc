using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Networks.Imported;

/// <summary>
/// Converts a graph of imported layers to a network of this library with its weights. Pictures become [1, channels, rows, columns]; other
/// tensors keep the original order.
/// </summary>
internal sealed class LayerNetwork
{
    // The position of each dimension of [1, rows, columns, channels] in [1, channels, rows, columns].
    private static readonly int[] s_place = [0, 2, 3, 1];

    private readonly LayerGraph _layers;
    private readonly GraphBuilder _builder;
    private readonly Dictionary<int, GraphValue> _values = [];
    private int _convolutions;

    private LayerNetwork(LayerGraph layers, string name) => (_layers, _builder) = (layers, new GraphBuilder(name));

    /// <summary>The weights.</summary>
    public ArrayWeights Weights { get; } = new();

    /// <summary>The network.</summary>
    public NetworkGraph Graph => _builder.Build();

    /// <summary>Whether float16 stores all weights without loss.</summary>
    public bool FitsHalves { get; private set; } = true;

    /// <summary>Converts the network; layers that no output needs are omitted.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="name">The network's name.</param>
    /// <param name="input">The name of its only input.</param>
    /// <param name="outputs">The output tensors and their names.</param>
    public static LayerNetwork Build(LayerGraph layers, string name, string input, params (string Name, int Tensor)[] outputs)
    {
        var network = new LayerNetwork(layers, name);
        bool[] needed = Needed(layers, outputs.Select(o => o.Tensor));
        for (int tensor = 0; tensor < layers.Count; tensor++)
        {
            if (needed[tensor])
                network._values[tensor] = layers.MakerOf(tensor) is { } layer ? network.Make(layer, tensor)
                    : network._builder.Input(input, network.Shape(tensor));
        }
        foreach ((string output, int tensor) in outputs)
            network._builder.Output(network._values[tensor], output, network.Shape(tensor));
        return network;
    }

    private static bool[] Needed(LayerGraph layers, IEnumerable<int> outputs)
    {
        bool[] needed = new bool[layers.Count];
        foreach (int output in outputs)
            needed[output] = true;
        for (int tensor = layers.Count - 1; tensor >= 0; tensor--)
        {
            if (needed[tensor] && layers.MakerOf(tensor) is { } layer)
                Array.ForEach(layer.Inputs, i => needed[i] = true);
        }
        return needed;
    }

    private GraphValue Make(Layer layer, int tensor)
    {
        GraphValue x = _values[layer.Inputs[0]];
        int[] from = _layers.ShapeOf(layer.Inputs[0]), to = _layers.ShapeOf(tensor);
        return layer switch
        {
            ConvolutionLayer convolution => Convolution(convolution, x, from),
            MaxPoolLayer { Window: var window } =>
                _builder.MaxPool(x, window.Height, window.Width, window.StrideY, window.StrideX, Padding(window, from)),
            AddLayer { B: var b } => _builder.Add(x, _values[b]),
            ActivationLayer { Activation: Activation.Relu } => _builder.Relu(x),
            ActivationLayer { Activation: Activation.Relu6 } => _builder.Clip(x, 0, 6),
            SigmoidLayer => _builder.Sigmoid(x),
            PadLayer { Before: var before, After: var after } => _builder.Pad(x, to[^1], [.. Ours(before), .. Ours(after)]),
            ResizeLayer => _builder.ResizeTo(x, to[1], to[2]),
            ReshapeLayer => Reshape(x, from, to),
            ConcatLayer { Axis: var axis } =>
                _builder.Concat(to.Length == 4 ? s_place[axis]
                : axis, [.. layer.Inputs.Select(i => _values[i])]) with { Channels = to[^1] },
            DepthToSpaceLayer { Block: var block } => _builder.DepthToSpace(x, block),
            SliceLayer { From: var first, To: var end } => _builder.Slice(x, to.Length == 4 ? 1 : to.Length - 1, first, end),
            _ => throw new NotSupportedException($"Layers {layer.GetType().Name} cannot be written."),
        };
    }

    private GraphValue Convolution(ConvolutionLayer layer, GraphValue x, int[] from)
    {
        (Kernel kernel, Window window) = (layer.Kernel, layer.Window);
        string name = $"conv_{_convolutions++}";
        Set(name + ".weight", [kernel.Channels, from[3] / kernel.Groups, window.Height, window.Width], kernel.Weights);
        if (kernel.Bias is { } bias)
            Set(name + ".bias", [kernel.Channels], bias);
        return _builder.Conv(x, name, kernel.Channels, kernel.Groups, window.Height, window.Width, window.StrideY, window.StrideX,
            Padding(window, from), kernel.Bias is not null);
    }

    private void Set(string name, int[] shape, float[] values)
    {
        Weights.Set(name, shape, values);
        FitsHalves &= Array.TrueForAll(values, v => (float)(Half)v == v);
    }

    // Top, left, bottom, right, as in ONNX.
    private static long[] Padding(Window window, int[] from)
    {
        (int top, int bottom) = Window.Padding(from[1], window.Height, window.StrideY, window.Same);
        (int left, int right) = Window.Padding(from[2], window.Width, window.StrideX, window.Same);
        return [top, left, bottom, right];
    }

    // The elements are in the order of rows, columns, channels: a reshape is only valid in that order.
    private GraphValue Reshape(GraphValue x, int[] from, int[] to)
    {
        bool Turned(int[] shape) => shape.Length == 4 && shape[3] > 1 && (shape[1] > 1 || shape[2] > 1);
        if (Turned(from))
            x = _builder.Transpose(x, 0, 2, 3, 1);
        if (!Turned(to))
            return _builder.Reshape(x, to[^1], Array.ConvertAll(Ours(to), s => (long)s));
        x = _builder.Reshape(x, to[1], Array.ConvertAll(to, s => (long)s));
        return _builder.Transpose(x, 0, 3, 1, 2) with { Channels = to[3] };
    }

    private int[] Shape(int tensor) => Ours(_layers.ShapeOf(tensor));

    private static int[] Ours(int[] values) => values.Length == 4 ? [values[0], values[3], values[1], values[2]] : values;
}
