using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch;

/// <summary>Computes a <see cref="NetworkGraph"/> with libtorch for training, with the same definition, weights and names as in
/// ONNX.</summary>
internal sealed class GraphModule
{
    private readonly NetworkGraph _graph;
    private readonly IReadOnlyDictionary<string, Tensor> _weights;
    private readonly Dictionary<string, Tensor> _constants = [];
    private readonly bool _bfloat16;
    private readonly CheckedConvolutions _convolutions;

    /// <summary>Binds a graph to its weights.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Weights by name; may include weights of other graphs.</param>
    /// <param name="bfloat16">Whether convolutions are computed in bfloat16; inputs and outputs stay in single precision.</param>
    /// <param name="device">The device of the weights; null for the CPU.</param>
    /// <exception cref="ArgumentException">Weights are missing.</exception>
    public GraphModule(NetworkGraph graph, IReadOnlyDictionary<string, Tensor> weights, bool bfloat16 = false, Device? device = null)
        : this(graph, weights, bfloat16, device, convolutions: null)
    {
    }

    /// <param name="graph">The network.</param>
    /// <param name="weights">Weights by name; may include weights of other graphs.</param>
    /// <param name="bfloat16">Whether convolutions are computed in bfloat16.</param>
    /// <param name="device">The device of the weights; null for the CPU.</param>
    /// <param name="convolutions">Computes the convolutions; null for the instance that all networks on the device share.</param>
    internal GraphModule(NetworkGraph graph, IReadOnlyDictionary<string, Tensor> weights, bool bfloat16, Device? device,
        CheckedConvolutions? convolutions)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        if (graph.Weights.FirstOrDefault(w => !weights.ContainsKey(w.Name)) is { } missing)
            throw new ArgumentException($"Network '{graph.Name}' needs weights '{missing.Name}', which are missing.", nameof(weights));
        (_graph, _weights, _bfloat16) = (graph, weights, bfloat16);
        _convolutions = convolutions ?? new CheckedConvolutions(ConvolutionChoices.Shared(device ?? CPU));
        ScalarType type = graph.Weights.Count > 0 ? weights[graph.Weights[0].Name].dtype : ScalarType.Float32;
        // Sizes are read on the CPU, other constants are used on the device.
        HashSet<string> sizes = [.. graph.Nodes.Where(n => n.Operator == "Resize").Select(n => n.Inputs[2])];
        foreach (GraphConstant constant in graph.Constants)
        {
            using var scope = NewDisposeScope();
            long[] shape = [.. constant.Shape.Select(s => (long)s)];
            Tensor value = constant.Floats is null ? tensor(constant.Integers!) : sizes.Contains(constant.Name) ? tensor(constant.Floats)
                : AlignedTensor.Of(constant.Floats, device).to(type);
            _constants[constant.Name] = value.reshape(shape).DetachFromDisposeScope();
        }
    }

    /// <summary>Computes the network.</summary>
    /// <param name="inputs">Its inputs, in the order of <see cref="NetworkGraph.Inputs"/>.</param>
    /// <returns>Its outputs by name.</returns>
    public Dictionary<string, Tensor> Forward(params IReadOnlyList<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Count != _graph.Inputs.Count)
            throw new ArgumentException($"Network '{_graph.Name}' has {_graph.Inputs.Count} inputs, but {inputs.Count} were given.",
                nameof(inputs));
        var values = new Dictionary<string, Tensor>();
        for (int i = 0; i < inputs.Count; i++)
            values[_graph.Inputs[i].Name] = inputs[i];
        Tensor Value(string name) => values.TryGetValue(name, out Tensor? value) || _weights.TryGetValue(name, out value) ? value
            : _constants[name];
        foreach (GraphNode node in _graph.Nodes)
        {
            Tensor[] x = [.. node.Inputs.Select(name => name.Length == 0 ? null! : Value(name))];
            if (node.Operator == "Split")
            {
                Tensor[] parts = x[0].split(x[1].data<long>().ToArray(), node.Whole("axis", 0));
                for (int i = 0; i < parts.Length; i++)
                    values[node.Outputs[i]] = parts[i];
                continue;
            }
            bool narrow = _bfloat16 && (node.Operator is "Conv" or "ConvTranspose");
            values[node.Outputs[0]] = narrow ? Compute(node, [.. x.Select(t => t.to(ScalarType.BFloat16))]).to(ScalarType.Float32)
                : Compute(node, x);
        }
        return _graph.Outputs.ToDictionary(o => o.Name, o => values[o.Name]);
    }

    private Tensor Compute(GraphNode node, Tensor[] x) => node.Operator switch
    {
        "Identity" => x[0],
        "Conv" or "ConvTranspose" => _convolutions.Compute(node, x[0], x[1], x.Length > 2 ? x[2] : null),
        "InstanceNormalization" => nn.functional.instance_norm(x[0], weight: x[1], bias: x[2], use_input_stats: true,
            eps: node.Find("epsilon")!.Number!.Value),
        "BatchNormalization" => nn.functional.batch_norm(x[0], x[3], x[4], x[1], x[2], training: false,
            eps: node.Find("epsilon")!.Number!.Value),
        "Relu" => x[0].relu(),
        "LeakyRelu" => nn.functional.leaky_relu(x[0], node.Find("alpha")!.Number!.Value),
        "Sigmoid" => x[0].sigmoid(),
        "Tanh" => x[0].tanh(),
        "Softmax" => x[0].softmax(node.Whole("axis", -1)),
        "Add" => x[0] + x[1],
        "Sub" => x[0] - x[1],
        "Mul" => x[0] * x[1],
        "MatMul" => x[0].matmul(x[1]),
        "Clip" => x[0].clamp(x[1], x[2]),
        "Concat" => cat(x, node.Whole("axis", 0)),
        "Transpose" => x[0].permute(node.Wholes("perm")),
        "Reshape" => x[0].reshape(Shape(x[0], x[1].data<long>().ToArray())),
        "GridSample" => nn.functional.grid_sample(x[0], x[1], mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Zeros,
            align_corners: node.Whole("align_corners", 0) == 1),
        "Resize" => Resize(node, x),
        "MaxPool" => nn.functional.max_pool2d(x[0], node.Wholes("kernel_shape"), strides: node.Wholes("strides"), padding: Padding(node),
            ceil_mode: node.Whole("ceil_mode", 0) == 1),
        "AveragePool" => nn.functional.avg_pool2d(x[0], node.Wholes("kernel_shape"), stride: node.Wholes("strides")),
        "Flatten" => x[0].flatten(node.Whole("axis", 1)),
        "Gemm" => nn.functional.linear(x[0], x[1], x[2]),
        "Shape" => tensor(x[0].shape),
        "Slice" => x[0][TensorIndex.Slice(x[1].item<long>(), x[2].item<long>())],
        "Expand" => x[0].expand(x[1].data<long>().ToArray()),
        _ => throw new NotSupportedException($"Operator {node.Operator} is not supported."),
    };

    private static Tensor Resize(GraphNode node, Tensor[] x)
    {
        float[] scales = x[2].data<float>().ToArray();
        long[] size = [(long)(x[0].shape[2] * scales[2]), (long)(x[0].shape[3] * scales[3])];
        return node.Find("mode")!.Text == "nearest"
            ? nn.functional.interpolate(x[0], size, mode: InterpolationMode.Nearest)
            : nn.functional.interpolate(x[0], size, mode: InterpolationMode.Bilinear, align_corners: true);
    }

    // ONNX specifies the padding of each side, torch one value for both.
    private static long[] Padding(GraphNode node) => node.Find("pads") is null
        ? [0, 0]
        : node.Wholes("pads") is [var top, var left, var bottom, var right] && top == bottom && left == right
            ? [top, left]
            : throw new NotSupportedException($"{node.Operator} with different padding on opposite sides is not supported.");

    // In ONNX, 0 keeps a dimension.
    private static long[] Shape(Tensor x, long[] wanted) => [.. wanted.Select((side, axis) => side == 0 ? x.shape[axis] : side)];
}
