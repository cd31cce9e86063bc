using System.Buffers.Binary;

namespace Lwg.MLNet.Networks.Imported;

/// <summary>Reads a TensorFlow Lite file (.tflite, schema version 3) of a network with one picture as input, weights of 16 or 32 bits,
/// and the layers of <see cref="Operator"/>.</summary>
internal sealed class TfLiteFile
{
    /// <summary>The supported operators of TensorFlow Lite, by their codes.</summary>
    private enum Operator
    {
        Add = 0,
        Concatenation = 2,
        Conv2D = 3,
        DepthwiseConv2D = 4,
        DepthToSpace = 5,
        Dequantize = 6,
        Logistic = 14,
        MaxPool2D = 17,
        Relu = 19,
        Relu6 = 21,
        Reshape = 22,
        ResizeBilinear = 23,
        Pad = 34,
        Densify = 124,
    }

    private const int SchemaVersion = 3, MostTensors = 20_000, MostInputs = 64;

    // Values of TensorType.
    private const byte Float32 = 0, Float16 = 1, Int32 = 2;

    private readonly string _file;
    private readonly LayerGraph _graph;
    private readonly FlatTable[] _tensors, _buffers;
    private readonly Dictionary<int, int> _made = [];
    private readonly Dictionary<int, float[]> _expanded = [];
    private long _weights;

    private TfLiteFile(string file, FlatTable[] tensors, FlatTable[] buffers) =>
        (_file, _tensors, _buffers, _graph) = (file, tensors, buffers, new LayerGraph(file));

    /// <summary>Returns whether bytes begin like a TensorFlow Lite file.</summary>
    public static bool IsTfLite(ReadOnlySpan<byte> bytes) => bytes.Length >= 8 && bytes[4..8].SequenceEqual("TFL3"u8);

    /// <summary>Reads the network.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">Its name, for error messages.</param>
    /// <returns>The layers, and the output tensors.</returns>
    /// <exception cref="ModelFileException">The file is damaged or contains unsupported elements.</exception>
    public static (LayerGraph Graph, int[] Outputs) Read(byte[] bytes, string file)
    {
        if (!IsTfLite(bytes))
            throw new ModelFileException(file, null, "it is not a TensorFlow Lite file: it does not begin with TFL3.");
        try
        {
            FlatTable model = FlatTable.Root(bytes);
            if (model.Int(0) != SchemaVersion)
                throw new ModelFileException(file, "version", $"it is {model.Int(0)}; this version reads {SchemaVersion}.");
            FlatTable[] codes = model.Children(1, 1000), graphs = model.Children(2, 16);
            if (graphs.Length != 1)
                throw new ModelFileException(file, "subgraphs", $"there are {graphs.Length}; one is allowed.");
            var reader = new TfLiteFile(file, graphs[0].Children(0, MostTensors), model.Children(4, MostTensors));
            return (reader._graph, reader.ReadGraph(graphs[0], codes));
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new ModelFileException(file, null, "it is damaged or truncated: an offset or a length points outside of it.", e);
        }
    }

    private int[] ReadGraph(FlatTable graph, FlatTable[] codes)
    {
        int[] inputs = graph.Ints<int>(1), outputs = graph.Ints<int>(2);
        if (inputs.Length != 1)
            throw new ModelFileException(_file, "inputs", $"there are {inputs.Length}; one is allowed.");
        _made[inputs[0]] = _graph.AddInput(NameOf(inputs[0]), ShapeOf(inputs[0]));
        foreach (FlatTable node in graph.Children(3, LayerGraph.MostLayers))
            ReadNode(node, codes);
        return Array.ConvertAll(outputs, Made);
    }

