using System.Buffers.Binary;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>Reads the size and the number of pictures from the blocks of a GIF (GIF89a, 17 to 26).</summary>
internal static class GifFile
{
    private const int HeadLength = 13, DescriptorLength = 10;

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadLength)
            throw new InvalidDataException("the picture is truncated");
        int width = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]), height = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]),
            frames = 0;
        int at = HeadLength + TableLength(bytes[10]);
        while (at < bytes.Length && bytes[at] != 0x3B)
        {
            if (bytes[at] == 0x21)
                at = EndOfBlocks(bytes, at + 2);
            else if (bytes[at] == 0x2C && at + DescriptorLength < bytes.Length)
            {
                at = EndOfBlocks(bytes, at + DescriptorLength + TableLength(bytes[at + DescriptorLength - 1]) + 1);
                // Only complete pictures count.
                if (at <= bytes.Length)
                    frames++;
            }
            else
                break;
        }
        return new PictureHeader("GIF", width, height) { FrameCount = Math.Max(1, frames) };
    }

    private static int TableLength(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    /// <summary>Returns the position after a series of sub-blocks; a position after the end of the file if the series is not
    /// terminated.</summary>
    private static int EndOfBlocks(ReadOnlySpan<byte> bytes, int at)
    {
        while (at < bytes.Length && bytes[at] != 0)
            at += bytes[at] + 1;
        return at + 1;
    }
}
