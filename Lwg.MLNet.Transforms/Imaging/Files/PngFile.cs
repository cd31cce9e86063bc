using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>Reads size, orientation and number of pictures from the chunks of a PNG (third edition).</summary>
internal static class PngFile
{
    public const int SignatureLength = 8, HeaderLength = 13;

    private const int LongestProfile = 1 << 20;

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Returns the chunks with type and content, up to the first truncated chunk.</summary>
    public static List<(string Type, Range Content)> Chunks(ReadOnlySpan<byte> bytes)
    {
        var chunks = new List<(string, Range)>();
        for (long at = SignatureLength; at + 12 <= bytes.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(bytes[(int)at..]);
            if (at + 12 + length > bytes.Length)
                break;
            int start = (int)at + 8;
            chunks.Add((Encoding.Latin1.GetString(bytes.Slice(start - 4, 4)), start..(start + (int)length)));
            at += 12 + length;
        }
        return chunks;
    }

    /// <summary>Writes a chunk with its length and checksum.</summary>
    public static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(content);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        stream.Write(number);
    }

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SignatureLength + HeaderLength + 12 || !bytes.Slice(SignatureLength + 4, 4).SequenceEqual("IHDR"u8))
            throw new InvalidDataException("the picture is truncated");
        int frames = 0, orientation = 1;
        foreach ((string type, Range range) in Chunks(bytes))
        {
            ReadOnlySpan<byte> content = bytes[range];
            if (type == "fcTL")
                frames++;
            else if (type == "eXIf")
                orientation = ExifOrientation.Read(content);
            else if (type is "tEXt" or "zTXt" && orientation == 1)
                orientation = ExifOrientation.Read(RawProfile(type, content));
        }
        uint width = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), height = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]);
        return new PictureHeader("PNG", (int)Math.Min(width, int.MaxValue),
            (int)Math.Min(height, int.MaxValue)) { FrameCount = Math.Max(1, frames), Orientation = orientation };
    }

    /// <summary>Returns EXIF data in the format from before the eXIf chunk: hexadecimal digits in a text, after a name and a
    /// length.</summary>
    private static byte[] RawProfile(string type, ReadOnlySpan<byte> content)
    {
        if (!content.StartsWith("Raw profile type exif\0"u8) && !content.StartsWith("Raw profile type APP1\0"u8))
            return [];
        content = content[22..];
        string text = Encoding.Latin1.GetString(type == "tEXt" ? content : Inflated(content.IsEmpty ? content : content[1..]));
        // "\nexif\n     38\n45786966..."
        string[] lines = text.Split('\n', 4, StringSplitOptions.None);
        if (lines.Length < 4 || !int.TryParse(lines[2], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int length)
            || length is < 1 or > LongestProfile)
            return [];
        string digits = lines[3].ReplaceLineEndings("");
        return digits.Length >= 2 * length && digits.AsSpan(0, 2 * length).IndexOfAnyExcept(s_digits) < 0
            ? Convert.FromHexString(digits.AsSpan(0, 2 * length)) : [];
    }

    private static byte[] Inflated(ReadOnlySpan<byte> deflated)
    {
        byte[] text = new byte[2 * LongestProfile];
        try
        {
            using var stream = new ZLibStream(new MemoryStream(deflated.ToArray()), CompressionMode.Decompress);
            return text[..stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }
}
