using System.Text;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>Learned people by name, as one blob of a saved model.</summary>
internal static class SubjectFile
{
    private const string File = "saved model", Entry = "learned people";

    public static byte[] Write(IReadOnlyDictionary<string, Subject> subjects)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(subjects.Count);
            foreach ((string name, Subject subject) in subjects)
            {
                using var npz = new MemoryStream();
                subject.Save(npz);
                writer.Write(name);
                writer.Write((int)npz.Length);
                writer.Write(npz.GetBuffer(), 0, (int)npz.Length);
            }
        }
        return stream.ToArray();
    }

    /// <exception cref="ModelFileException">It is cut short, damaged, or holds nobody.</exception>
    public static Dictionary<string, Subject> Read(byte[] data)
    {
        using var reader = new BinaryReader(new MemoryStream(data), Encoding.UTF8);
        var subjects = new Dictionary<string, Subject>();
        try
        {
            int count = reader.ReadInt32();
            for (int i = 0; i < count; i++)
            {
                string name = reader.ReadString();
                int length = reader.ReadInt32();
                if (length < 0 || length > data.Length - reader.BaseStream.Position)
                    throw new EndOfStreamException();
                using var npz = new MemoryStream(reader.ReadBytes(length));
                if (!subjects.TryAdd(name, Subject.Load(npz, $"{File}, person '{name}'")))
                    throw new ModelFileException(File, Entry, $"'{name}' is there twice.");
            }
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new ModelFileException(File, Entry, "they are cut short or damaged.", e);
        }
        return subjects.Count > 0 ? subjects : throw new ModelFileException(File, Entry, "there is nobody.");
    }
}
