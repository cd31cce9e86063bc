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
        using var pickle = new MemoryStream();
        void Op(char op) => pickle.WriteByte((byte)op);
        void Ascii(string text) => pickle.Write(Encoding.ASCII.GetBytes(text));
        void Int(long value)
        {
            Op('J');
            pickle.Write(BitConverter.GetBytes((int)value));
        }
        void Text(string text)
        {
            Op('X');
            pickle.Write(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)));
            pickle.Write(Encoding.UTF8.GetBytes(text));
        }
        void Tuple(IEnumerable<long> items)
        {
            Op('(');
            foreach (long item in items)
                Int(item);
            Op('t');
        }
        void Start() => pickle.Write([0x80, 2]);

        Start();
        pickle.Write([0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]);
        Op('.');
        Start();
        Int(1001);
        Op('.');
        Start();
        Op('}');
        Text("little_endian");
        pickle.WriteByte(0x88);
        Op('s');
        Op('.');

        Start();
        Ascii("ccollections\nOrderedDict\n)R(");
        for (int i = 0; i < names.Length; i++)
        {
            int[] shape = shapes[names[i]];
            Text(prefix + names[i]);
            Ascii("ctorch._utils\n_rebuild_tensor_v2\n((");
            Text("storage");
            Ascii("ctorch\nFloatStorage\n");
            Text($"{i}");
            Text("cpu");
            Int(Count(shape));
            Ascii("NtQ");
            Int(0);
            Tuple(shape.Select(s => (long)s));
            Tuple(Enumerable.Range(0, shape.Length).Select(d => Count(shape[(d + 1)..])));
            pickle.WriteByte(0x89);
            Ascii("ccollections\nOrderedDict\n)RtR");
        }
        Ascii("u.");

        Start();
        Ascii("](");
        for (int i = 0; i < names.Length; i++)
            Text($"{i}");
        Ascii("e.");
        pickle.WriteTo(file);
        foreach (string name in names)
        {
            float[] values = new float[Count(shapes[name])];
            weights.Read(name, values);
            file.Write(BitConverter.GetBytes((long)values.Length));
            file.Write(MemoryMarshal.AsBytes<float>(values));
        }
    }

    private static long Count(int[] shape) => shape.Aggregate(1L, (product, side) => product * side);
}
