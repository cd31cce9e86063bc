using System.Buffers.Binary;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>Reads size, orientation and number of pictures from the chunks of a WebP (RFC 9649).</summary>
internal static class WebPFile
{
    private const int ChunkHeader = 8, FirstChunk = 12;

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        int frames = 0, orientation = 1;
        (int Width, int Height)? size = null;
        for (int at = FirstChunk; at + ChunkHeader <= bytes.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]);
            ReadOnlySpan<byte> name = bytes.Slice(at, 4), content = bytes[(at + ChunkHeader)..];
            content = content[..(int)Math.Min(length, content.Length)];
            size ??= Size(name, content);
            if (name.SequenceEqual("ANMF"u8))
                frames++;
            else if (name.SequenceEqual("EXIF"u8))
                orientation = ExifOrientation.Read(content);
            long next = at + ChunkHeader + length + length % 2;
            if (next >= bytes.Length)
                break;
            at = (int)next;
        }
        (int width, int height) = size ?? throw new InvalidDataException("the picture is truncated");
        return new PictureHeader("WebP", width, height) { FrameCount = Math.Max(1, frames), Orientation = orientation };
    }

    private static (int Width, int Height)? Size(ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        if (name.SequenceEqual("VP8X"u8) && content.Length >= 10)
            return (1 + U24(content[4..]), 1 + U24(content[7..]));
        // A key frame: a frame tag of 3 bytes, the start code, width and height of 14 bits each.
        if (name.SequenceEqual("VP8 "u8) && content.Length >= 10)
            return (BinaryPrimitives.ReadUInt16LittleEndian(content[6..]) & 0x3FFF,
                BinaryPrimitives.ReadUInt16LittleEndian(content[8..]) & 0x3FFF);
        if (name.SequenceEqual("VP8L"u8) && content.Length >= 5)
        {
            uint bits = BinaryPrimitives.ReadUInt32LittleEndian(content[1..]);
            return (1 + (int)(bits & 0x3FFF), 1 + (int)(bits >> 14 & 0x3FFF));
        }
        return null;
    }

    private static int U24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
