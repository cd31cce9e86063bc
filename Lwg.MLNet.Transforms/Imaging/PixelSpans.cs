using System.Buffers;
using Lwg.MLNet.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>Other libraries' pictures to and from ML.NET's images, straight from memory: no file, no encoding between.</summary>
public static class PixelSpans
{
    /// <summary>An image of pixels in memory; the caller owns it.</summary>
    /// <param name="pixels">The rows from the top, the pixels from the left.</param>
    /// <param name="width">Pixels a row, 1 to <see cref="ImageCodec.MaximumSide"/>.</param>
    /// <param name="height">Rows, the same.</param>
    /// <param name="layout">How a pixel lies in memory.</param>
    /// <param name="stride">Bytes from a row's start to the next one's; 0 where nothing is between rows.</param>
    /// <exception cref="ImageInputException">The picture has a side of none or too many pixels.</exception>
    /// <exception cref="ArgumentException">A row is longer than the stride, or the pixels are fewer than the size needs.</exception>
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

    /// <summary>Writes an image's pixels into memory; where the layout has no alpha the image is composited on white.</summary>
    /// <param name="image">The image.</param>
    /// <param name="pixels">Receives the rows from the top; bytes between rows stay as they are.</param>
    /// <param name="layout">How a pixel shall lie in memory; grey is ITU-R BT.601's.</param>
    /// <param name="stride">Bytes from a row's start to the next one's; 0 where nothing is between rows.</param>
    /// <exception cref="ArgumentException">A row is longer than the stride, or there is room for fewer pixels than the image
    /// has.</exception>
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

    /// <summary>Bytes a pixel.</summary>
    /// <param name="layout">How it lies in memory.</param>
    public static int BytesOf(PixelLayout layout) => layout switch
    {
        PixelLayout.Gray => 1,
        PixelLayout.Rgb or PixelLayout.Bgr => 3,
        PixelLayout.Rgba or PixelLayout.Bgra or PixelLayout.RgbaPremultiplied or PixelLayout.BgraPremultiplied => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "It is no layout of pixels."),
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

    // Where red, green, blue and alpha lie; -1 for no alpha.
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
