using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Lwg.MLNet.Imaging;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>What becomes of a picture's alpha.</summary>
public enum AlphaMode
{
    /// <summary>The picture is composited on white; three channels come back.</summary>
    OnWhite,

    /// <summary>A picture with alpha keeps it as a straight fourth channel; one without has three.</summary>
    Keep,
}

/// <summary>
/// Picture files and <see cref="MLImage"/>s to and from plain pixels. JPEG, PNG, WebP, BMP and GIF (its first frame) are read; grey and
/// CMYK become RGB, embedded colour profiles sRGB, and EXIF orientations are applied. Nothing else touches SkiaSharp.
/// </summary>
public static class ImageCodec
{
    /// <summary>The shortest side that is allowed, in pixels.</summary>
    public const int MinimumSide = 32;

    /// <summary>The longest side that is allowed, in pixels.</summary>
    public const int MaximumSide = 16_384;

    /// <summary>How many pixels are allowed.</summary>
    public const int MaximumPixels = 64_000_000;

    /// <summary>How many bytes a file may have.</summary>
    public const long MaximumFileBytes = 256L << 20;

    /// <summary>Reads a picture file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="alpha">What becomes of its alpha.</param>
    /// <exception cref="ImageInputException">It is missing, no picture of a known format, damaged, cut short, or outside the limits.</exception>
    public static PixelBuffer Load(string path, AlphaMode alpha = AlphaMode.OnWhite)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Decode(stream, path, alpha);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageInputException($"'{path}': the picture cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Whether a file is a picture of a format that is read, as far as its beginning tells.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageInputException">It is missing or cannot be read.</exception>
    public static bool IsPicture(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[PictureSignature.Length];
            return PictureSignature.IsKnown(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageInputException($"'{path}': it cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a picture from a stream.</summary>
    /// <param name="stream">Read to its end; left open.</param>
    /// <param name="name">The picture's name, for errors.</param>
    /// <param name="alpha">What becomes of its alpha.</param>
    /// <exception cref="ImageInputException">It is no picture of a known format, damaged, cut short, or outside the limits.</exception>
    public static PixelBuffer Decode(Stream stream, string name, AlphaMode alpha = AlphaMode.OnWhite)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var bytes = new MemoryStream();
        byte[] chunk = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            if (stream.CanSeek)
                CheckFileSize(stream.Length - stream.Position, name);
            for (int read; (read = stream.Read(chunk)) > 0;)
            {
                bytes.Write(chunk, 0, read);
                CheckFileSize(bytes.Length, name);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
        return Decode(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name, alpha);
    }

    /// <summary>Reads a picture from memory.</summary>
    /// <param name="bytes">The file's content.</param>
    /// <param name="name">The picture's name, for errors.</param>
    /// <param name="alpha">What becomes of its alpha.</param>
    /// <exception cref="ImageInputException">It is no picture of a known format, damaged, cut short, or outside the limits.</exception>
    public static unsafe PixelBuffer Decode(ReadOnlySpan<byte> bytes, string name, AlphaMode alpha = AlphaMode.OnWhite)
    {
        CheckFileSize(bytes.Length, name);
        fixed (byte* start = bytes)
        {
            using SKData data = SKData.Create((nint)start, bytes.Length);
            using SKCodec? codec = SKCodec.Create(data);
            if (!IsKnown(codec))
                throw new ImageInputException($"'{name}': it is not a picture that can be read; JPEG, PNG, WebP, BMP and GIF are.{(Checkpoints.FileSignature.Of(bytes[..Math.Min(bytes.Length, Checkpoints.FileSignature.Length)], bytes.Length) is { } what ? $" It is {what}." : "")}");
            PixelBuffer picture = Decode(codec, name).Upright((int)codec.EncodedOrigin);
            return alpha == AlphaMode.OnWhite ? picture.OnWhite() : picture;
        }
    }

    private static bool IsKnown([NotNullWhen(true)] SKCodec? codec) =>
        codec?.EncodedFormat is SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png or SKEncodedImageFormat.Webp or SKEncodedImageFormat.Bmp or SKEncodedImageFormat.Gif;

    private static unsafe PixelBuffer Decode(SKCodec codec, string name)
    {
        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        if (Math.Min(width, height) < MinimumSide || Math.Max(width, height) > MaximumSide || (long)width * height > MaximumPixels)
            throw new ImageInputException($"'{name}': the picture has {width} x {height} pixels; sides from {MinimumSide} to {MaximumSide} pixels and at most {MaximumPixels / 1_000_000} megapixels are allowed.");
        using SKColorSpace srgb = SKColorSpace.CreateSrgb();
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul, srgb);
        byte[] rgba = new byte[info.BytesSize];
        SKCodecResult result;
        fixed (byte* pixels = rgba)
            result = codec.GetPixels(info, (nint)pixels);
        if (result != SKCodecResult.Success)
        {
            throw new ImageInputException(result is SKCodecResult.IncompleteInput
                ? $"'{name}': the picture is cut short; whole files are needed."
                : $"'{name}': the picture is damaged and cannot be decoded ({result}).");
        }
        if (codec.Info.AlphaType != SKAlphaType.Opaque)
            return PixelBuffer.Wrap(rgba, width, height, 4);
        var picture = new PixelBuffer(width, height);
        Span<byte> rgb = picture.Data;
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
        return picture;
    }

    /// <summary>Writes a PNG file, whole or not at all.</summary>
    /// <param name="picture">The picture; with 4 channels its alpha is written.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="provenance">How it came about, to be told in its metadata; null for nothing.</param>
    public static void SavePng(PixelBuffer picture, string path, Provenance? provenance = null) => AtomicFile.Write(path, stream => EncodePng(picture, stream, provenance));

    /// <summary>Writes an image as a PNG file, whole or not at all.</summary>
    /// <param name="image">The image.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="provenance">How it came about, to be told in its metadata; null for nothing.</param>
    public static void SavePng(MLImage image, string path, Provenance? provenance = null) => SavePng(ToPixels(image), path, provenance);

    /// <summary>Writes PNG.</summary>
    /// <param name="picture">The picture; with 4 channels its alpha is written.</param>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="provenance">How it came about, to be told in its metadata; null for nothing.</param>
    public static unsafe void EncodePng(PixelBuffer picture, Stream stream, Provenance? provenance = null)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(stream);
        byte[] rgba = ToRgba(picture);
        var info = new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, picture.Channels == 4 ? SKAlphaType.Unpremul : SKAlphaType.Opaque);
        fixed (byte* pixels = rgba)
        {
            using var map = new SKPixmap(info, (nint)pixels);
            using SKData data = map.Encode(SKPngEncoderOptions.Default)
                ?? throw new LwgException($"A picture of {picture.Width} x {picture.Height} pixels could not be encoded as PNG.");
            if (provenance is null)
                data.SaveTo(stream);
            else
                provenance.WriteInto(data.AsSpan(), stream);
        }
    }

    /// <summary>The pixels of an image; an <see cref="MLImage"/>'s alpha is premultiplied and becomes straight again.</summary>
    /// <param name="image">The image.</param>
    /// <param name="alpha">What becomes of its alpha; an image that is opaque everywhere has three channels either way.</param>
    public static PixelBuffer ToPixels(MLImage image, AlphaMode alpha = AlphaMode.OnWhite)
    {
        ReadOnlySpan<byte> pixels = Pixels(image, out int red);
        bool keep = alpha == AlphaMode.Keep && !IsOpaque(pixels);
        var result = new PixelBuffer(image.Width, image.Height, keep ? 4 : 3);
        Span<byte> to = result.Data;
        for (int from = 0, at = 0; from < pixels.Length; from += 4, at += result.Channels)
        {
            int a = pixels[from + 3];
            if (keep)
                to[at + 3] = (byte)a;
            for (int c = 0; c < 3; c++)
            {
                byte value = pixels[from + (c == 1 ? 1 : red ^ c)];
                to[at + c] = keep ? Straight(value, a) : OnWhite(value, a);
            }
        }
        return result;
    }

    /// <summary>The colours of an image as planes of floats, composited on white.</summary>
    /// <param name="image">The image.</param>
    /// <param name="tensor">[3,H,W], red first; filled with values in [-1,1].</param>
    /// <exception cref="ArgumentException">The tensor has another length.</exception>
    public static void ToTensor(MLImage image, Span<float> tensor)
    {
        ReadOnlySpan<byte> pixels = Pixels(image, out int red);
        int plane = image.Width * image.Height;
        if (tensor.Length != 3 * plane)
            throw new ArgumentException($"An image of {image.Width} x {image.Height} pixels is a tensor of {3 * plane} values, but {tensor.Length} were given.", nameof(tensor));
        for (int c = 0; c < 3; c++)
        {
            Span<float> to = tensor.Slice(c * plane, plane);
            int channel = c == 1 ? 1 : red ^ c;
            for (int i = 0, from = 0; i < to.Length; i++, from += 4)
                to[i] = PixelBuffer.ToUnit(OnWhite(pixels[from + channel], pixels[from + 3]));
        }
    }

    /// <summary>An image of a picture; the caller owns it.</summary>
    /// <param name="picture">The picture; straight alpha becomes premultiplied, as <see cref="MLImage"/> holds it.</param>
    public static MLImage ToImage(PixelBuffer picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        byte[] bgra = ToRgba(picture);
        for (int i = 0; i < bgra.Length; i += 4)
        {
            int a = bgra[i + 3];
            (bgra[i], bgra[i + 1], bgra[i + 2]) = (Premultiplied(bgra[i + 2], a), Premultiplied(bgra[i + 1], a), Premultiplied(bgra[i], a));
        }
        return MLImage.CreateFromPixels(picture.Width, picture.Height, MLPixelFormat.Bgra32, bgra);
    }

    /// <summary>An opaque image of planes of floats, clamped to [-1,1] and then rounded to bytes; the caller owns it.</summary>
    /// <param name="tensor">[3,H,W], red first.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ArgumentException">The tensor has another length.</exception>
    public static MLImage ToImage(ReadOnlySpan<float> tensor, int width, int height)
    {
        int plane = checked(width * height);
        if (tensor.Length != 3 * plane)
            throw new ArgumentException($"An image of {width} x {height} pixels is a tensor of {3 * plane} values, but {tensor.Length} were given.", nameof(tensor));
        byte[] rented = ArrayPool<byte>.Shared.Rent(4 * plane);
        try
        {
            Span<byte> bgra = rented.AsSpan(0, 4 * plane);
            ReadOnlySpan<float> red = tensor[..plane], green = tensor.Slice(plane, plane), blue = tensor[(2 * plane)..];
            for (int i = 0, at = 0; i < plane; i++, at += 4)
            {
                bgra[at] = PixelBuffer.ToByte(blue[i]);
                bgra[at + 1] = PixelBuffer.ToByte(green[i]);
                bgra[at + 2] = PixelBuffer.ToByte(red[i]);
                bgra[at + 3] = 255;
            }
            return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, bgra);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>True when two images have the same size, pixel format and bytes.</summary>
    public static bool ContentEquals(MLImage first, MLImage second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return ReferenceEquals(first, second)
            || (first.Width == second.Width && first.Height == second.Height && first.PixelFormat == second.PixelFormat && first.Pixels.SequenceEqual(second.Pixels));
    }

    /// <summary>
    /// A 64-bit hash of an image's size, pixel format and bytes, the same in every process: equal images have equal hashes; unequal ones
    /// almost surely do not, unless somebody made them to. <see cref="ContentEquals"/> is certain.
    /// </summary>
    public static ulong ContentHash(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        const ulong Odd = 0x9E3779B97F4A7C15;
        ReadOnlySpan<ulong> pairs = MemoryMarshal.Cast<byte, ulong>(image.Pixels);
        ulong hash = ((ulong)image.Width << 32 | (uint)image.Height) ^ ((ulong)image.PixelFormat + 1) * Odd;
        foreach (ulong pair in pairs)
            hash = (ulong.RotateLeft(hash, 29) ^ pair) * Odd;
        foreach (byte rest in image.Pixels[(8 * pairs.Length)..])
            hash = (ulong.RotateLeft(hash, 29) ^ rest) * Odd;
        return hash ^ hash >> 32;
    }

    /// <summary>An image's bytes and where red is in each pixel: 2 (BGRA) or 0 (RGBA), so that channel c, unless green, is at red ^ c.</summary>
    private static ReadOnlySpan<byte> Pixels(MLImage image, out int red)
    {
        ArgumentNullException.ThrowIfNull(image);
        red = image.PixelFormat switch
        {
            MLPixelFormat.Bgra32 => 2,
            MLPixelFormat.Rgba32 => 0,
            var other => throw new ImageInputException($"An image has the pixel format {other}; Bgra32 and Rgba32 are allowed."),
        };
        return image.Pixels;
    }

    private static byte[] ToRgba(PixelBuffer picture)
    {
        ReadOnlySpan<byte> data = picture.Data;
        if (picture.Channels == 4)
            return data.ToArray();
        byte[] rgba = new byte[checked(4 * picture.Width * picture.Height)];
        for (int from = 0, to = 0; from < data.Length; from += 3, to += 4)
            (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (data[from], data[from + 1], data[from + 2], 255);
        return rgba;
    }

    private static bool IsOpaque(ReadOnlySpan<byte> pixels)
    {
        for (int i = 3; i < pixels.Length; i += 4)
        {
            if (pixels[i] != 255)
                return false;
        }
        return true;
    }

    private static byte OnWhite(byte premultiplied, int alpha) => (byte)Math.Min(255, premultiplied + 255 - alpha);

    private static byte Straight(byte premultiplied, int alpha) => alpha == 0 ? (byte)0 : (byte)Math.Min(255, (premultiplied * 255 + alpha / 2) / alpha);

    private static byte Premultiplied(byte straight, int alpha) => (byte)((straight * alpha + 127) / 255);

    private static void CheckFileSize(long bytes, string name)
    {
        if (bytes > MaximumFileBytes)
            throw new ImageInputException($"'{name}': the file has more than {MaximumFileBytes >> 20} MB; that is the most that is allowed.");
    }
}
