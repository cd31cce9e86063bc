using System.Buffers.Binary;
using Google.FlatBuffers;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>The storage of weights in a file.</summary>
internal enum ForeignWeights
{
    Singles,

    /// <summary>Halves, which the graph converts to singles.</summary>
    Halves,

    /// <summary>Singles without the zeros, which the graph fills in.</summary>
    Sparse,

    /// <summary>Halves without the blocks of two kernels in which all values are zero.</summary>
    SparseHalves,
}

/// <summary>Writes TensorFlow Lite files, table by table, with the field numbers of the schema.</summary>
internal sealed class TfLiteWriter
{
    public const byte Float32 = 0, Float16 = 1, Int32 = 2;

    private readonly FlatBufferBuilder _builder = new(1024);
    private readonly List<int> _tensors = [], _nodes = [], _codes = [], _buffers = [];

    public TfLiteWriter() => _buffers.Add(Buffer([]));

    /// <summary>Writes a network.</summary>
    public static byte[] Write(ForeignNetwork network, ForeignWeights storage = ForeignWeights.Singles)
    {
        var writer = new TfLiteWriter();
        List<PlainTensor> made = network.Compute(network.Picture());
        List<int> tensors = [writer.Tensor("input", network.Input)];
        foreach (ForeignOperation operation in network.Operations)
        {
            int[] read = [.. operation.Inputs.Select(i => tensors[i])];
            int output = writer.Tensor($"{operation.Kind} {tensors.Count}", made[tensors.Count].Shape);
            writer.Add(operation, made[operation.Inputs[0]].Shape, read, output, storage);
            tensors.Add(output);
        }
        return writer.Finish([tensors[0]], [.. network.Outputs.Select(o => tensors[o])]);
    }

    /// <summary>Declares a tensor; without data the network computes it.</summary>
    public int Tensor(string name, int[] shape, byte type = Float32, byte[]? data = null, int sparsity = 0)
    {
        int buffer = 0;
        if (data is not null)
        {
            _buffers.Add(Buffer(data));
            buffer = _buffers.Count - 1;
        }
        StringOffset text = _builder.CreateString(name);
        int sides = Ints(shape);
        _builder.StartTable(8);
        _builder.AddOffset(0, sides, 0);
        _builder.AddByte(1, type, 0);
        _builder.AddInt(2, buffer, 0);
        _builder.AddOffset(3, text.Value, 0);
        _builder.AddOffset(6, sparsity, 0);
        _tensors.Add(_builder.EndTable());
        return _tensors.Count - 1;
    }

    /// <summary>Adds a node.</summary>
    /// <param name="code">The operator's code.</param>
    /// <param name="inputs">The indices of the input tensors.</param>
    /// <param name="output">The index of the output tensor.</param>
    /// <param name="options">The options: 32-bit values, or bytes, by their fields.</param>
    public void Node(int code, int[] inputs, int output, params (int Field, object Value)[] options)
    {
        _builder.StartTable(4);
        _builder.AddByte(0, (byte)Math.Min(code, 127), 0);
        _builder.AddInt(3, code, 0);
        _codes.Add(_builder.EndTable());
        int table = Options(options), read = Ints(inputs), made = Ints([output]);
        _builder.StartTable(5);
        _builder.AddInt(0, _codes.Count - 1, 0);
        _builder.AddOffset(1, read, 0);
        _builder.AddOffset(2, made, 0);
        _builder.AddByte(3, 1, 0);
        _builder.AddOffset(4, table, 0);
        _nodes.Add(_builder.EndTable());
    }

    /// <summary>Returns the file.</summary>
    public byte[] Finish(int[] inputs, int[] outputs, int version = 3)
    {
        int tensors = Tables(_tensors), nodes = Tables(_nodes), read = Ints(inputs), made = Ints(outputs);
        _builder.StartTable(4);
        _builder.AddOffset(0, tensors, 0);
        _builder.AddOffset(1, read, 0);
        _builder.AddOffset(2, made, 0);
        _builder.AddOffset(3, nodes, 0);
        int graphs = Tables([_builder.EndTable()]), codes = Tables(_codes), buffers = Tables(_buffers);
        _builder.StartTable(5);
        _builder.AddInt(0, version, 0);
        _builder.AddOffset(1, codes, 0);
        _builder.AddOffset(2, graphs, 0);
        _builder.AddOffset(4, buffers, 0);
        _builder.Finish(_builder.EndTable(), "TFL3");
        return _builder.SizedByteArray();
    }

