using System.Buffers;
using System.Runtime.InteropServices;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Imaging;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>How to handle the alpha channel of a picture.</summary>
public enum AlphaMode
{
    /// <summary>Composites the picture on white; the result has three channels.</summary>
    OnWhite,

    /// <summary>Keeps alpha as a straight fourth channel; a picture without alpha has three channels.</summary>
    Keep,
}

/// <summary>
/// Converts picture files and <see cref="MLImage"/>s to and from plain pixels. Reads the first frame of JPEG, PNG, WebP, BMP, GIF and
/// TIFF (for further frames see <see cref="AnimatedPicture"/>). Grey and CMYK are converted to RGB, embedded colour profiles to sRGB, and
/// the EXIF orientation is applied. Metadata of the input are not written to the output.
/// </summary>
public static class ImageCodec
{
    /// <summary>The minimum side of a picture, in pixels.</summary>
    public const int MinimumSide = 32;

    /// <summary>The maximum side of a picture, in pixels.</summary>
    public const int MaximumSide = 16_384;

    /// <summary>The maximum number of pixels of a picture.</summary>
    public const int MaximumPixels = 64_000_000;

    /// <summary>The maximum size of a file, in bytes.</summary>
    public const long MaximumFileBytes = 256L << 20;

    /// <summary>Reads a picture file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="alpha">How to handle its alpha channel.</param>
    /// <exception cref="ImageInputException">The file is missing, has an unknown format, is damaged or truncated, or exceeds the
    /// limits.</exception>
    public static PixelBuffer Load(string path, AlphaMode alpha = AlphaMode.OnWhite) => Decode(ReadFile(path), path, alpha);

    // Reads a file, and shrinks the picture to a maximum side.
    internal static PixelBuffer Load(string path, int side) => ShrinkToFit(Load(path), side);

    /// <summary>Determines from the first bytes whether a file is a picture of a supported format.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageInputException">The file is missing or cannot be read.</exception>
    public static bool IsPicture(string path) => PictureSignature.FormatOf(ReadStart(path)) is not null;

