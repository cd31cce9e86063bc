using System.Buffers.Binary;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>The header of a BMP.</summary>
internal static class BmpFile
{
    private const int CoreHeader = 12;

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        bool core = BinaryPrimitives.ReadUInt32LittleEndian(bytes[14..]) == CoreHeader;
        if (bytes.Length < 26)
            throw new InvalidDataException("the picture is truncated");
        int width = core ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]) : BinaryPrimitives.ReadInt32LittleEndian(bytes[18..]);
        // Negative if the rows are stored from top to bottom.
        long height = core ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..])
            : Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(bytes[22..]));
        return new PictureHeader("BMP", width, (int)Math.Min(height, int.MaxValue));
    }
}
