using System.Runtime.InteropServices;
using Lwg.MLNet.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Tiff;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.PixelFormats;
using SkiaSharp;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>
/// Decodes picture files with validated headers: JPEG and TIFF with ImageSharp, the others with Skia. Skia detects truncated PNG and WebP
/// data (ImageSharp 2.1 accepts a fifth of such a file as a complete picture) and applies colour profiles. ImageSharp ignores metadata.
/// </summary>
internal static class PictureDecoder
{
    // Memory for the progressive coefficients of the largest picture and for its pixels, each in one allocation.
    private const int AllocationLimitMegabytes = 512, PoolMegabytes = 128;

    private static readonly Configuration s_configuration = new()
    {
        PreferContiguousImageBuffers = true,
        MemoryAllocator = MemoryAllocator.Create(
        new MemoryAllocatorOptions { AllocationLimitMegabytes = AllocationLimitMegabytes, MaximumPoolSizeMegabytes = PoolMegabytes }),
    };

    private static readonly JpegDecoder s_jpeg = new() { IgnoreMetadata = true };
    private static readonly TiffDecoder s_tiff = new() { IgnoreMetadata = true };

    // Fillers between the end of JPEG data and the end marker that is added. Missing blocks decode differently with each filler.
    private static readonly byte[][] s_endings =
        [[], [.. Enumerable.Range(0, 256).Select(i => (byte)(0x35 + 57 * i % 190))], [.. Enumerable.Repeat((byte)0xB6, 256)]];

    /// <summary>Decodes a picture as stored, without applying its orientation.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="header">Its header, whose size has been validated.</param>
    /// <exception cref="InvalidDataException">The picture is damaged or truncated.</exception>
    public static PixelBuffer Decode(ReadOnlySpan<byte> bytes, PictureHeader header)
    {
        if (header.Format == PictureSignature.Tiff)
            return Sharp(TiffFile.FirstPage(bytes), s_tiff, header);
        if (header.Format != PictureSignature.Jpeg)
            return Skia(bytes);
        if (header.End is { } end)
        {
            bytes = Ended(bytes, end, s_endings[0]);
            RequireWhole(bytes, header, end);
        }
        return IsOther(header.Profile) ? Skia(bytes) : Sharp(bytes, s_jpeg, header);
    }

    /// <summary>Decodes a PNG, WebP, BMP, GIF or JPEG with Skia, with colours in sRGB.</summary>
    public static PixelBuffer Skia(ReadOnlySpan<byte> bytes)
    {
        using SkiaPicture picture = SkiaPicture.Open(bytes);
        return picture.Decode(0, keepAlpha: !picture.IsOpaque);
    }

    private static PixelBuffer Sharp(ReadOnlySpan<byte> bytes, IImageDecoder decoder, PictureHeader header)
    {
        try
        {
            using Image decoded = Image.Load(s_configuration, bytes, decoder);
            if ((decoded.Width, decoded.Height) != (header.Width, header.Height))
                throw new InvalidDataException(
                    $"the picture is damaged: it has {decoded.Width} x {decoded.Height} pixels, not {header.Width} x {header.Height}");
            return decoded.PixelType.AlphaRepresentation is null or PixelAlphaRepresentation.None ? Pixels<Rgb24>(decoded, 3)
                : Pixels<Rgba32>(decoded, 4);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or InvalidDataException))
        {
            throw new InvalidDataException(
                $"the picture is damaged and cannot be decoded ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})", e);
        }
    }

    private static PixelBuffer Pixels<TPixel>(Image decoded, int channels) where TPixel : unmanaged, IPixel<TPixel>
    {
        using Image<TPixel>? converted = decoded is Image<TPixel> ? null : decoded.CloneAs<TPixel>();
        Image<TPixel> image = converted ?? (Image<TPixel>)decoded;
        var picture = new PixelBuffer(image.Width, image.Height, channels);
        image.CopyPixelDataTo(MemoryMarshal.Cast<byte, TPixel>(picture.Data));
        return picture;
    }

    /// <summary>Determines whether a colour profile is not sRGB.</summary>
    private static bool IsOther(byte[]? profile)
    {
        // Damaged profiles are ignored, as in Skia.
        using SKColorSpaceIccProfile? read = profile is null ? null : SKColorSpaceIccProfile.Create(profile);
        if (read is null)
            return false;
        using SKColorSpace? space = SKColorSpace.CreateIcc(read);
        return space?.IsSrgb != true;
    }

    private static byte[] Ended(ReadOnlySpan<byte> bytes, JpegEnd end, byte[] filler) => [.. bytes[..end.Length], .. filler, 0xFF, 0xD9];

    /// <summary>Throws if a JPEG without end marker also lacks data. If only the marker is missing, the picture does not depend on the
    /// bytes after the data. If data are missing, decoders read those bytes, and different bytes give a different picture.</summary>
    private static void RequireWhole(ReadOnlySpan<byte> ended, PictureHeader header, JpegEnd end)
    {
        if (!end.SawAllScans)
            throw new InvalidDataException("the picture is truncated; whole files are needed");
        PixelBuffer picture = Sharp(ended, s_jpeg, header);
        foreach (byte[] filler in s_endings[1..])
        {
            if (!Sharp(Ended(ended, end, filler), s_jpeg, header).Data.SequenceEqual(picture.Data))
                throw new InvalidDataException("the picture is truncated; whole files are needed");
        }
    }
}
