using System.Text;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Writes ONNX files field by field, including those that no exporter makes; field numbers are those of onnx.proto.</summary>
internal static class OnnxBytes
{
    public const int FloatType = 1, ByteType = 2, LongType = 7, BoolType = 9;

    public static byte[] Model(params byte[][] graph) => ModelWith([], graph);

    public static byte[] ModelWith(byte[][] fields, params byte[][] graph) =>
        [.. Number(1, 8), .. Message(7, [.. graph, Text(2, "g")]), .. Message(8, Text(1, ""), Number(2, 16)), .. fields.SelectMany(f => f)];

    public static byte[] Node(string op, string[] inputs, string[] outputs, params byte[][] fields) =>
        Message(1, [.. inputs.Select(i => Text(1, i)), .. outputs.Select(o => Text(2, o)), Text(4, op), .. fields]);

    public static byte[] Domain(string domain) => Text(7, domain);

    public static byte[] Graph(string attribute, params byte[][] graph) =>
        Message(5, Text(1, attribute), Message(6, [.. graph, Text(2, attribute)]), Number(20, 5));

    public static byte[] Tensor(string attribute, byte[] tensor) => Message(5, Text(1, attribute), Message(5, tensor), Number(20, 4));

    public static byte[] Whole(string attribute, long value) => Message(5, Text(1, attribute), Number(3, value), Number(20, 2));

    public static byte[] Wholes(string attribute, params long[] values) =>
        Message(5, [Text(1, attribute), .. values.Select(v => Number(8, v)), Number(20, 7)]);

    /// <summary>Writes the content of a tensor; that of an initializer is written by <see cref="Initializer"/>.</summary>
    public static byte[] Content(string name, int type, long[] shape, byte[] raw, params byte[][] fields) =>
        [.. shape.SelectMany(s => Number(1, s)), .. Number(2, type), .. Text(8, name), .. raw.Length > 0 ? Message(9, raw)
            : [], .. fields.SelectMany(f => f)];

    public static byte[] Initializer(byte[] content) => Message(5, content);

    public static byte[] Longs(string name, params long[] values) =>
        Initializer(Content(name, LongType, [values.Length], [.. values.SelectMany(BitConverter.GetBytes)]));

    public static byte[] ScalarLong(string name, long value) => Initializer(Content(name, LongType, [], BitConverter.GetBytes(value)));

    public static byte[] True(string name) => Initializer(Content(name, BoolType, [], [1]));

    /// <summary>Writes the fields that declare the values to be in a file.</summary>
    public static byte[] InFile(string location) => [.. Message(13, Text(1, "location"), Text(2, location)), .. Number(14, 1)];

    public static byte[] Input(string name, int type, params long[] shape) => Value(11, name, type, shape);

    public static byte[] Output(string name, int type, params long[] shape) => Value(12, name, type, shape);

    public static byte[] Message(int field, params byte[][] parts)
    {
        byte[] content = [.. parts.SelectMany(p => p)];
        return [.. Varint((ulong)(field << 3 | 2)), .. Varint((ulong)content.Length), .. content];
    }

    public static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Number(int field, long value) => [.. Varint((ulong)(field << 3)), .. Varint((ulong)value)];

    // -1 is an open dimension.
    private static byte[] Value(int field, string name, int type, long[] shape) => Message(
        field, Text(1, name), Message(2,
        Message(1, Number(1, type), Message(2, [.. shape.Select(s => Message(1, s < 0 ? Text(2, "N") : Number(1, s)))]))));

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
