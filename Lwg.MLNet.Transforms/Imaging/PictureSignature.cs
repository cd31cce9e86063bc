using System.Buffers.Binary;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>Detects file formats from the first bytes without a decoder. A decoder follows the offsets in a file, and a header of 50
/// bytes can make it skip 2 GB.</summary>
internal static class PictureSignature
{
    public const string Jpeg = "JPEG", Png = "PNG", WebP = "WebP", Bmp = "BMP", Gif = "GIF", Tiff = "TIFF";

    // The header lengths of the BMP versions.
    private static readonly uint[] s_bitmapHeaders = [12, 16, 40, 52, 56, 64, 108, 124];

    /// <summary>The supported formats, for messages.</summary>
    public const string Read = "JPEG, PNG, WebP, BMP, GIF and TIFF";

    /// <summary>Returns the format of a file from its first bytes; null if it is not supported.</summary>
    public static string? FormatOf(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Jpeg
        : start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]) ? Png
        : start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8) ? Gif
        : start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..12].SequenceEqual("WEBP"u8) ? WebP
        : start.Length >= 18 && start.StartsWith("BM"u8)
        && s_bitmapHeaders.AsSpan().Contains(BinaryPrimitives.ReadUInt32LittleEndian(start[14..])) ? Bmp
        : start.Length >= 8 && (start.StartsWith("II*\0"u8) || start.StartsWith("MM\0*"u8)) ? Tiff
        : null;

    /// <summary>Describes a picture in an unsupported format and how to convert it; null for other files.</summary>
    public static string? Unread(ReadOnlySpan<byte> start)
    {
        if (start.Length >= 12 && start[4..8].SequenceEqual("ftyp"u8))
        {
            return Brand(start) switch
            {
                "avif" => "it is an AVIF picture, which is not supported; save it as JPEG or PNG: 'ffmpeg -i photo.avif photo.png'",
                "heic" => "it is a HEIC photograph (the format of iPhones), which is not supported under any file name; save it as JPEG: "
                    + "share or export it from the phone as 'Most Compatible', or 'heif-convert photo.heic photo.jpg'",
                _ => null,
            };
        }
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A])
            || start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ']))
            return "it is a JPEG XL picture, which is not supported; save it as JPEG or PNG: 'djxl photo.jxl photo.png'";
        if (start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ']))
            return "it is a JPEG 2000 picture, which is not supported; save it as JPEG or PNG";
        if (start.StartsWith("II+\0"u8) || start.StartsWith("MM\0+"u8))
            return "it is a BigTIFF, which is not supported; save it as PNG";
        if (start.StartsWith("8BPS"u8))
            return "it is a Photoshop document, which is not supported; export it as PNG";
        if (start.StartsWith("%PDF-"u8))
            return "it is a PDF document, not a picture";
        if (start.StartsWith((ReadOnlySpan<byte>)[0, 0, 1, 0]))
            return "it is an icon, which is not supported; save it as PNG";
        return null;
    }

    /// <summary>Describes a file that is neither a picture nor a video; null if its first bytes are unknown.</summary>
    public static string? Other(ReadOnlySpan<byte> start)
    {
        start = start[..Math.Min(start.Length, FileSignature.Length)];
        return FileSignature.OfFilm(start) is null && FileSignature.Of(start, start.Length) is { } what ? "it is " + what : null;
    }

    // Returns the format from the major brand or the first specific compatible brand; 'mif1' and 'msf1' are generic.
    private static string? Brand(ReadOnlySpan<byte> start)
    {
        int length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(start), (uint)start.Length);
        for (int at = 8; at + 4 <= length; at += at == 8 ? 8 : 4)
        {
            ReadOnlySpan<byte> brand = start.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
                return "avif";
            if (brand.StartsWith("hei"u8) || brand.StartsWith("hev"u8))
                return "heic";
        }
        return start[8..12].SequenceEqual("mif1"u8) || start[8..12].SequenceEqual("msf1"u8) ? "heic" : null;
    }
}
