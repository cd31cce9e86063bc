using System.Buffers.Binary;
using System.IO.Hashing;

namespace Lwg.MLNet.Service;

/// <summary>Joins PNGs of the same size into an animated PNG (PNG third edition, 11.3.6), which every browser shows and which needs no
/// further package.</summary>
internal static class AnimatedPng
{
    private static readonly byte[] s_signature = [137, 80, 78, 71, 13, 10, 26, 10];

    /// <summary>Joins frames into an animated PNG.</summary>
    /// <param name="frames">The frames, PNGs of the same size and colour type.</param>
    /// <param name="milliseconds">The duration of each frame.</param>
    public static byte[] Join(IReadOnlyList<byte[]> frames, int milliseconds)
    {
        using var stream = new MemoryStream();
        stream.Write(s_signature);
        int sequence = 0;
        for (int i = 0; i < frames.Count; i++)
        {
            foreach ((string type, ReadOnlyMemory<byte> data) in ChunksOf(frames[i]))
            {
                if (type == "IDAT" && i > 0)
                {
                    Write(stream, "fdAT", [.. Number(sequence++), .. data.Span]);
                    continue;
                }
                if (type == "IEND" ? i == frames.Count - 1 : i == 0)
                    Write(stream, type, data.Span);
                if (type != "IHDR")
                    continue;
                if (i == 0)
                    Write(stream, "acTL", [.. Number(frames.Count), .. Number(0)]);
                // Width and height as in IHDR, offset (0, 0), delay as a fraction of a second, dispose operation none, blend operation
                // source.
                Write(stream, "fcTL", [.. Number(sequence++), .. data.Span[..8], .. Number(0), .. Number(0),
                    .. Number((milliseconds << 16) | 1000), 0, 0]);
            }
        }
        return stream.ToArray();
    }

    /// <summary>Returns the chunks of a PNG.</summary>
    public static IEnumerable<(string Type, ReadOnlyMemory<byte> Data)> ChunksOf(ReadOnlyMemory<byte> png)
    {
        for (int at = s_signature.Length; at < png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.Span[at..]);
            yield return (System.Text.Encoding.ASCII.GetString(png.Span.Slice(at + 4, 4)), png.Slice(at + 8, length));
            at += length + 12;
        }
    }

    private static void Write(Stream stream, string type, ReadOnlySpan<byte> data)
    {
        byte[] content = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        stream.Write(Number(data.Length));
        stream.Write(content);
        stream.Write(Number((int)Crc32.HashToUInt32(content)));
    }

    private static byte[] Number(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
