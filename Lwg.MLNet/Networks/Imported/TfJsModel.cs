using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Lwg.MLNet.Networks.Imported;

/// <summary>
/// Reads a TensorFlow.js graph model: a JSON file with nodes and a list of weights, and the weights file, with 16 or 32 bits each. Shapes
/// that the graph computes from others are evaluated when it is read, because all sizes are known.
/// </summary>
internal sealed class TfJsModel
{
    private const int LargestJson = 16 << 20, MostInputs = 64;

    private readonly string _file;
    private readonly LayerGraph _graph;
    private readonly Dictionary<string, JsonElement> _nodes = [];
    private readonly Dictionary<string, Weight> _weights = [];
    private readonly Dictionary<string, int> _made = [];
    private readonly Dictionary<string, int[]> _computed = [];

    private TfJsModel(string file) => (_file, _graph) = (file, new LayerGraph(file));

    /// <summary>Reads the network.</summary>
    /// <param name="json">The JSON file.</param>
    /// <param name="weights">Reads the weights file by the name in the JSON file.</param>
    /// <param name="file">The JSON file's name, for error messages.</param>
    /// <returns>The layers, and the output tensors.</returns>
    /// <exception cref="ModelFileException">The model is damaged or contains unsupported elements.</exception>
    public static (LayerGraph Graph, int[] Outputs) Read(ReadOnlyMemory<byte> json, Func<string, byte[]> weights, string file)
    {
        if (json.Length > LargestJson)
            throw new ModelFileException(file, null, $"it has {json.Length} bytes; at most {LargestJson} are allowed.");
        try
        {
            using JsonDocument document = OutsideJson.Parse(json);
            var model = new TfJsModel(file);
            return (model._graph, model.Read(document.RootElement, weights));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException
        or OverflowException)
        {
            throw new ModelFileException(file, null, "it is damaged, or not a graph model of TensorFlow.js: " + e.Message, e);
        }
    }

    private int[] Read(JsonElement root, Func<string, byte[]> weights)
    {
        if (Text(root, "format") != "graph-model")
            throw new ModelFileException(_file, "format", $"it is '{Text(root, "format")}'; 'graph-model' is supported.");
        ReadWeights(root.GetProperty("weightsManifest"), weights);
        JsonElement nodes = root.GetProperty("modelTopology").GetProperty("node");
        if (nodes.GetArrayLength() > 2 * LayerGraph.MostLayers)
            throw new ModelFileException(_file, "node",
                $"there are {nodes.GetArrayLength()}; at most {2 * LayerGraph.MostLayers} are allowed.");
        foreach (JsonElement node in nodes.EnumerateArray())
        {
            if (!_nodes.TryAdd(Text(node, "name"), node))
                throw new ModelFileException(_file, Text(node, "name"), "it is defined twice.");
        }
        foreach (string name in Ordered())
            Make(name, _nodes[name]);
        JsonElement outputs = root.GetProperty("signature").GetProperty("outputs");
        return [.. outputs.EnumerateObject().Select(o => Made(Bare(Text(o.Value, "name"))))];
    }

    private void ReadWeights(JsonElement manifest, Func<string, byte[]> files)
    {
        long count = 0;
        foreach (JsonElement group in manifest.EnumerateArray())
        {
            JsonElement paths = group.GetProperty("paths");
            if (paths.GetArrayLength() != 1)
                throw new ModelFileException(_file, "weightsManifest",
                    $"its weights are in {paths.GetArrayLength()} files; one for each group is supported.");
            byte[] bytes = files(paths[0].GetString() ?? "");
            int at = 0;
            foreach (JsonElement weight in group.GetProperty("weights").EnumerateArray())
            {
                string name = Text(weight, "name"), type = Text(weight, "dtype");
                int[] shape = [.. weight.GetProperty("shape").EnumerateArray().Take(5).Select(s => s.GetInt32())];
                if (shape.Length > 4 || Array.Exists(shape, s => s is < 1 or > LayerGraph.LargestSide))
                    throw new ModelFileException(_file, name,
                        $"its shape is [{string.Join(",", shape)}]; at most 4 dimensions of 1 to {LayerGraph.LargestSide} are allowed.");
                string stored = weight.TryGetProperty("quantization", out JsonElement quantization) ? Text(quantization, "dtype") : type;
                int width = (type, stored) switch
                {
                    ("float32", "float32") or ("int32", "int32") => 4,
                    ("float32", "float16") => 2,
                    _ => throw new ModelFileException(_file, name,
                        $"it is stored as {stored} of {type}; float32, int32, and float16 of float32 are supported."),
                };
                long elements = shape.Aggregate(1L, (product, side) => product * side);
                count += elements;
                if (count > LayerGraph.MostWeights || elements * width > bytes.Length - at)
                    throw new ModelFileException(_file, name,
                        $"its {elements} values of {width} bytes are not in the weights' file, or there are more than "
                        + $"{LayerGraph.MostWeights} in all.");
                if (!_weights.TryAdd(name, new Weight(shape, type == "int32", width == 2, bytes.AsMemory(at, (int)elements * width))))
                    throw new ModelFileException(_file, name, "its weights are defined twice.");
                at += (int)elements * width;
            }
            if (at != bytes.Length)
                throw new ModelFileException(_file, "weightsManifest", $"the weights' file has {bytes.Length} bytes; {at} are described.");
        }
    }

