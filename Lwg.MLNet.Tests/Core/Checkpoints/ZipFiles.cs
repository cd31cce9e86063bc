using System.Buffers.Binary;
using System.IO.Compression;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Makes zip files with wrong directories.</summary>
internal static class ZipFiles
{
    /// <summary>Creates a zip of one entry.</summary>
    public static byte[] Of(string name, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            zip.CreateEntry(name, CompressionLevel.SmallestSize).Open().With(s => s.Write(content));
        return stream.ToArray();
    }

    /// <summary>Creates a zip of one entry, with more entries in its directory that all point to the same content.</summary>
    /// <param name="zip">The zip; its entry's name begins with a digit, from which the other names count on.</param>
    /// <param name="count">The number of entries of the result.</param>
    public static byte[] Overlapping(byte[] zip, int count)
    {
        // The directory's records begin with PK 1 2; the end's record, PK 5 6, contains their number at 8 and 10 and their length at 12.
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
