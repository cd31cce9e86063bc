using System.Buffers;
using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Networks;

/// <summary>How weights are stored in an ONNX file.</summary>
public enum WeightStorage
{
    /// <summary>As float32.</summary>
    Full,

    /// <summary>As float16, cast to float32 when the file is opened; half the size.</summary>
    Half,
}

/// <summary>Writes a graph with its weights as an ONNX file (IR version 8, opset 16), weight by weight.</summary>
internal static class OnnxFile
{
    private const int IrVersion = 8, Opset = 16, FloatType = 1, Int64Type = 7, HalfType = 10;

    internal const string HalfSuffix = ".half";

    // Fields of a graph.
    private const int NodeField = 1, InitializerField = 5;

    /// <summary>Writes the file.</summary>
    /// <param name="stream">The stream to write to; written forwards only.</param>
    /// <param name="graph">The network.</param>
    /// <param name="weights">Its weights; weights that the graph does not use are ignored.</param>
    /// <param name="storage">How weights are stored.</param>
    /// <exception cref="ModelFileException">Weights are missing or have a different shape.</exception>
    public static void Write(Stream stream, NetworkGraph graph, INamedWeights weights, WeightStorage storage = WeightStorage.Full)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        WeightReport.Compare([graph], weights).ThrowUnlessComplete(graph.Name);

        // Everything except the weights' values is small and built in memory; the weights are streamed in between.
        var head = new ProtobufMessage();
        foreach (GraphTensor weight in graph.Weights.Where(_ => storage == WeightStorage.Half))
            head.Add(NodeField, Cast(weight.Name));
        foreach (GraphNode node in graph.Nodes)
            head.Add(NodeField, Node(node));
        head.Add(2, graph.Name);
        foreach (GraphConstant constant in graph.Constants)
            head.Add(InitializerField, Constant(constant));
        var tail = new ProtobufMessage();
        foreach (GraphTensor input in graph.Inputs)
            tail.Add(11, ValueInfo(input));
        foreach (GraphTensor output in graph.Outputs)
            tail.Add(12, ValueInfo(output));