    /// <summary>Returns the nodes in topological order.</summary>
    private List<string> Ordered()
    {
        var open = _nodes.ToDictionary(n => n.Key, n => InputsOf(n.Key, n.Value));
        var readers = new Dictionary<string, List<string>>();
        var missing = new Dictionary<string, int>();
        foreach ((string name, string[] inputs) in open)
        {
            missing[name] = inputs.Length;
            foreach (string input in inputs)
            {
                if (!_nodes.ContainsKey(input))
                    throw new ModelFileException(_file, name, $"it reads '{input}', which is missing.");
                (readers.TryGetValue(input, out List<string>? list) ? list : readers[input] = []).Add(name);
            }
        }
        var ready = new Queue<string>(open.Keys.Where(n => missing[n] == 0));
        var ordered = new List<string>();
        while (ready.TryDequeue(out string? next))
        {
            ordered.Add(next);
            foreach (string reader in readers.GetValueOrDefault(next, []))
            {
                if (--missing[reader] == 0)
                    ready.Enqueue(reader);
            }
        }
        return ordered.Count == _nodes.Count ? ordered
            : throw new ModelFileException(_file, open.Keys.First(n => missing[n] > 0), "it reads its own output through other nodes.");
    }

    private string[] InputsOf(string name, JsonElement node)
    {
        if (!node.TryGetProperty("input", out JsonElement input))
            return [];
        if (input.GetArrayLength() > MostInputs)
            throw new ModelFileException(_file, name, $"it has {input.GetArrayLength()} inputs; at most {MostInputs} are allowed.");
        return [.. input.EnumerateArray().Select(i => Bare(i.GetString() ?? ""))];
    }

    // 'name:0' is the first output of a node, and all supported nodes have one output.
    private static string Bare(string name) => name.EndsWith(":0", StringComparison.Ordinal) ? name[..^2] : name;

    private void Make(string name, JsonElement node)
    {
        string op = Text(node, "op");
        string[] inputs = InputsOf(name, node);
        int needed = op switch
        {
            "Const" or "Placeholder" => 0,
            "_FusedConv2D" or "FusedDepthwiseConv2dNative" or "Pack" or "ConcatV2" => inputs.Length,
            "StridedSlice" => 4,
            "Conv2D" or "DepthwiseConv2dNative" or "AddV2" or "Pad" or "ResizeBilinear" or "Reshape" => 2,
            _ => 1,
        };
        if (inputs.Length != needed)
            throw new ModelFileException(_file, name, $"a {op} with {inputs.Length} inputs is not allowed.");
        switch (op)
        {
            case "Const":
                break;
            case "Placeholder":
                if (_graph.Count > 0)
                    throw new ModelFileException(_file, name, "it is a second input; one is allowed.");
                _made[name] = _graph.AddInput(name,
                    [.. node.GetProperty("attr").GetProperty("shape").GetProperty("shape").GetProperty("dim").EnumerateArray().Take(5)
                        .Select(d => Math.Abs(Whole(d.GetProperty("size"))))]);
                break;
            case "Shape":
                _computed[name] = _graph.ShapeOf(Made(inputs[0]));
                break;
            case "StridedSlice":
                _computed[name] = [Element(name, node, inputs)];
                break;
            case "Pack":
                _computed[name] = [.. inputs.Select(i =>
                    Integers(i) is [var one] ? one
                    : throw new ModelFileException(_file, name, $"it packs '{i}', which is not a single number."))];
                break;
            default:
                _made[name] = Layer(op, name, node, inputs);
                break;
        }
    }