    private void ReadNode(FlatTable node, FlatTable[] codes)
    {
        FlatTable code = codes[node.Int(0)];
        // Codes above 127 are in the wide field; older files only have the narrow one.
        var kind = (Operator)Math.Max(code.Int(3), code.Byte(0));
        int[] inputs = node.Ints<int>(1), outputs = node.Ints<int>(2);
        string name = outputs.Length == 1 ? NameOf(outputs[0]) : "a node";
        if (!Enum.IsDefined(kind))
            throw new ModelFileException(_file, name,
                $"its operator has the code {(int)kind}{(code.Text(1) is { Length: > 0 } custom ? $" ('{custom}')" : "")}; supported are "
                + $"{string.Join(", ", Enum.GetValues<Operator>().Select(o => $"{o} ({(int)o})"))}.");
        (int least, int most) = kind switch
        {
            Operator.Conv2D or Operator.DepthwiseConv2D => (2, 3),
            Operator.Add or Operator.Pad or Operator.ResizeBilinear => (2, 2),
            Operator.Reshape => (1, 2),
            Operator.Concatenation => (1, MostInputs),
            _ => (1, 1),
        };
        if (outputs.Length != 1 || inputs.Length < least || inputs.Length > most)
            throw new ModelFileException(_file, name, $"a {kind} with {inputs.Length} inputs and {outputs.Length} outputs is not allowed.");
        if (_made.ContainsKey(outputs[0]) || _expanded.ContainsKey(outputs[0]) || !Constant(outputs[0]).IsEmpty)
            throw new ModelFileException(_file, name, "it is made twice.");
        if (kind is Operator.Dequantize or Operator.Densify)
        {
            _expanded[outputs[0]] = Floats(inputs[0]);
            return;
        }
        FlatTable? options = node.Child(4);
        int made = Layer(kind, name, inputs, options);
        if (!_graph.ShapeOf(made).SequenceEqual(ShapeOf(outputs[0])))
            throw new ModelFileException(_file, name,
                $"it is declared as [{string.Join(",", ShapeOf(outputs[0]))}], but the layer makes "
                + $"[{string.Join(",", _graph.ShapeOf(made))}].");
        _made[outputs[0]] = made;
    }

    private int Layer(Operator kind, string name, int[] inputs, FlatTable? options)
    {
        switch (kind)
        {
            case Operator.Conv2D or Operator.DepthwiseConv2D:
                return Convolution(kind == Operator.DepthwiseConv2D, name, inputs, Needed(options, name));
            case Operator.Add:
                return Activated(name, _graph.Add(new AddLayer(name, Made(inputs[0]), Made(inputs[1]))), options?.Byte(0) ?? 0);
            case Operator.Concatenation:
            {
                int[] parts = Array.ConvertAll(inputs, Made);
                int rank = _graph.ShapeOf(parts[0]).Length, axis = options?.Int(0) ?? 0;
                return Activated(name, _graph.Add(new ConcatLayer(name, parts, axis < 0 ? axis + rank : axis)), options?.Byte(1) ?? 0);
            }
            case Operator.DepthToSpace:
                return _graph.Add(new DepthToSpaceLayer(name, Made(inputs[0]), Needed(options, name).Int(0)));
            case Operator.Logistic:
                return _graph.Add(new SigmoidLayer(name, Made(inputs[0])));
            case Operator.MaxPool2D:
            {
                FlatTable pool = Needed(options, name);
                return Activated(name, _graph.Add(
                    new MaxPoolLayer(name, Made(inputs[0]),
                    new Window(pool.Int(4), pool.Int(3), pool.Int(2), pool.Int(1), Same(pool, name)))), pool.Byte(5));
            }
            case Operator.Relu:
                return _graph.Activate(name, Made(inputs[0]), Activation.Relu);
            case Operator.Relu6:
                return _graph.Activate(name, Made(inputs[0]), Activation.Relu6);
            case Operator.Reshape:
                return _graph.Add(new ReshapeLayer(name, Made(inputs[0]), inputs.Length == 2 ? Integers(inputs[1])
                    : Needed(options, name).Ints<int>(0)));
            case Operator.ResizeBilinear:
                return Resize(name, inputs, Needed(options, name));
            default:
            {
                int[] sides = Integers(inputs[1]);
                return _graph.Add(new PadLayer(name, Made(inputs[0]), [.. sides.Where((_, i) => i % 2 == 0)],
                    [.. sides.Where((_, i) => i % 2 == 1)]));
            }
        }
    }

    private int Resize(string name, int[] inputs, FlatTable options)
    {
        if (options.Byte(2) != 0 || options.Byte(3) == 0)
            throw new ModelFileException(_file, name,
                "it resizes with aligned corners or without half pixel centres; half pixel centres are supported.");
        return Integers(inputs[1]) is [var height, var width] ? _graph.Add(new ResizeLayer(name, Made(inputs[0]), height, width))
            : throw new ModelFileException(_file, name, "it needs rows and columns.");
    }

    private int Convolution(bool depthwise, string name, int[] inputs, FlatTable options)
    {
        if (options.Int(depthwise ? 5 : 4, 1) != 1 || options.Int(depthwise ? 6 : 5, 1) != 1)
            throw new ModelFileException(_file, name, "it is dilated; a dilation of 1 is supported.");
        int x = Made(inputs[0]);
        if (ShapeOf(inputs[1]) is not [var first, var height, var width, var last])
            throw new ModelFileException(_file, name, "its weights do not have four dimensions.");
        float[] weights = Floats(inputs[1]);
        float[]? bias = inputs.Length == 3 && inputs[2] != -1 ? Floats(inputs[2]) : null;
        Kernel kernel;
        if (depthwise)
        {
            // [1, rows, columns, channels]: each channel of the picture has its own kernel.
            if (first != 1)
                throw new ModelFileException(_file, name,
                    $"the weights of a depthwise convolution begin with the dimension 1, not {first}.");
            kernel = new Kernel(last, _graph.ShapeOf(x)[^1], KernelOrder.Exchanged(weights, 1, height * width, last), bias);
        }
        else
        {
            kernel = new Kernel(first, 1, KernelOrder.Exchanged(weights, first, height * width, last), bias);
        }
        int made = _graph.Add(new ConvolutionLayer(name, x, kernel,
            new Window(height, width, options.Int(2), options.Int(1), Same(options, name))));
        return Activated(name, made, options.Byte(depthwise ? 4 : 3));
    }

