using System.Buffers;
using Lwg.MLNet.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>Conversions between pictures of other libraries and ML.NET images in memory, without files or encoding.</summary>
public static class PixelSpans
{
    /// <summary>Creates an image from pixels in memory; the caller owns it.</summary>
    /// <param name="pixels">The pixels, rows from top to bottom and pixels from left to right.</param>
    /// <param name="width">Pixels per row, 1 to <see cref="ImageCodec.MaximumSide"/>.</param>
    /// <param name="height">The number of rows, in the same range.</param>
    /// <param name="layout">The memory layout of a pixel.</param>
    /// <param name="stride">Bytes from the start of a row to the start of the next; 0 for rows without padding.</param>
    /// <exception cref="ImageInputException">A side has no pixels or too many.</exception>
    /// <exception cref="ArgumentException">A row is longer than the stride, there are fewer pixels than the size requires, or the layout is
    /// unknown.</exception>
    public static MLImage ToImage(ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, int stride = 0)
    {
        if (Math.Min(width, height) < 1 || Math.Max(width, height) > ImageCodec.MaximumSide
            || (long)width * height > ImageCodec.MaximumPixels)
            throw new ImageInputException($"The picture has {width} x {height} pixels; sides from 1 to {ImageCodec.MaximumSide} pixels "
                + $"and at most {ImageCodec.MaximumPixels / 1_000_000} megapixels are allowed.");
        int step = Check(pixels.Length, width, height, layout, ref stride, nameof(pixels));
        byte[] rented = ArrayPool<byte>.Shared.Rent(4 * width * height);
        try
        {
            Span<byte> bgra = rented.AsSpan(0, 4 * width * height);
            (int r, int g, int b, int a) = Channels(layout);
            bool multiply = layout is PixelLayout.Rgba or PixelLayout.Bgra;
            for (int y = 0, to = 0; y < height; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice(y * stride, width * step);
                for (int from = 0; from < row.Length; from += step, to += 4)
                {
                    byte alpha = a < 0 ? (byte)255 : row[from + a];
                    int scale = multiply ? alpha : 255;
                    bgra[to] = Scaled(row[from + b], scale);
                    bgra[to + 1] = Scaled(row[from + g], scale);
                    bgra[to + 2] = Scaled(row[from + r], scale);
                    bgra[to + 3] = alpha;
                }
            }
            return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, bgra);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Copies the pixels of an image to memory. If the layout has no alpha, the image is composited on white.</summary>
    /// <param name="image">The image.</param>
    /// <param name="pixels">Receives the rows from top to bottom; padding between rows is not changed.</param>
    /// <param name="layout">The memory layout of a pixel; grey follows ITU-R BT.601.</param>
    /// <param name="stride">Bytes from the start of a row to the start of the next; 0 for rows without padding.</param>
    /// <exception cref="ArgumentException">A row is longer than the stride, the memory is too small for the image, or the layout is
    /// unknown.</exception>
    /// <exception cref="ImageInputException">The image is neither Bgra32 nor Rgba32.</exception>
    public static void CopyTo(MLImage image, Span<byte> pixels, PixelLayout layout, int stride = 0)
    {
        ArgumentNullException.ThrowIfNull(image);
        int step = Check(pixels.Length, image.Width, image.Height, layout, ref stride, nameof(pixels));
        (int r, int g, int b, int a) = Channels(layout);
        PixelBuffer picture = ImageCodec.ToPixels(image, a < 0 ? AlphaMode.OnWhite : AlphaMode.Keep);
        bool multiply = layout is PixelLayout.RgbaPremultiplied or PixelLayout.BgraPremultiplied;
        for (int y = 0; y < picture.Height; y++)
        {
            Span<byte> row = pixels.Slice(y * stride, picture.Width * step);
            ReadOnlySpan<byte> from = picture.Row(y);
            for (int to = 0, at = 0; to < row.Length; to += step, at += picture.Channels)
            {
                (byte red, byte green, byte blue, byte alpha) =
                    (from[at], from[at + 1], from[at + 2], picture.Channels == 4 ? from[at + 3] : (byte)255);
                if (layout == PixelLayout.Gray)
                {
                    row[to] = (byte)((299 * red + 587 * green + 114 * blue + 500) / 1000);
                    continue;
                }
                int scale = multiply ? alpha : 255;
                (row[to + r], row[to + g], row[to + b]) = (Scaled(red, scale), Scaled(green, scale), Scaled(blue, scale));
                if (a >= 0)
                    row[to + a] = alpha;
            }
        }
    }

    /// <summary>Returns the number of bytes per pixel.</summary>
    /// <param name="layout">The memory layout of a pixel.</param>
    /// <exception cref="ArgumentOutOfRangeException">The layout is unknown.</exception>
    public static int BytesOf(PixelLayout layout) => layout switch
    {
        PixelLayout.Gray => 1,
        PixelLayout.Rgb or PixelLayout.Bgr => 3,
        PixelLayout.Rgba or PixelLayout.Bgra or PixelLayout.RgbaPremultiplied or PixelLayout.BgraPremultiplied => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "The pixel layout is unknown."),
    };

    private static int Check(int length, int width, int height, PixelLayout layout, ref int stride, string name)
    {
        int step = BytesOf(layout);
        if (stride == 0)
            stride = width * step;
        if (stride < width * step)
            throw new ArgumentException($"A row of {width} pixels as {layout} has {width * step} bytes; the stride is {stride}.",
                nameof(stride));
        long needed = (long)stride * (height - 1) + (long)width * step;
        return length >= needed ? step
            : throw new ArgumentException($"A picture of {width} x {height} pixels as {layout} with {stride} bytes a row has "
            + $"{needed} bytes, but there are {length}.", name);
    }

    // The offsets of red, green, blue and alpha; -1 for no alpha.
    private static (int Red, int Green, int Blue, int Alpha) Channels(PixelLayout layout) => layout switch
    {
        PixelLayout.Gray => (0, 0, 0, -1),
        PixelLayout.Rgb => (0, 1, 2, -1),
        PixelLayout.Bgr => (2, 1, 0, -1),
        PixelLayout.Rgba or PixelLayout.RgbaPremultiplied => (0, 1, 2, 3),
        _ => (2, 1, 0, 3),
    };

    private static byte Scaled(byte value, int alpha) => (byte)((value * alpha + 127) / 255);
}
