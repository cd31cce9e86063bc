using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Benchmarks;

/// <summary>
/// Writes weights in the format of PyTorch before 1.6: magic number, protocol, system, a pickle of the dictionary whose tensors reference
/// their storages, the keys of the storages, and then their values.
/// </summary>
internal static class LegacyCheckpoint
{
    private const ushort Protocol = 1001;

    // Opcodes of pickle's protocol 2.
    private const byte Mark = (byte)'(', Tuple = (byte)'t', EmptyTuple = (byte)')', EmptyList = (byte)']', EmptyDictionary = (byte)'}',
        SetItems = (byte)'u', Appends = (byte)'e',
        Reduce = (byte)'R', PersistentId = (byte)'Q', None = (byte)'N', True = 0x88, False = 0x89, Stop = (byte)'.';

    public static void Write(string path, INamedWeights weights)
    {
        string[] names = [.. weights.Names];
        using FileStream stream = File.Create(path);
        stream.Write([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, Stop]);
        stream.Write(Pickle(w => Number(w, Protocol)));
        stream.Write(Pickle(WriteSystem));
        stream.Write(Pickle(w => WriteDictionary(w, names, weights)));
        stream.Write(Pickle(w =>
        {
            w.Write([EmptyList, Mark]);
            for (int i = 0; i < names.Length; i++)
                Text(w, Key(i));
            w.Write(Appends);
        }));
        Span<byte> count = stackalloc byte[8];
        foreach (string name in names)
        {
            float[] values = new float[Count(ShapeOf(weights, name))];
            weights.Read(name, values);
            BinaryPrimitives.WriteInt64LittleEndian(count, values.Length);
            stream.Write(count);
            stream.Write(MemoryMarshal.AsBytes<float>(values));
        }
    }

    private static void WriteSystem(BinaryWriter w)
    {
        w.Write([EmptyDictionary, Mark]);
        Text(w, "protocol_version");
        Number(w, Protocol);
        Text(w, "little_endian");
        w.Write(True);
        Text(w, "type_sizes");
        w.Write([EmptyDictionary, Mark]);
        foreach ((string type, int size) in new[] { ("short", 2), ("int", 4), ("long", 4) })
        {
            Text(w, type);
            Number(w, size);
        }
        w.Write([SetItems, SetItems]);
    }

    private static void WriteDictionary(BinaryWriter w, string[] names, INamedWeights weights)
    {
        OrderedDictionary(w);
        w.Write(Mark);
        for (int i = 0; i < names.Length; i++)
        {
            int[] shape = ShapeOf(weights, names[i]);
            Text(w, names[i]);
            Global(w, "torch._utils", "_rebuild_tensor_v2");
            w.Write([Mark, Mark]);
            Text(w, "storage");
            Global(w, "torch", "FloatStorage");
            Text(w, Key(i));
            Text(w, "cpu");
            Number(w, Count(shape));
            w.Write([None, Tuple, PersistentId]);
            Number(w, 0);
            Numbers(w, shape);
            Numbers(w, [.. shape.Select((_, axis) => Count(shape.AsSpan(axis + 1)))]);
            w.Write(False);
            OrderedDictionary(w);
            w.Write([Tuple, Reduce]);
        }
        w.Write(SetItems);
    }

    private static byte[] Pickle(Action<BinaryWriter> content)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write([0x80, 2]);
        content(writer);
        writer.Write(Stop);
        writer.Flush();
        return stream.ToArray();
    }

    private static void OrderedDictionary(BinaryWriter w)
    {
        Global(w, "collections", "OrderedDict");
        w.Write([EmptyTuple, Reduce]);
    }

    private static void Global(BinaryWriter w, string module, string name) => w.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    private static void Text(BinaryWriter w, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        w.Write((byte)'X');
        w.Write(bytes.Length);
        w.Write(bytes);
    }

    private static void Number(BinaryWriter w, int number)
    {
        w.Write((byte)'J');
        w.Write(number);
    }

    private static void Numbers(BinaryWriter w, int[] numbers)
    {
        w.Write(Mark);
        foreach (int number in numbers)
            Number(w, number);
        w.Write(Tuple);
    }

    private static string Key(int index) => $"storage{index}";

    private static int Count(ReadOnlySpan<int> shape)
    {
        int count = 1;
        foreach (int side in shape)
            count *= side;
        return count;
    }

    private static int[] ShapeOf(INamedWeights weights, string name) =>
        weights.TryGetShape(name, out int[] shape) ? shape : throw new ArgumentException($"There are no weights '{name}'.", nameof(name));
}
