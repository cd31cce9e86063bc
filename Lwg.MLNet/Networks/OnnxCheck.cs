using System.Buffers.Binary;
using System.Text;

namespace Lwg.MLNet.Networks;

/// <summary>
/// Checks an ONNX file before ONNX Runtime opens it, and rejects files that could read other files, load code, or take disproportionate
/// time and memory. It parses the wire format itself: each byte is read once for every message that contains it, only names are copied,
/// and no value in the file determines an allocation here. Field numbers are those of onnx.proto.
/// </summary>
internal sealed class OnnxCheck
{
    // Two orders of magnitude more nodes than any tested network (some hundreds); ONNX Runtime takes kilobytes for each.
    private const int MostNodes = 50_000;

    // Suppression by control flow needs two or three levels: a loop over classes, one over boxes, a condition. ONNX Runtime processes
    // them recursively.
    private const int DeepestGraph = 8;

    // The limits of a tensor's side and of its elements (a gigabyte of floats; the largest picture has 3 * 2048 * 2048), as declared for
    // inputs, outputs and intermediate results.
    private const long LongestSide = 1 << 20, MostElements = 1 << 28;

    // The most elements that constants may make an operator allocate: a quarter of a gigabyte of floats. The largest in published
    // networks is a picture.
    private const double MostMadeElements = 1 << 26;

    // Kernels, strides, paddings and similar.
    private const long LargestSetting = 1 << 16;

    // Loops iterate over boxes, of which detectors have some thousands.
    private const long MostRounds = 1_000_000;

    // ONNX Runtime's own model format begins with a length followed by these bytes.
    private static ReadOnlySpan<byte> OrtFormat => "ORTM"u8;

    // Inputs whose values are sizes of the operator's output.
    private static readonly Dictionary<string, int[]> s_sizeInputs = new(StringComparer.Ordinal)
    {
        ["BlackmanWindow"] = [0], ["CenterCropPad"] = [1], ["Col2Im"] = [1], ["ConstantOfShape"] = [0], ["DFT"] = [1], ["Expand"] = [1],
            ["HammingWindow"] = [0], ["HannWindow"] = [0],
        ["MaxUnpool"] = [2], ["MelWeightMatrix"] = [0, 1], ["OneHot"] = [1], ["Pad"] = [1], ["Range"] = [0, 1], ["Resize"] = [2, 3],
            ["Tile"] = [1], ["Upsample"] = [1],
    };

    private readonly string _file;
    private readonly OnnxRules _rules;
    private int _nodes;
    private bool _loops;

    private OnnxCheck(string file, OnnxRules rules) => (_file, _rules) = (file, rules);

    /// <summary>Rejects a file that breaks the rules, and returns whether it has loops.</summary>
    /// <param name="onnx">The file's bytes.</param>
    /// <param name="file">Its name, for error messages.</param>
    /// <param name="rules">The rules.</param>
    /// <returns>Whether the network has loops, so that the time of its runs is unlimited.</returns>
    /// <exception cref="ModelFileException">The file breaks the rules or is not an ONNX file.</exception>
    public static bool HasLoops(ReadOnlyMemory<byte> onnx, string file, OnnxRules rules)
    {
        var check = new OnnxCheck(file, rules);
        try
        {
            check.Model(onnx);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(file, null, $"it is not a network that can be run: it is truncated or not ONNX. {e.Message}", e);
        }
        return check._loops;
    }

    private void Model(ReadOnlyMemory<byte> model)
    {
        if (model.Length >= 8 && model.Span[4..8].SequenceEqual(OrtFormat))
            throw Refused(null, "it is in ONNX Runtime's own format, which cannot be checked; ONNX files are allowed.");
        ReadOnlyMemory<byte>? graph = null;
        foreach (ProtobufField field in ProtobufReader.Fields(model).Where(f => f.Wire == ProtobufReader.BytesWire))
        {
            switch (field.Number)
            {
                case 7:
                    Once(ref graph, field.Bytes, "the graph");
                    break;
                case 20:
                    throw Refused(null, "it contains graphs for training; networks that are ready to run are allowed.");
                case 25:
                    // Functions that call each other twice grow exponentially when they are inlined.
                    throw Refused(null, "it defines functions; export the network with its functions inlined.");
            }
        }
        Graph(graph ?? throw new InvalidDataException("It has no graph."), null, 0);
    }

