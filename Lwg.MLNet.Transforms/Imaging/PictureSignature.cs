using System.Buffers.Binary;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>How the files of the formats that are read begin. No decoder sees them: a decoder goes where the file sends it, and a header of 50 bytes may send it 2 GB ahead.</summary>
internal static class PictureSignature
{
    /// <summary>How many bytes are looked at.</summary>
    public const int Length = 18;

    // The lengths of the headers of BMP's versions.
    private static readonly uint[] s_bitmapHeaders = [12, 16, 40, 52, 56, 64, 108, 124];

    /// <summary>Whether a file that begins so is JPEG, PNG, WebP, BMP or GIF.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A])
        || start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8)
        || (start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..12].SequenceEqual("WEBP"u8))
        || (start.Length >= Length && start.StartsWith("BM"u8) && s_bitmapHeaders.AsSpan().Contains(BinaryPrimitives.ReadUInt32LittleEndian(start[14..])));
}