    private int Layer(string op, string name, JsonElement node, string[] inputs) => op switch
    {
        "_FusedConv2D" or "Conv2D" => Convolution(name, node, inputs, depthwise: false),
        "FusedDepthwiseConv2dNative" or "DepthwiseConv2dNative" => Convolution(name, node, inputs, depthwise: true),
        "AddV2" => _graph.Add(new AddLayer(name, Made(inputs[0]), Made(inputs[1]))),
        "Relu" => _graph.Activate(name, Made(inputs[0]), Activation.Relu),
        "Relu6" => _graph.Activate(name, Made(inputs[0]), Activation.Relu6),
        "Sigmoid" => _graph.Add(new SigmoidLayer(name, Made(inputs[0]))),
        "Identity" => Made(inputs[0]),
        "Pad" when Integers(inputs[1]) is var sides =>
            _graph.Add(new PadLayer(name, Made(inputs[0]), [.. sides.Where((_, i) => i % 2 == 0)], [.. sides.Where((_, i) => i % 2 == 1)])),
        "MaxPool" => MaxPool(name, node, inputs),
        "ResizeBilinear" => Resize(name, node, inputs),
        "Reshape" => _graph.Add(new ReshapeLayer(name, Made(inputs[0]), Integers(inputs[1]))),
        "DepthToSpace" => _graph.Add(new DepthToSpaceLayer(name, Made(inputs[0]), Whole(Attribute(node, "block_size").GetProperty("i")))),
        "ConcatV2" => Concat(name, inputs),
        _ => throw new ModelFileException(_file, name, $"its operator is '{op}', which is not supported."),
    };

    private int Concat(string name, string[] inputs)
    {
        if (inputs.Length < 2 || Integers(inputs[^1]) is not [var axis])
            throw new ModelFileException(_file, name, "it does not name the dimension to join along.");
        int[] parts = [.. inputs[..^1].Select(Made)];
        return _graph.Add(new ConcatLayer(name, parts, axis < 0 ? axis + _graph.ShapeOf(parts[0]).Length : axis));
    }

    private int MaxPool(string name, JsonElement node, string[] inputs)
    {
        CheckLayout(name, node);
        int[] size = List(node, "ksize"), strides = List(node, "strides");
        if (size is not [1, var height, var width, 1] || strides is not [1, var strideY, var strideX, 1])
            throw new ModelFileException(_file, name, "its window covers several pictures or channels.");
        return _graph.Add(new MaxPoolLayer(name, Made(inputs[0]), new Window(height, width, strideY, strideX, Same(name, node))));
    }

    private int Resize(string name, JsonElement node, string[] inputs)
    {
        if (Flag(node, "align_corners") || !Flag(node, "half_pixel_centers"))
            throw new ModelFileException(_file, name,
                "it resizes with aligned corners or without half pixel centres; half pixel centres are supported.");
        return Integers(inputs[1]) is [var height, var width] ? _graph.Add(new ResizeLayer(name, Made(inputs[0]), height, width))
            : throw new ModelFileException(_file, name, "it needs rows and columns.");
    }

    private int Convolution(string name, JsonElement node, string[] inputs, bool depthwise)
    {
        CheckLayout(name, node);
        if (inputs.Length is not (2 or 3) || List(node, "strides") is not [1, var strideY, var strideX, 1]
            || List(node, "dilations").Any(d => d != 1))
            throw new ModelFileException(_file, name,
                "convolutions with two or three inputs, strides over rows and columns and a dilation of 1 are supported.");
        Weight weight = WeightOf(inputs[1]);
        if (weight.Shape is not [var height, var width, var read, var last])
            throw new ModelFileException(_file, name, "its weights do not have four dimensions.");
        (bool biased, Activation activation) = Fused(name, node, inputs.Length == 3);
        float[]? bias = biased ? Floats(inputs[2]) : null;
        float[] values = Floats(inputs[1]);
        Kernel kernel = depthwise ? new Kernel(read * last, read, KernelOrder.Exchanged(values, 1, height * width, read * last), bias)
            : new Kernel(last, 1, KernelOrder.Reversed(values, height * width, read, last), bias);
        return _graph.Activate(name, _graph.Add(
            new ConvolutionLayer(name, Made(inputs[0]), kernel, new Window(height, width, strideY, strideX, Same(name, node)))),
            activation);
    }