    private void Graph(ReadOnlyMemory<byte> graph, Scope? outer, int depth)
    {
        if (depth > DeepestGraph)
            throw Refused(null, $"its graphs are nested more than {DeepestGraph} levels deep.");
        var scope = new Scope(outer);
        var nodes = new List<Node>();
        foreach (ProtobufField field in ProtobufReader.Fields(graph).Where(f => f.Wire == ProtobufReader.BytesWire))
        {
            switch (field.Number)
            {
                case 1:
                    if (++_nodes > MostNodes)
                        throw Refused(null, $"it has more than {MostNodes} nodes.");
                    nodes.Add(ReadNode(field.Bytes));
                    break;
                case 5:
                    (string name, double[]? values) = Tensor(field.Bytes, "an initializer");
                    scope.Constants[name] = values;
                    break;
                case 11 or 12 or 13:
                    Value(field.Bytes);
                    break;
                case 15:
                    SparseTensor(field.Bytes, "an initializer");
                    break;
            }
        }
        foreach (Node node in nodes)
        {
            foreach (string output in node.Outputs)
                scope.Makers[output] = node;
        }
        // Constants first: ONNX Runtime opens files whose nodes are not in the order of computation.
        foreach (Node node in nodes.OrderBy(n => n.Operator != "Constant"))
            Check(node, scope, depth);
    }

    private Node ReadNode(ReadOnlyMemory<byte> message)
    {
        var node = new Node();
        foreach (ProtobufField field in ProtobufReader.Fields(message).Where(f => f.Wire == ProtobufReader.BytesWire))
        {
            switch (field.Number)
            {
                case 1:
                    node.Inputs.Add(Text(field.Bytes));
                    break;
                case 2:
                    node.Outputs.Add(Text(field.Bytes));
                    break;
                case 4:
                    node.Operator = node.Operator is null ? Text(field.Bytes)
                        : throw new InvalidDataException("A node names its operator twice.");
                    break;
                case 5:
                    node.Attributes.Add(field.Bytes);
                    break;
                case 7:
                    // If there are several, the last one would count; none may be foreign.
                    string domain = Text(field.Bytes);
                    if (!_rules.Domains.Contains(domain))
                        throw Refused(node.Operator, $"its operator is of the domain '{domain}', which needs code that ONNX does not "
                            + $"define; only ONNX's own operators are allowed.");
                    break;
            }
        }
        if (_rules.Operators?.Contains(node.Operator ?? "") == false)
            throw Refused(node.Operator, $"{_rules.Networks} have no such operator; they have "
                + $"{string.Join(", ", _rules.Operators.Order(StringComparer.Ordinal))}.");
        return node;
    }

    private void Check(Node node, Scope scope, int depth)
    {
        foreach (ReadOnlyMemory<byte> attribute in node.Attributes)
            Attribute(attribute, node, scope, depth);
        if (node.Operator is "Loop" or "Scan")
            _loops = true;
        if (node.Operator == "Loop")
            Rounds(node, scope);
        if (!s_sizeInputs.TryGetValue(node.Operator ?? "", out int[]? sizes))
            return;
        foreach (int input in sizes.Where(i => i < node.Inputs.Count && node.Inputs[i].Length > 0))
            Sizes(node, node.Inputs[input], scope);
    }

