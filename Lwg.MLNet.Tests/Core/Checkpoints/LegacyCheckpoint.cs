using System.Runtime.InteropServices;
using System.Text;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Writes checkpoints in PyTorch's format before 1.6, from any weights: the state dictionary of float32 tensors, each with its
/// own storage.</summary>
internal static class LegacyCheckpoint
{
    public static void Write(string path, INamedWeights weights, string prefix = "")
    {
        using FileStream file = File.Create(path);
        string[] names = [.. weights.Names];
        var shapes = names.ToDictionary(n => n, n => weights.TryGetShape(n, out int[] shape) ? shape : []);
        using var pickle = new PickleWriter();
        WriteHead(pickle);
        WriteTensors(pickle, [.. names.Select(n => (prefix + n, shapes[n]))]);
        WriteStorageKeys(pickle, names.Length);
        pickle.CopyTo(file);
        foreach (string name in names)
        {
            float[] values = new float[Count(shapes[name])];
            weights.Read(name, values);
            file.Write(BitConverter.GetBytes((long)values.Length));
            file.Write(MemoryMarshal.AsBytes<float>(values));
        }
    }

    // The magic number, the protocol and the machine, a pickle each.
    private static void WriteHead(PickleWriter pickle)
    {
        pickle.Start();
        pickle.Bytes([0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]);
        pickle.Ascii(".");
        pickle.Start();
        pickle.Int(1001);
        pickle.Ascii(".");
        pickle.Start();
        pickle.Ascii("}");
        pickle.Text("little_endian");
        pickle.Bytes([0x88]);
        pickle.Ascii("s.");
    }

    private static void WriteTensors(PickleWriter pickle, (string Name, int[] Shape)[] tensors)
    {
        pickle.Start();
        pickle.Ascii("ccollections\nOrderedDict\n)R(");
        for (int i = 0; i < tensors.Length; i++)
        {
            (string name, int[] shape) = tensors[i];
            pickle.Text(name);
            pickle.Ascii("ctorch._utils\n_rebuild_tensor_v2\n((");
            pickle.Text("storage");
            pickle.Ascii("ctorch\nFloatStorage\n");
            pickle.Text($"{i}");
            pickle.Text("cpu");
            pickle.Int(Count(shape));
            pickle.Ascii("NtQ");
            pickle.Int(0);
            pickle.Tuple(shape.Select(s => (long)s));
            pickle.Tuple(Enumerable.Range(0, shape.Length).Select(d => Count(shape[(d + 1)..])));
            pickle.Bytes([0x89]);
            pickle.Ascii("ccollections\nOrderedDict\n)RtR");
        }
        pickle.Ascii("u.");
    }

    private static void WriteStorageKeys(PickleWriter pickle, int count)
    {
        pickle.Start();
        pickle.Ascii("](");
        for (int i = 0; i < count; i++)
            pickle.Text($"{i}");
        pickle.Ascii("e.");
    }

    private static long Count(int[] shape) => shape.Aggregate(1L, (product, side) => product * side);

    /// <summary>Protocol 2 of pickle, as far as it is needed here.</summary>
    private sealed class PickleWriter : IDisposable
    {
        private readonly MemoryStream _stream = new();

        public void Start() => Bytes([0x80, 2]);

        public void Bytes(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

        public void Ascii(string text) => Bytes(Encoding.ASCII.GetBytes(text));

        public void Int(long value)
        {
            Ascii("J");
            Bytes(BitConverter.GetBytes((int)value));
        }

        public void Text(string text)
        {
            Ascii("X");
            Bytes(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)));
            Bytes(Encoding.UTF8.GetBytes(text));
        }

        public void Tuple(IEnumerable<long> items)
        {
            Ascii("(");
            foreach (long item in items)
                Int(item);
            Ascii("t");
        }

        public void CopyTo(Stream file) => _stream.WriteTo(file);

        public void Dispose() => _stream.Dispose();
    }
}
