using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>A tensor to write: contiguous, unless strides are given; claimed sizes may be wrong.</summary>
internal sealed record TorchArray(string Name, long[] Shape, Func<float[]> Values)
{
    public TorchArray(string name, params float[] values) : this(name, [values.Length], () => values) { }

    public long[]? Strides { get; init; }

    public long Offset { get; init; }

    /// <summary>The claimed number of elements of its storage; null for that of the shape.</summary>
    public long? Announced { get; init; }

    public long Elements => Announced ?? Shape.Aggregate(1L, (a, b) => a * b);
}

/// <summary>Writes state dictionaries of 32-bit floats in both formats of PyTorch.</summary>
internal static class TorchFileWriter
{
    /// <summary>Writes the format of 2019.</summary>
    public static void WriteLegacy(Stream stream, IReadOnlyList<TorchArray> arrays, bool littleEndian = true)
    {
        stream.Write(new PickleWriter().Op([0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]).End());
        stream.Write(new PickleWriter().Number(1001).End());
        stream.Write(new PickleWriter().Op("}(").Text("little_endian").Op(littleEndian ? [0x88] : [0x89]).Op("u").End());
        stream.Write(Dictionary(arrays));
        var keys = new PickleWriter().Op("](");
        for (int i = 0; i < arrays.Count; i++)
            keys.Text(Key(i));
        stream.Write(keys.Op("e").End());
        foreach (TorchArray array in arrays)
        {
            float[] values = array.Values();
            stream.Write(BitConverter.GetBytes((long)values.Length));
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    /// <summary>Writes the format since 1.6.</summary>
    public static void WriteZip(Stream stream, IReadOnlyList<TorchArray> arrays, string folder = "archive", bool littleEndian = true)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Entry("data.pkl", Dictionary(arrays));
        Entry("byteorder", littleEndian ? "little"u8 : "big"u8);
        for (int i = 0; i < arrays.Count; i++)
            Entry("data/" + Key(i), MemoryMarshal.AsBytes(arrays[i].Values().AsSpan()));

        void Entry(string name, ReadOnlySpan<byte> bytes)
        {
            using Stream to = zip.CreateEntry($"{folder}/{name}", CompressionLevel.NoCompression).Open();
            to.Write(bytes);
        }
    }

    private static string Key(int i) => $"{i}";

    // An ordered dictionary of tensors, with the additional state that torch's modules add.
    private static byte[] Dictionary(IReadOnlyList<TorchArray> arrays)
    {
        var pickle = new PickleWriter().Global("collections", "OrderedDict").Op(")R(");
        for (int i = 0; i < arrays.Count; i++)
        {
            TorchArray array = arrays[i];
            pickle.Text(array.Name).Global("torch._utils", "_rebuild_tensor_v2").Op("((").Text("storage").Global("torch", "FloatStorage")
                .Text(Key(i)).Text("cpu").Number(array.Elements).Op("tQ");
            pickle.Number(array.Offset).Numbers(array.Shape).Numbers(array.Strides ?? Contiguous(array.Shape)).Op([0x89])
                .Global("collections", "OrderedDict").Op(")RtR");
        }
        return pickle.Op("u}(").Text("_metadata").Op("}ub").End();
    }

    private static long[] Contiguous(long[] shape)
    {
        long[] strides = new long[shape.Length];
        for (long d = shape.Length - 1, next = 1; d >= 0; next *= shape[d--])
            strides[d] = next;
        return strides;
    }
}

/// <summary>Writes pickles of protocol 2, operation by operation.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [];

    public PickleWriter() => Op([0x80, 2]);

    public PickleWriter Op(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleWriter Op(string operations) => Op(Encoding.Latin1.GetBytes(operations));

    public PickleWriter Global(string module, string name) => Op($"c{module}\n{name}\n");

    public PickleWriter Text(string text) =>
        Op("X").Op(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text))).Op(Encoding.UTF8.GetBytes(text));

    public PickleWriter Number(long number) => Op([0x8A, 8]).Op(BitConverter.GetBytes(number));

    public PickleWriter Numbers(long[] numbers)
    {
        Op("(");
        foreach (long number in numbers)
            Number(number);
        return Op("t");
    }

    public byte[] End()
    {
        Op(".");
        return [.. _bytes];
    }
}