    private void Attribute(ReadOnlyMemory<byte> attribute, Node node, Scope scope, int depth)
    {
        ReadOnlyMemory<byte>? tensor = null, sparse = null, graph = null;
        var wholes = new List<long>();
        string name = "";
        foreach (ProtobufField field in ProtobufReader.Fields(attribute))
        {
            bool bytes = field.Wire == ProtobufReader.BytesWire;
            switch (field.Number)
            {
                case 1 when bytes:
                    name = Text(field.Bytes);
                    break;
                case 3 when field.Wire == ProtobufReader.VarintWire:
                case 8 when bytes || field.Wire == ProtobufReader.VarintWire:
                    wholes.AddRange(field.Wholes.Take(Scope.MostValues + 1));
                    break;
                case 5 when bytes:
                    Once(ref tensor, field.Bytes, "an attribute's tensor");
                    break;
                case 6 when bytes:
                    Once(ref graph, field.Bytes, "an attribute's graph");
                    break;
                case 10 when bytes:
                    Tensor(field.Bytes, node.Operator);
                    break;
                case 11 when bytes:
                    Subgraph(field.Bytes, node, scope, depth);
                    break;
                case 22 when bytes:
                    Once(ref sparse, field.Bytes, "an attribute's sparse tensor");
                    break;
                case 23 when bytes:
                    SparseTensor(field.Bytes, node.Operator);
                    break;
            }
        }
        double[]? values = wholes.Count <= Scope.MostValues ? [.. wholes.Select(w => (double)w)] : null;
        if (tensor is { } t)
            (_, values) = Tensor(t, node.Operator);
        if (sparse is { } s)
            SparseTensor(s, node.Operator);
        if (graph is { } g)
            Subgraph(g, node, scope, depth);
        if (node.Operator == "Constant" && node.Outputs.Count > 0 && name.StartsWith("value", StringComparison.Ordinal))
            scope.Constants[node.Outputs[0]] = values;
        switch (name)
        {
            case "shape" or "output_shape":
                MadeBy(node, values ?? [double.PositiveInfinity]);
                break;
            case "strides" or "pads" or "paddings" or "dilations" or "kernel_shape" or "output_padding" or "blocksize" or "repeats":
                if (wholes.FirstOrDefault(w => w is < -LargestSetting or > LargestSetting) is var wrong and not 0)
                    throw Refused(node.Operator, $"its {name} has {wrong}; at most {LargestSetting} are allowed.");
                break;
        }
    }

    private void Subgraph(ReadOnlyMemory<byte> graph, Node node, Scope scope, int depth)
    {
        if (_rules.Operators is not null)
            throw Refused(node.Operator, $"it contains a subgraph; {_rules.Networks} have none.");
        // ONNX Runtime checks for termination between nodes: an empty loop could not be stopped.
        if (node.Operator is "Loop" or "Scan" && !ProtobufReader.Fields(graph).Any(f => f is { Number: 1, Wire: ProtobufReader.BytesWire }))
            throw Refused(node.Operator, "it loops without computing anything.");
        Graph(graph, scope, depth + 1);
    }

    private void Rounds(Node node, Scope scope)
    {
        string rounds = node.Inputs.FirstOrDefault("");
        if (rounds.Length == 0)
            throw Refused(node.Operator, "it does not limit its iterations.");
        if (scope.TryFind(rounds, out double[]? values) && values is not [>= 0 and <= MostRounds])
            throw Refused(node.Operator, $"its limit is {(values is [var many] ? many : "too many")} iterations; 0 to {MostRounds} are "
                + $"allowed.");
    }

