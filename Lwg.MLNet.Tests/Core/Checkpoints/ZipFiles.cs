using System.Buffers.Binary;
using System.IO.Compression;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Zip files that lie.</summary>
internal static class ZipFiles
{
    /// <summary>A zip of one entry.</summary>
    public static byte[] Of(string name, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            zip.CreateEntry(name, CompressionLevel.SmallestSize).Open().With(s => s.Write(content));
        return stream.ToArray();
    }

    /// <summary>A zip of one entry, with more entries in its directory that all point to the same content.</summary>
    /// <param name="zip">The zip; its entry's name begins with a digit, which the others count on from.</param>
    /// <param name="count">How many entries there are then.</param>
    public static byte[] Overlapping(byte[] zip, int count)
    {
        // The directory's records begin with PK 1 2; the end's record, PK 5 6, says at 8 and 10 how many they are and at 12 how long.
        int record = zip.AsSpan().LastIndexOf([(byte)'P', (byte)'K', (byte)1, (byte)2]), end = zip.AsSpan()
            .LastIndexOf([(byte)'P', (byte)'K', (byte)5, (byte)6]);
        var bytes = new List<byte>(zip[..record]);
        for (int i = 0; i < count; i++)
        {
            byte[] copy = zip[record..end];
            copy[46] += (byte)i;
            bytes.AddRange(copy);
        }
        byte[] tail = zip[end..];
        BinaryPrimitives.WriteUInt16LittleEndian(tail.AsSpan(8), (ushort)count);
        BinaryPrimitives.WriteUInt16LittleEndian(tail.AsSpan(10), (ushort)count);
        BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(12), (uint)(count * (end - record)));
        return [.. bytes, .. tail];
    }

    private static void With(this Stream stream, Action<Stream> write)
    {
        using (stream)
            write(stream);
    }
}