    private (bool Biased, Activation Activation) Fused(string name, JsonElement node, bool biased)
    {
        string[] fused = node.GetProperty("attr").TryGetProperty("fused_ops", out JsonElement ops)
            && ops.GetProperty("list").TryGetProperty("s", out JsonElement list)
            ? [.. list.EnumerateArray().Take(4).Select(Decoded)] : [];
        return (fused, biased) switch
        {
            ([], false) => (false, Activation.None),
            (["BiasAdd"], true) => (true, Activation.None),
            (["BiasAdd", "Relu"], true) => (true, Activation.Relu),
            (["BiasAdd", "Relu6"], true) => (true, Activation.Relu6),
            _ => throw new ModelFileException(_file, name,
                $"it is fused with {string.Join(", ", fused)}; BiasAdd, and after it Relu or Relu6, are supported."),
        };
    }

    private bool Same(string name, JsonElement node) => Decoded(Attribute(node, "padding").GetProperty("s")) switch
    {
        "SAME" => true,
        "VALID" => false,
        var padding => throw new ModelFileException(_file, name, $"its padding is '{padding}'; SAME and VALID are supported."),
    };

    private void CheckLayout(string name, JsonElement node)
    {
        if (Decoded(Attribute(node, "data_format").GetProperty("s")) is not "NHWC" and var layout)
            throw new ModelFileException(_file, name, $"its layout is '{layout}'; NHWC is supported.");
    }

    // One element of a list of integers, the only operation with which shapes are computed.
    private int Element(string name, JsonElement node, string[] inputs)
    {
        int[] values = Integers(inputs[0]);
        bool plain = ((string[])["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask"]).All(m =>
            Whole(Attribute(node, m).GetProperty("i")) == 0);
        if (plain && Whole(Attribute(node, "shrink_axis_mask").GetProperty("i")) == 1 && Integers(inputs[1]) is [var first] && first >= 0
            && first < values.Length)
            return values[first];
        throw new ModelFileException(_file, name, "it takes more than one element of a shape.");
    }

    private int Made(string name) =>
        _made.TryGetValue(name, out int made) ? made
        : throw new ModelFileException(_file, name, "it is read as a picture, but it is not a picture.");

    private Weight WeightOf(string name) => _weights.TryGetValue(name, out Weight? weight) && Text(_nodes[name], "op") == "Const" ? weight
        : throw new ModelFileException(_file, name, "there are no weights of this name.");

    private float[] Floats(string name)
    {
        Weight weight = WeightOf(name);
        return weight.Integers ? throw new ModelFileException(_file, name, "it contains integers; floats are needed.")
            : LittleEndian.Floats(weight.Bytes.Span, weight.Half);
    }

    private int[] Integers(string name)
    {
        if (_computed.TryGetValue(name, out int[]? computed))
            return computed;
        Weight weight = WeightOf(name);
        if (!weight.Integers || weight.Bytes.Length > 64)
            throw new ModelFileException(_file, name, "up to 16 integers of 32 bits are needed.");
        int[] values = new int[weight.Bytes.Length / 4];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadInt32LittleEndian(weight.Bytes.Span[(4 * i)..]);
        return values;
    }

    private static JsonElement Attribute(JsonElement node, string name) => node.GetProperty("attr").GetProperty(name);

    private static bool Flag(JsonElement node, string name) =>
        node.GetProperty("attr").TryGetProperty(name, out JsonElement flag) && flag.GetProperty("b").GetBoolean();

    private static int[] List(JsonElement node, string name) =>
        [.. Attribute(node, name).GetProperty("list").GetProperty("i").EnumerateArray().Take(8).Select(Whole)];

    // Protobuf's JSON writes long integers as strings.
    private static int Whole(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? int.Parse(value.GetString()!, System.Globalization.CultureInfo.InvariantCulture)
        : value.GetInt32();

    private static string Decoded(JsonElement base64) => Encoding.UTF8.GetString(base64.GetBytesFromBase64());

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private sealed record Weight(int[] Shape, bool Integers, bool Half, ReadOnlyMemory<byte> Bytes);
}