    /// <summary>Reads a picture from a stream.</summary>
    /// <param name="stream">The stream; it is read to its end and left open.</param>
    /// <param name="name">The name of the picture, for errors.</param>
    /// <param name="alpha">How to handle its alpha channel.</param>
    /// <exception cref="ImageInputException">The picture has an unknown format, is damaged or truncated, or exceeds the
    /// limits.</exception>
    public static PixelBuffer Decode(Stream stream, string name, AlphaMode alpha = AlphaMode.OnWhite)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Decode(ReadAll(stream, name), name, alpha);
    }

    /// <summary>Reads a picture from memory.</summary>
    /// <param name="bytes">The content of the file.</param>
    /// <param name="name">The name of the picture, for errors.</param>
    /// <param name="alpha">How to handle its alpha channel.</param>
    /// <exception cref="ImageInputException">The picture has an unknown format, is damaged or truncated, or exceeds the
    /// limits.</exception>
    public static PixelBuffer Decode(ReadOnlySpan<byte> bytes, string name, AlphaMode alpha = AlphaMode.OnWhite)
    {
        PictureHeader header = Inspect(bytes, name);
        CheckSize(header.Width, header.Height, name);
        try
        {
            PixelBuffer picture = PictureDecoder.Decode(bytes, header).Upright(header.Orientation);
            return alpha == AlphaMode.OnWhite ? picture.OnWhite() : picture;
        }
        catch (InvalidDataException e)
        {
            throw new ImageInputException($"'{name}': {e.Message}.", e);
        }
    }

    /// <summary>Reads the header of a picture file without decoding the picture.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageInputException">The file is missing, has an unknown format, or its header is damaged.</exception>
    public static PictureHeader Inspect(string path) => Inspect(ReadFile(path), path);

    /// <summary>Reads the header of a picture in memory without decoding the picture.</summary>
    /// <param name="bytes">The content of the file.</param>
    /// <param name="name">The name of the picture, for errors.</param>
    /// <exception cref="ImageInputException">The picture has an unknown format, or its header is damaged.</exception>
    public static PictureHeader Inspect(ReadOnlySpan<byte> bytes, string name)
    {
        CheckFileSize(bytes.Length, name);
        try
        {
            return PictureHeader.Read(bytes) ?? throw new ImageInputException($"'{name}': {Unknown(bytes)}.");
        }
        catch (InvalidDataException e)
        {
            throw new ImageInputException($"'{name}': {e.Message}.", e);
        }
    }

    /// <summary>Describes a file that is not a supported picture, based on its first bytes.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A sentence for errors, without full stop; null if the file could be a video.</returns>
    /// <exception cref="ImageInputException">The file is missing or cannot be read.</exception>
    public static string? Explain(string path)
    {
        ReadOnlySpan<byte> start = ReadStart(path);
        return PictureSignature.Unread(start) ?? PictureSignature.Other(start);
    }

    internal static byte[] ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            return ReadAll(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageInputException($"'{path}': the picture cannot be read: {e.Message}", e);
        }
    }

    internal static void CheckSize(int width, int height, string name, string what = "picture")
    {
        if (Math.Min(width, height) < MinimumSide || Math.Max(width, height) > MaximumSide || (long)width * height > MaximumPixels)
            throw new ImageInputException($"'{name}': the {what} has {width} x {height} pixels; sides from {MinimumSide} to "
                + $"{MaximumSide} pixels and at most {MaximumPixels / 1_000_000} megapixels are allowed.");
    }

    private static string Unknown(ReadOnlySpan<byte> bytes) => PictureSignature.Unread(bytes) is { } unread ? unread
        : $"it is not a picture that can be read; {PictureSignature.Read} are"
        + (PictureSignature.Other(bytes) is { } other ? $". {char.ToUpperInvariant(other[0])}{other[1..]}" : "");

    private static byte[] ReadStart(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] start = new byte[FileSignature.Length];
            return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageInputException($"'{path}': it cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes a PNG file atomically.</summary>
    /// <param name="picture">The picture; with 4 channels its alpha is written.</param>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="provenance">The provenance to write into the metadata; null for none.</param>
    /// <exception cref="IOException">The file cannot be written; an existing file is unchanged.</exception>
    public static void SavePng(PixelBuffer picture, string path, Provenance? provenance = null) =>
        AtomicFile.Write(path, stream => EncodePng(picture, stream, provenance));

    /// <summary>Writes an image to a PNG file atomically, composited on white.</summary>
    /// <param name="image">The image, Bgra32 or Rgba32.</param>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="provenance">The provenance to write into the metadata; null for none.</param>
    /// <exception cref="ImageInputException">The image has another pixel format.</exception>
    /// <exception cref="IOException">The file cannot be written; an existing file is unchanged.</exception>
    public static void SavePng(MLImage image, string path, Provenance? provenance = null) => SavePng(ToPixels(image), path, provenance);

    /// <summary>Writes PNG.</summary>
    /// <param name="picture">The picture; with 4 channels its alpha is written.</param>
    /// <param name="stream">The stream to write to; it is left open.</param>
    /// <param name="provenance">The provenance to write into the metadata; null for none.</param>
    public static unsafe void EncodePng(PixelBuffer picture, Stream stream, Provenance? provenance = null)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(stream);
        byte[] rgba = ToRgba(picture);
        var info = new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, picture.Channels == 4 ? SKAlphaType.Unpremul
            : SKAlphaType.Opaque);
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

    /// <summary>Shrinks a picture to a maximum side. A picture that is small enough is returned unchanged. If the shorter side would become
    /// less than <see cref="MinimumSide"/>, the edge pixels are repeated up to that size.</summary>
    /// <param name="picture">The picture; if it is shrunk, its alpha is ignored.</param>
    /// <param name="side">The maximum side of the result, in pixels, at least <see cref="MinimumSide"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The side is less than <see cref="MinimumSide"/>.</exception>
    public static PixelBuffer ShrinkToFit(PixelBuffer picture, int side)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, MinimumSide);
        int longer = Math.Max(picture.Width, picture.Height);
        if (longer <= side)
            return picture;
        float scale = (float)longer / side;
        int width = Math.Max(MinimumSide, (int)MathF.Round(picture.Width / scale)),
            height = Math.Max(MinimumSide, (int)MathF.Round(picture.Height / scale));
        PixelBuffer square = SquareCrop.Crop(picture, CropTransform.Identity with { A = scale, E = scale }, side);
        var result = new PixelBuffer(width, height);
        for (int y = 0; y < height; y++)
            square.Row(y)[..(3 * width)].CopyTo(result.Row(y));
        return result;
    }

    /// <summary>Returns the pixels of an image. The premultiplied alpha of an <see cref="MLImage"/> is converted to straight
    /// alpha.</summary>
    /// <param name="image">The image, Bgra32 or Rgba32.</param>
    /// <param name="alpha">How to handle its alpha channel; an opaque image always returns three channels.</param>
    /// <exception cref="ImageInputException">The image has another pixel format.</exception>
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

    /// <summary>Writes the colours of an image as planes of floats, composited on white.</summary>
    /// <param name="image">The image, Bgra32 or Rgba32.</param>
    /// <param name="tensor">[3,H,W], red first; filled with values in [-1,1].</param>
    /// <exception cref="ArgumentException">The tensor has the wrong length.</exception>
    /// <exception cref="ImageInputException">The image has another pixel format.</exception>
    public static void ToTensor(MLImage image, Span<float> tensor)
    {
        ReadOnlySpan<byte> pixels = Pixels(image, out int red);
        int plane = image.Width * image.Height;
        if (tensor.Length != 3 * plane)
            throw new ArgumentException($"An image of {image.Width} x {image.Height} pixels is a tensor of {3 * plane} values, but "
                + $"{tensor.Length} were given.", nameof(tensor));
        for (int c = 0; c < 3; c++)
        {
            Span<float> to = tensor.Slice(c * plane, plane);
            int channel = c == 1 ? 1 : red ^ c;
            for (int i = 0, from = 0; i < to.Length; i++, from += 4)
                to[i] = PixelBuffer.ToUnit(OnWhite(pixels[from + channel], pixels[from + 3]));
        }
    }

    /// <summary>Converts a picture to an image; the caller owns it.</summary>
    /// <param name="picture">The picture; straight alpha is converted to the premultiplied alpha of <see cref="MLImage"/>.</param>
    public static MLImage ToImage(PixelBuffer picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        byte[] bgra = new byte[checked(4 * picture.Width * picture.Height)];
        ReadOnlySpan<byte> data = picture.Data;
        if (picture.Channels == 3)
        {
            Span<uint> pixels = MemoryMarshal.Cast<byte, uint>(bgra.AsSpan());
            for (int i = 0; i < pixels.Length; i++, data = data[3..])
                pixels[i] = 0xFF000000 | (uint)(data[0] << 16 | data[1] << 8 | data[2]);
            return MLImage.CreateFromPixels(picture.Width, picture.Height, MLPixelFormat.Bgra32, bgra);
        }
        for (int from = 0, to = 0; to < bgra.Length; from += 4, to += 4)
        {
            int a = data[from + 3];
            (bgra[to], bgra[to + 1], bgra[to + 2], bgra[to + 3]) = a == 255
                ? (data[from + 2], data[from + 1], data[from], (byte)255)
                : (Premultiplied(data[from + 2], a), Premultiplied(data[from + 1], a), Premultiplied(data[from], a), (byte)a);
        }
        return MLImage.CreateFromPixels(picture.Width, picture.Height, MLPixelFormat.Bgra32, bgra);
    }

    /// <summary>Converts planes of floats to an opaque image; values are clamped to [-1,1] and rounded to bytes. The caller owns the
    /// image.</summary>
    /// <param name="tensor">[3,H,W], red first.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ArgumentException">The tensor has the wrong length.</exception>
    public static MLImage ToImage(ReadOnlySpan<float> tensor, int width, int height)
    {
        int plane = checked(width * height);
        if (tensor.Length != 3 * plane)
            throw new ArgumentException($"An image of {width} x {height} pixels is a tensor of {3 * plane} values, but "
                + $"{tensor.Length} were given.", nameof(tensor));
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

    /// <summary>Determines whether two images have the same size, pixel format and bytes.</summary>
    /// <param name="first">An image.</param>
    /// <param name="second">The other image.</param>
    public static bool ContentEquals(MLImage first, MLImage second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return ReferenceEquals(first, second)
            || (first.Width == second.Width && first.Height == second.Height && first.PixelFormat == second.PixelFormat
            && first.Pixels.SequenceEqual(second.Pixels));
    }

    /// <summary>Returns the bytes of an image and the offset of red in each pixel: 2 (BGRA) or 0 (RGBA). Red and blue, c = 0 and 2, are
    /// at offset red ^ c.</summary>
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

    private static byte Straight(byte premultiplied, int alpha) =>
        alpha == 0 ? (byte)0 : (byte)Math.Min(255, (premultiplied * 255 + alpha / 2) / alpha);

    private static byte Premultiplied(byte straight, int alpha) => (byte)((straight * alpha + 127) / 255);

    private static byte[] ReadAll(Stream stream, string name)
    {
        using var bytes = new MemoryStream();
        byte[] chunk = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            if (stream.CanSeek)
            {
                CheckFileSize(stream.Length - stream.Position, name);
                bytes.Capacity = (int)Math.Max(0, stream.Length - stream.Position);
            }
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
        return bytes.Length == bytes.Capacity ? bytes.GetBuffer() : bytes.ToArray();
    }

    private static void CheckFileSize(long bytes, string name)
    {
        if (bytes > MaximumFileBytes)
            throw new ImageInputException($"'{name}': the file has more than {MaximumFileBytes >> 20} MB, which is the maximum file "
                + $"size.");
    }
}