    private int Activated(string name, int tensor, byte activation) => activation switch
    {
        0 => tensor,
        1 => _graph.Activate(name, tensor, Activation.Relu),
        3 => _graph.Activate(name, tensor, Activation.Relu6),
        _ => throw new ModelFileException(_file, name,
            $"its activation has the code {activation}; supported are 0 (none), 1 (ReLU) and 3 (ReLU6)."),
    };

    private bool Same(FlatTable options, string name) => options.Byte(0) switch
    {
        0 => true,
        1 => false,
        var padding => throw new ModelFileException(_file, name,
            $"its padding has the code {padding}; supported are 0 (same) and 1 (valid)."),
    };

    private FlatTable Needed(FlatTable? options, string name) =>
        options ?? throw new ModelFileException(_file, name, "its options are missing.");

    private int Made(int tensor) => _made.TryGetValue(tensor, out int made) ? made
        : throw new ModelFileException(_file, NameOf(tensor),
        "it is read before anything has made it, or it is weights where a picture is needed.");

    private string NameOf(int tensor) => _tensors[tensor].Text(3) is { Length: > 0 } name ? name : $"tensor {tensor}";

    private int[] ShapeOf(int tensor)
    {
        int[] shape = _tensors[tensor].Ints<int>(0);
        if (shape.Length > 4 || Array.Exists(shape, s => s is < 1 or > LayerGraph.LargestSide)
            || shape.Aggregate(1L, (product, side) => product * side) > LayerGraph.MostElements)
            throw new ModelFileException(_file, NameOf(tensor),
                $"its shape is [{string.Join(",", shape.Take(10))}]; at most 4 dimensions of 1 to {LayerGraph.LargestSide} and "
                + $"{LayerGraph.MostElements} elements are allowed.");
        return shape;
    }

    private ReadOnlyMemory<byte> Constant(int tensor) => _buffers[_tensors[tensor].Int(2)].Bytes(0);

    private int[] Integers(int tensor)
    {
        ReadOnlySpan<byte> bytes = Constant(tensor).Span;
        if (_tensors[tensor].Byte(1) != Int32 || bytes.Length is 0 or > 64 || bytes.Length % 4 != 0)
            throw new ModelFileException(_file, NameOf(tensor), "up to 16 integers of 32 bits that the file contains are needed.");
        int[] values = new int[bytes.Length / 4];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]);
        return values;
    }

    /// <summary>Reads weights as floats; they are stored as 32 bits, as 16 bits, or sparsely.</summary>
    private float[] Floats(int tensor)
    {
        if (_expanded.TryGetValue(tensor, out float[]? expanded))
            return expanded;
        (ReadOnlyMemory<byte> bytes, byte type) = (Constant(tensor), _tensors[tensor].Byte(1));
        if (type is not (Float32 or Float16) || bytes.IsEmpty)
            throw new ModelFileException(_file, NameOf(tensor), type is Float32 or Float16 ? "it contains no weights."
                : $"its type has the code {type}; supported are 0 (32 bits) and 1 (16 bits).");
        int width = type == Float16 ? 2 : 4;
        int[] shape = ShapeOf(tensor);
        long count = shape.Aggregate(1L, (product, side) => product * side);
        FlatTable? sparsity = _tensors[tensor].Child(6);
        if (bytes.Length % width != 0 || sparsity is null && bytes.Length != count * width)
            throw new ModelFileException(_file, NameOf(tensor),
                $"it has {bytes.Length} bytes; [{string.Join(",", shape)}] of {width} bytes is declared.");
        _weights += count;
        if (_weights > LayerGraph.MostWeights)
            throw new ModelFileException(_file, NameOf(tensor), $"the file has more than {LayerGraph.MostWeights} weights.");
        float[] values = LittleEndian.Floats(bytes.Span, half: width == 2);
        if (sparsity is not { } parameters)
            return values;
        try
        {
            return SparseWeights.Expand(parameters, shape, values);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(_file, NameOf(tensor), "its sparse weights cannot be read: " + e.Message, e);
        }
    }
}