    // Traces a size back to the constants that it is computed from.
    private void Sizes(Node node, string size, Scope scope)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([size]);
        var constants = new List<double>();
        while (open.TryPop(out string? name))
        {
            if (!seen.Add(name))
                continue;
            if (scope.TryFind(name, out double[]? values))
            {
                constants.AddRange(values ?? [double.PositiveInfinity]);
                continue;
            }
            Node? maker = scope.MakerOf(name);
            switch (maker?.Operator)
            {
                case "Concat":
                    maker.Inputs.ForEach(open.Push);
                    break;
                case "Cast" or "Identity" or "Slice" or "Squeeze" or "Unsqueeze" or "Reshape" when maker.Inputs.Count > 0:
                    open.Push(maker.Inputs[0]);
                    break;
                case "Shape":
                    break;
                default:
                    if (_rules.Operators is not null)
                        throw Refused(node.Operator, $"its size '{name}' is computed; in {_rules.Networks} sizes are constants or those "
                            + $"of other tensors.");
                    break;
            }
        }
        if (node.Operator != "Pad")
            MadeBy(node, constants);
        else if (constants.Exists(c => Math.Abs(c) > LargestSetting))
            throw Refused(node.Operator, $"it pads by {constants.Max(Math.Abs)}; at most {LargestSetting} are allowed.");
    }

    private void MadeBy(Node node, IEnumerable<double> sizes)
    {
        double made = sizes.Select(Math.Abs).Where(s => s > 1).Aggregate(1.0, (product, s) => product * s);
        if (!(made <= MostMadeElements))
            throw Refused(node.Operator, $"its constants make {made:0.###e0} elements or times as many; at most {MostMadeElements} are "
                + $"allowed.");
    }

    private void SparseTensor(ReadOnlyMemory<byte> sparse, string? where)
    {
        ReadOnlyMemory<byte>? values = null, indices = null;
        long elements = 1;
        foreach (ProtobufField field in ProtobufReader.Fields(sparse))
        {
            if (field is { Number: 1, Wire: ProtobufReader.BytesWire })
                Once(ref values, field.Bytes, "a sparse tensor's values");
            else if (field is { Number: 2, Wire: ProtobufReader.BytesWire })
                Once(ref indices, field.Bytes, "a sparse tensor's places");
            else if (field.Number == 3)
                elements = field.Wholes.Aggregate(elements, (product, side) => Times(product, side, where));
        }
        if (elements > MostMadeElements)
            throw Refused(where, $"a sparse tensor claims {elements} elements; at most {MostMadeElements} are allowed.");
        foreach (ReadOnlyMemory<byte> part in new[] { values, indices }.OfType<ReadOnlyMemory<byte>>())
            Tensor(part, where);
    }

    // Returns the values if they are few, as for sizes.
    private (string Name, double[]? Values) Tensor(ReadOnlyMemory<byte> tensor, string? where)
    {
        string name = "";
        long elements = 1, type = 0;
        var values = new List<ProtobufField>();
        foreach (ProtobufField field in ProtobufReader.Fields(tensor))
        {
            bool bytes = field.Wire == ProtobufReader.BytesWire;
            switch (field.Number)
            {
                case 1 when bytes || field.Wire == ProtobufReader.VarintWire:
                    elements = field.Wholes.Aggregate(elements, (product, side) => Times(product, side, where));
                    break;
                case 2 when field.Wire == ProtobufReader.VarintWire:
                    type = (long)field.Varint;
                    break;
                case 3 when bytes:
                    throw Refused(where, "a tensor is segmented; whole tensors are allowed.");
                case 4 or 5 or 7 or 9 or 10:
                    values.Add(field);
                    break;
                case 8 when bytes:
                    name = Text(field.Bytes);
                    break;
                case 13 when bytes:
                    throw Refused(where, $"a tensor's values are in another file ({Location(field.Bytes)}); they must be in the ONNX "
                        + $"file itself.");
                case 14 when field.Varint != 0:
                    throw Refused(where, "a tensor's values are in another file; they must be in the ONNX file itself.");
            }
        }
        // The narrowest types have two elements per byte; a tensor with less data than it declares is invalid.
        if (elements > 2L * tensor.Length)
            throw Refused(name.Length > 0 ? name : where, $"a tensor declares {elements} elements, but has {tensor.Length} bytes.");
        return (name, elements <= Scope.MostValues && tensor.Length <= Scope.LongestTensor ? Values(values, type) : null);
    }

    private static double[]? Values(List<ProtobufField> fields, long type)
    {
        const int Raw = 9, Single = 1, Int32 = 6, Int64 = 7, Double = 11;
        var values = new List<double>();
        foreach (ProtobufField field in fields)
        {
            ReadOnlySpan<byte> bytes = field.Bytes.Span;
            if (field.Number is 5 or 7)
            {
                values.AddRange(field.Wholes.Select(w => (double)w));
                continue;
            }
            int width = (field.Number, type) switch { (4, _) or (Raw, Single or Int32) => 4, (10, _) or (Raw, Int64 or Double) => 8, _ =>
                0 };
            if (width == 0)
                return null;
            for (int at = 0; at + width <= bytes.Length; at += width)
            {
                values.Add((field.Number, type) switch
                {
                    (4, _) or (_, Single) => BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]),
                    (10, _) or (_, Double) => BinaryPrimitives.ReadDoubleLittleEndian(bytes[at..]),
                    (_, Int32) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]),
                    _ => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]),
                });
            }
        }
        return [.. values];
    }

    private void Value(ReadOnlyMemory<byte> info)
    {
        string name = "";
        foreach (ProtobufField field in Messages(info))
        {
            if (field.Number == 1)
                name = Text(field.Bytes);
            else if (field.Number == 2)
            {
                foreach (ProtobufField shape in Messages(field.Bytes).Where(f => f.Number == 1).SelectMany(t => Messages(t.Bytes))
                    .Where(f => f.Number == 2))
                    Shape(shape.Bytes, name);
            }
        }
    }

    private void Shape(ReadOnlyMemory<byte> shape, string name)
    {
        long elements = 1;
        foreach (ProtobufField dimension in Messages(shape).Where(f => f.Number == 1))
        {
            long side = ProtobufReader.Fields(dimension.Bytes)
                .LastOrDefault(f => f is { Number: 1, Wire: ProtobufReader.VarintWire }) is { Number: 1 } known ? (long)known.Varint : 1;
            if (side > LongestSide)
                throw Refused(name, $"a side of {side} is declared; at most {LongestSide} are allowed.");
            elements = side > 0 ? elements * side : elements;
            if (elements > MostElements)
                throw Refused(name, $"more than {MostElements} elements are declared.");
        }
    }

    private static IEnumerable<ProtobufField> Messages(ReadOnlyMemory<byte> message) =>
        ProtobufReader.Fields(message).Where(f => f.Wire == ProtobufReader.BytesWire);

    private long Times(long product, long side, string? where)
    {
        if (side is < 0 or > int.MaxValue)
            throw Refused(where, $"a tensor has a side of {side}.");
        long elements = product * side;
        return elements <= int.MaxValue ? elements : throw Refused(where, $"a tensor declares more than {int.MaxValue} elements.");
    }

    // Of external data: pairs of key and value.
    private static string Location(ReadOnlyMemory<byte> pair) =>
        string.Join(" = ", Messages(pair).Where(f => f.Number is 1 or 2).Select(f => $"'{Text(f.Bytes)}'"));

    // Protobuf merges a message that occurs twice, so neither part alone would be the checked one; no writer makes such files.
    private static void Once(ref ReadOnlyMemory<byte>? known, ReadOnlyMemory<byte> message, string what) =>
        known = known is null ? message : throw new InvalidDataException($"There is more than one of {what}.");

    private static string Text(ReadOnlyMemory<byte> bytes) =>
        bytes.Length <= 4096 ? Encoding.UTF8.GetString(bytes.Span) : throw new InvalidDataException($"A name has {bytes.Length} bytes.");

    private ModelFileException Refused(string? where, string reason) => new(_file, string.IsNullOrEmpty(where) ? null : where, reason);

    private sealed class Node
    {
        public string? Operator { get; set; }

        public List<string> Inputs { get; } = [];

        public List<string> Outputs { get; } = [];

        public List<ReadOnlyMemory<byte>> Attributes { get; } = [];
    }

    /// <summary>The names of a graph, including those of the graphs around it.</summary>
    private sealed class Scope(Scope? outer)
    {
        // A shape has few values; longer lists are not read.
        public const int MostValues = 64, LongestTensor = 4096;

        /// <summary>The values of constants; null if there are many.</summary>
        public Dictionary<string, double[]?> Constants { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Node> Makers { get; } = new(StringComparer.Ordinal);

        public bool TryFind(string name, out double[]? values) =>
            Constants.TryGetValue(name, out values) || (!Makers.ContainsKey(name) && outer?.TryFind(name, out values) == true);

        public Node? MakerOf(string name) => Makers.TryGetValue(name, out Node? node) ? node : outer?.MakerOf(name);
    }
}
