using System.Buffers.Binary;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>The orientation in the first EXIF directory (Exif 2.32, 4.6.4 A). The standard requires SHORT, but some writers store
/// LONG.</summary>
internal static class ExifOrientation
{
    public const int Tag = 0x0112;

    /// <summary>Reads the orientation.</summary>
    /// <param name="exif">The EXIF data from the TIFF header on; a leading "Exif\0\0" is skipped.</param>
    /// <returns>1 to 8; 1 if there is none or it is invalid.</returns>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        bool little = exif.StartsWith("II*\0"u8);
        if (exif.Length < 8 || (!little && !exif.StartsWith("MM\0*"u8)))
            return 1;
        uint start = U32(exif, 4, little);
        if (start > exif.Length - 2)
            return 1;
        int count = U16(exif, (int)start, little);
        for (int i = 0; i < count; i++)
        {
            long at = start + 2 + 12L * i;
            if (at + 12 > exif.Length)
                return 1;
            if (U16(exif, (int)at, little) == Tag)
                return Value(exif[(int)at..], little) is >= 1 and <= 8 and var value ? (int)value : 1;
        }
        return 1;
    }

    /// <summary>Returns the first value of an entry of any integer type; -1 for other types.</summary>
    public static long Value(ReadOnlySpan<byte> entry, bool little) => U16(entry, 2, little) switch
    {
        1 or 6 => entry[8],
        3 or 8 => U16(entry, 8, little),
        4 or 9 => U32(entry, 8, little),
        _ => -1,
    };

    public static int U16(ReadOnlySpan<byte> bytes, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    public static uint U32(ReadOnlySpan<byte> bytes, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
}
