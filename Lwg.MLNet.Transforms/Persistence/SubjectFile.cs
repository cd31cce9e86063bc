using System.Text;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Transforms.Persistence;

/// <summary>Learned people in the format of version 0: the count, and for each person the name, the length and the .npz file. This format
/// is read but no longer written.</summary>
internal static class SubjectFile
{
    private const string File = "saved model", Entry = "learned people";

    /// <exception cref="ModelFileException">The data are truncated or damaged, or contain no people.</exception>
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
                    throw new ModelFileException(File, Entry, $"'{name}' occurs twice.");
            }
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            throw new ModelFileException(File, Entry, "they are truncated or damaged.", e);
        }
        return subjects.Count > 0 ? subjects : throw new ModelFileException(File, Entry, "there are no people.");
    }
}