        int weightField = storage == WeightStorage.Half ? NodeField : InitializerField;
        var starts = graph.Weights.ToDictionary(w => w.Name, w => WeightStart(w, storage));
        long graphLength = head.Length + tail.Length;
        foreach (GraphTensor weight in graph.Weights)
        {
            long length = starts[weight.Name].Length + DataLength(weight, storage);
            graphLength += 1 + ProtobufMessage.VarintLength(length) + length;
        }
        var model = new ProtobufMessage();
        model.Add(1, IrVersion);
        model.Add(2, "Lwg.MLNet");
        var opset = new ProtobufMessage();
        opset.Add(1, "");
        opset.Add(2, Opset);
        model.Add(8, opset);
        model.WriteTo(stream);
        ProtobufMessage.WriteKey(stream, 7, graphLength);
        foreach (GraphTensor weight in graph.Weights)
        {
            ProtobufMessage start = starts[weight.Name];
            ProtobufMessage.WriteKey(stream, weightField, start.Length + DataLength(weight, storage));
            start.WriteTo(stream);
            WriteValues(stream, weight, weights, storage);
        }
        head.WriteTo(stream);
        tail.WriteTo(stream);
    }

    private static long DataLength(GraphTensor weight, WeightStorage storage) => weight.Count * (storage == WeightStorage.Half ? 2 : 4);

    /// <summary>
    /// Writes a weight except its values, which follow: an initializer, or for float16 a Constant node, because ML.NET's ApplyOnnxModel
    /// rejects files with initializers of that type.
    /// </summary>
    private static ProtobufMessage WeightStart(GraphTensor weight, WeightStorage storage)
    {
        const int TensorKind = 4;
        var tensor = new ProtobufMessage();
        foreach (int side in weight.Shape)
            tensor.Add(1, side);
        tensor.Add(2, storage == WeightStorage.Half ? HalfType : FloatType);
        tensor.Add(8, storage == WeightStorage.Half ? HalfName(weight.Name) : weight.Name);
        tensor.AddKey(9, DataLength(weight, storage));
        if (storage == WeightStorage.Full)
            return tensor;

        var value = new ProtobufMessage();
        value.Add(1, "value");
        value.Add(20, TensorKind);
        value.AddKey(5, tensor.Length + DataLength(weight, storage));
        value.Append(tensor);
        var node = new ProtobufMessage();
        node.Add(2, HalfName(weight.Name));
        node.Add(3, HalfName(weight.Name));
        node.Add(4, "Constant");
        node.AddKey(5, value.Length + DataLength(weight, storage));
        node.Append(value);
        return node;
    }

    private static void WriteValues(Stream stream, GraphTensor weight, INamedWeights weights, WeightStorage storage)
    {
        int count = checked((int)weight.Count);
        float[] rented = ArrayPool<float>.Shared.Rent(count);
        byte[] halves = storage == WeightStorage.Half ? ArrayPool<byte>.Shared.Rent(2 * count) : [];
        Span<float> values = rented.AsSpan(0, count);
        weights.Read(weight.Name, values);
        if (storage == WeightStorage.Full)
        {
            if (!BitConverter.IsLittleEndian)
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<float, int>(values), MemoryMarshal.Cast<float, int>(values));
            stream.Write(MemoryMarshal.AsBytes(values));
        }
        else
        {
            Span<Half> narrow = MemoryMarshal.Cast<byte, Half>(halves.AsSpan(0, 2 * count));
            TensorPrimitives.ConvertToHalf(values, narrow);
            if (!BitConverter.IsLittleEndian)
                BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<Half, short>(narrow), MemoryMarshal.Cast<Half, short>(narrow));
            stream.Write(halves, 0, 2 * count);
            ArrayPool<byte>.Shared.Return(halves);
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private static string HalfName(string name) => name + HalfSuffix;

    private static ProtobufMessage Cast(string weight) =>
        Node(new GraphNode("Cast", [HalfName(weight)], [weight], [new NodeSetting("to", Whole: FloatType)]));

    private static ProtobufMessage Node(GraphNode node)
    {
        var message = new ProtobufMessage();
        foreach (string input in node.Inputs)
            message.Add(1, input);
        foreach (string output in node.Outputs)
            message.Add(2, output);
        message.Add(3, node.Outputs[0]);
        message.Add(4, node.Operator);
        foreach (NodeSetting attribute in node.Attributes)
            message.Add(5, Attribute(attribute));
        return message;
    }

    private static ProtobufMessage Attribute(NodeSetting attribute)
    {
        const int FloatKind = 1, IntKind = 2, TextKind = 3, IntsKind = 7;
        var message = new ProtobufMessage();
        message.Add(1, attribute.Name);
        if (attribute.Number is float single)
        {
            message.Add(2, single);
            message.Add(20, FloatKind);
        }
        else if (attribute.Whole is long integer)
        {
            message.Add(3, integer);
            message.Add(20, IntKind);
        }
        else if (attribute.Text is string text)
        {
            message.Add(4, text);
            message.Add(20, TextKind);
        }
        else
        {
            foreach (long value in attribute.Wholes!)
                message.Add(8, value);
            message.Add(20, IntsKind);
        }
        return message;
    }

    private static ProtobufMessage Constant(GraphConstant constant)
    {
        var tensor = new ProtobufMessage();
        foreach (int side in constant.Shape)
            tensor.Add(1, side);
        tensor.Add(2, constant.Floats is null ? Int64Type : FloatType);
        tensor.Add(8, constant.Name);
        byte[] bytes;
        if (constant.Floats is float[] floats)
        {
            bytes = new byte[4 * floats.Length];
            for (int i = 0; i < floats.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), floats[i]);
        }
        else
        {
            bytes = new byte[8 * constant.Integers!.Length];
            for (int i = 0; i < constant.Integers.Length; i++)
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), constant.Integers[i]);
        }
        tensor.Add(9, bytes);
        return tensor;
    }

    // Dimension 0 is the batch; other open dimensions are named after tensor and axis.
    private static ProtobufMessage ValueInfo(GraphTensor tensor)
    {
        var shape = new ProtobufMessage();
        for (int axis = 0; axis < tensor.Shape.Length; axis++)
        {
            var dimension = new ProtobufMessage();
            if (tensor.Shape[axis] >= 0)
                dimension.Add(1, tensor.Shape[axis]);
            else
                dimension.Add(2, axis == 0 ? "N" : $"{tensor.Name}_{axis}");
            shape.Add(1, dimension);
        }
        var type = new ProtobufMessage();
        type.Add(1, FloatType);
        type.Add(2, shape);
        var value = new ProtobufMessage();
        value.Add(1, type);
        var info = new ProtobufMessage();
        info.Add(1, tensor.Name);
        info.Add(2, value);
        return info;
    }

    /// <summary>The parts of protobuf's wire format that ONNX needs.</summary>
    private sealed class ProtobufMessage
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public long Length => _bytes.WrittenCount;

        public void WriteTo(Stream stream) => stream.Write(_bytes.WrittenSpan);

        public void Append(ProtobufMessage other) => _bytes.Write(other._bytes.WrittenSpan);

        public void Add(int field, long value)
        {
            WriteVarint(_bytes, (ulong)(field << 3));
            WriteVarint(_bytes, (ulong)value);
        }

        public void Add(int field, float value)
        {
            WriteVarint(_bytes, (ulong)(field << 3 | 5));
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            _bytes.Write(bytes);
        }

        public void Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

        public void Add(int field, byte[] value)
        {
            AddKey(field, value.Length);
            _bytes.Write(value);
        }

        public void Add(int field, ProtobufMessage value)
        {
            AddKey(field, value.Length);
            _bytes.Write(value._bytes.WrittenSpan);
        }

        public void AddKey(int field, long length)
        {
            WriteVarint(_bytes, (ulong)(field << 3 | 2));
            WriteVarint(_bytes, (ulong)length);
        }

        public static void WriteKey(Stream stream, int field, long length)
        {
            var key = new ProtobufMessage();
            key.AddKey(field, length);
            key.WriteTo(stream);
        }

        public static int VarintLength(long value)
        {
            int length = 1;
            for (ulong rest = (ulong)value >> 7; rest != 0; rest >>= 7)
                length++;
            return length;
        }

        private static void WriteVarint(IBufferWriter<byte> bytes, ulong value)
        {
            Span<byte> varint = bytes.GetSpan(10);
            int length = 0;
            for (; value >= 0x80; value >>= 7)
                varint[length++] = (byte)(value | 0x80);
            varint[length++] = (byte)value;
            bytes.Advance(length);
        }
    }
}