    public static byte[] Bytes(IEnumerable<float> values, bool half = false) =>
        [.. values.SelectMany(v => half ? BitConverter.GetBytes((Half)v) : BitConverter.GetBytes(v))];

    public static byte[] Bytes(IEnumerable<int> values)
    {
        int[] all = [.. values];
        byte[] bytes = new byte[4 * all.Length];
        for (int i = 0; i < all.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), all[i]);
        return bytes;
    }

    /// <summary>Writes a table of SparsityParameters: the order of the dimensions and blocks, the blocks' dimensions, and for each level
    /// its size or its segments and indices.</summary>
    public int Sparsity(int[] order, int[] blocks, params (int Size, int[]? Segments, int[]? Indices)[] levels)
    {
        int[] tables = [.. levels.Select(level =>
        {
            int segments = level.Segments is { } s ? Options((0, s)) : 0, indices = level.Indices is { } i ? Options((0, i)) : 0;
            _builder.StartTable(6);
            _builder.AddByte(0, (byte)(level.Indices is null ? 0 : 1), 0);
            _builder.AddInt(1, level.Size, 0);
            _builder.AddByte(2, (byte)(segments == 0 ? 0 : 1), 0);
            _builder.AddOffset(3, segments, 0);
            _builder.AddByte(4, (byte)(indices == 0 ? 0 : 1), 0);
            _builder.AddOffset(5, indices, 0);
            return _builder.EndTable();
        })];
        int traversal = Ints(order), map = Ints(blocks), all = Tables(tables);
        _builder.StartTable(3);
        _builder.AddOffset(0, traversal, 0);
        _builder.AddOffset(1, map, 0);
        _builder.AddOffset(2, all, 0);
        return _builder.EndTable();
    }

    private void Add(ForeignOperation o, int[] from, int[] read, int output, ForeignWeights storage)
    {
        (byte padding, byte activation) = ((byte)(o.Same ? 0 : 1), (byte)(o.Activation switch { "Relu" => 1, "Relu6" => 3, _ => 0 }));
        switch (o.Kind)
        {
            case ForeignKind.Convolution or ForeignKind.Depthwise:
                bool depthwise = o.Kind == ForeignKind.Depthwise;
                int channels = depthwise ? from[3] * o.Channels : o.Channels;
                int[] shape = depthwise ? [1, o.Height, o.Width, channels] : [channels, o.Height, o.Width, from[3]];
                float[] weights = o.Weights(from[3]);
                // [rows, columns, input, output] to [output, rows, columns, input].
                if (!depthwise)
                    weights = [.. Enumerable.Range(0, channels)
                        .SelectMany(c => Enumerable.Range(0, weights.Length / channels).Select(i => weights[i * channels + c]))];
                int kernel = Weights(shape, weights, storage), bias = o.Biased
                    ? Weights([channels], o.Bias(from[3]), storage == ForeignWeights.Singles ? storage : ForeignWeights.Halves) : -1;
                (int, object)[] options = depthwise ? [(0, padding), (1, o.StrideX), (2, o.StrideY), (3, o.Channels), (4, activation)]
                    : [(0, padding), (1, o.StrideX), (2, o.StrideY), (3, activation)];
                Node(depthwise ? 4 : 3, [read[0], kernel, bias], output, options);
                break;
            case ForeignKind.Add:
                Node(0, read, output, (0, activation));
                break;
            case ForeignKind.Pad:
                Node(34, [read[0], Tensor("paddings", [4, 2], Int32,
                    Bytes(Enumerable.Range(0, 8).Select(i => o.Sides[i / 2 + 4 * (i % 2)])))], output);
                break;
            case ForeignKind.MaxPool:
                Node(17, read, output, (0, padding), (1, o.StrideX), (2, o.StrideY), (3, o.Width), (4, o.Height), (5, activation));
                break;
            case ForeignKind.Resize:
                Node(23, [read[0], Tensor("size", [2], Int32, Bytes(o.Sides))], output, (3, (byte)1));
                break;
            case ForeignKind.Reshape:
                Node(22, read, output, (0, o.Sides));
                break;
            case ForeignKind.Concat:
                Node(2, read, output, (0, o.Number));
                break;
            case ForeignKind.DepthToSpace:
                Node(5, read, output, (0, o.Number));
                break;
            default:
                Node(o.Kind switch { ForeignKind.Sigmoid => 14, ForeignKind.Relu => 19, _ => 21 }, read, output);
                break;
        }
    }

    private int Weights(int[] shape, float[] values, ForeignWeights storage)
    {
        bool half = storage is ForeignWeights.Halves or ForeignWeights.SparseHalves;
        int stored;
        if (storage is ForeignWeights.Sparse or ForeignWeights.SparseHalves)
        {
            (int table, float[] kept) = storage == ForeignWeights.Sparse || shape[0] % 2 != 0 ? Elements(shape, values)
                : Blocks(shape, values);
            stored = Tensor("sparse", shape, half ? Float16 : Float32, Bytes(kept, half), table);
            int dense = Tensor("dense", shape, half ? Float16 : Float32);
            Node(124, [stored], dense);
            stored = dense;
        }
        else
        {
            stored = Tensor("weights", shape, half ? Float16 : Float32, Bytes(values, half));
        }
        if (!half)
            return stored;
        int wide = Tensor("wide", shape);
        Node(6, [stored], wide);
        return wide;
    }

    // The last dimension lists the non-zero values.
    private (int Table, float[] Kept) Elements(int[] shape, float[] values)
    {
        List<int> segments = [0], indices = [];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] != 0)
                indices.Add(i % shape[^1]);
            if (i % shape[^1] == shape[^1] - 1)
                segments.Add(indices.Count);
        }
        (int, int[]?, int[]?)[] levels = [.. shape[..^1].Select(s => (s, (int[]?)null, (int[]?)null)), (0, [.. segments], [.. indices])];
        return (Sparsity([.. Enumerable.Range(0, shape.Length)], [], levels), [.. values.Where(v => v != 0)]);
    }

    // Two kernels at a time: the last dimension lists the positions where one of the two is not zero.
    private (int Table, float[] Kept) Blocks(int[] shape, float[] values)
    {
        int kernel = values.Length / shape[0];
        List<int> segments = [0], indices = [];
        List<float> kept = [];
        for (int pair = 0; pair < shape[0]; pair += 2)
        {
            for (int i = 0; i < kernel; i++)
            {
                (float first, float second) = (values[pair * kernel + i], values[(pair + 1) * kernel + i]);
                if (first != 0 || second != 0)
                {
                    indices.Add(i % shape[3]);
                    kept.AddRange([first, second]);
                }
                if (i % shape[3] == shape[3] - 1)
                    segments.Add(indices.Count);
            }
        }
        return (Sparsity([0, 1, 2, 3, 4], [0], (shape[0] / 2, null, null), (shape[1], null, null), (shape[2], null, null),
            (0, [.. segments], [.. indices]), (2, null, null)), [.. kept]);
    }

    private int Options(params (int Field, object Value)[] options)
    {
        int[] lists = [.. options.Select(o => o.Value is int[] list ? Ints(list) : 0)];
        _builder.StartTable(10);
        for (int i = 0; i < options.Length; i++)
        {
            if (options[i].Value is int number)
                _builder.AddInt(options[i].Field, number, 0);
            else if (options[i].Value is byte small)
                _builder.AddByte(options[i].Field, small, 0);
            else
                _builder.AddOffset(options[i].Field, lists[i], 0);
        }
        return _builder.EndTable();
    }

    private int Buffer(byte[] data)
    {
        _builder.StartVector(1, data.Length, 16);
        for (int i = data.Length - 1; i >= 0; i--)
            _builder.AddByte(data[i]);
        int vector = _builder.EndVector().Value;
        _builder.StartTable(1);
        if (data.Length > 0)
            _builder.AddOffset(0, vector, 0);
        return _builder.EndTable();
    }

    private int Ints(int[] values)
    {
        _builder.StartVector(4, values.Length, 4);
        for (int i = values.Length - 1; i >= 0; i--)
            _builder.AddInt(values[i]);
        return _builder.EndVector().Value;
    }

    private int Tables(IReadOnlyList<int> tables)
    {
        _builder.StartVector(4, tables.Count, 4);
        for (int i = tables.Count - 1; i >= 0; i--)
            _builder.AddOffset(tables[i]);
        return _builder.EndVector().Value;
    }
}
