using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Lwg.MLNet.Tests.Imaging;

[TestClass]
public sealed class PixelSpansTests
{
    private static readonly byte[] s_colours = [10, 20, 30, 200, 100, 50, 0, 255, 128, 7, 8, 9, 250, 251, 252, 64, 65, 66];

    [TestMethod]
    [DataRow(PixelLayout.Rgb)]
    [DataRow(PixelLayout.Bgr)]
    [DataRow(PixelLayout.Rgba)]
    [DataRow(PixelLayout.Bgra)]
    [DataRow(PixelLayout.RgbaPremultiplied)]
    [DataRow(PixelLayout.BgraPremultiplied)]
    public void OpaquePicturesAreUnchangedByARoundTrip(PixelLayout layout)
    {
        // 3 x 2 pixels, with and without bytes between rows.
        int step = PixelSpans.BytesOf(layout);
        foreach (int gap in (int[])[0, 5])
        {
            int stride = 3 * step + gap;
            byte[] pixels = [.. Enumerable.Repeat((byte)99, 2 * stride)];
            for (int i = 0; i < 6; i++)
            {
                ReadOnlySpan<byte> rgb = s_colours.AsSpan(3 * i, 3);
                byte[] pixel = layout is PixelLayout.Rgb or PixelLayout.Rgba or PixelLayout.RgbaPremultiplied
                    ? [rgb[0], rgb[1], rgb[2], 255] : [rgb[2], rgb[1], rgb[0], 255];
                pixel.AsSpan(0, step).CopyTo(pixels.AsSpan(i / 3 * stride + i % 3 * step));
            }
            using MLImage image = PixelSpans.ToImage(pixels, 3, 2, layout, gap == 0 ? 0 : stride);
            CollectionAssert.AreEqual(s_colours, ImageCodec.ToPixels(image).Data.ToArray());
            byte[] back = [.. Enumerable.Repeat((byte)99, 2 * stride)];
            PixelSpans.CopyTo(image, back, layout, gap == 0 ? 0 : stride);
            CollectionAssert.AreEqual(pixels, back, $"{gap} bytes between rows");
        }
    }

    [TestMethod]
    public void AlphaIsMultipliedAndDividedOnce()
    {
        using MLImage straight = PixelSpans.ToImage([200, 100, 40, 128], 1, 1, PixelLayout.Rgba),
            multiplied = PixelSpans.ToImage([100, 50, 20, 128], 1, 1, PixelLayout.RgbaPremultiplied);
        Assert.IsTrue(ImageCodec.ContentEquals(straight, multiplied));
        byte[] back = new byte[4], white = new byte[3];
        PixelSpans.CopyTo(straight, back, PixelLayout.Rgba);
        for (int c = 0; c < 4; c++)
            Assert.AreEqual(new byte[] { 200, 100, 40, 128 }[c], back[c], 1.0, "Half of the levels are lost at half alpha.");
        PixelSpans.CopyTo(straight, white, PixelLayout.Rgb);
        Assert.AreEqual(100 + 127, white[0], 1.0, "What has no alpha is composited on white.");
    }

    [TestMethod]
    public void GreyIsWeighted()
    {
        using MLImage grey = PixelSpans.ToImage([0, 90, 255], 3, 1, PixelLayout.Gray),
            red = PixelSpans.ToImage([255, 0, 0], 1, 1, PixelLayout.Rgb);
        byte[] levels = new byte[3], one = new byte[1];
        PixelSpans.CopyTo(grey, levels, PixelLayout.Gray);
        CollectionAssert.AreEqual(new byte[] { 0, 90, 255 }, levels);
        PixelSpans.CopyTo(red, one, PixelLayout.Gray);
        Assert.AreEqual(76, one[0]);
    }

    [TestMethod]
    public void SkiaSharpBitmapsAreReadWithoutAFile()
    {
        // The same lines as in docs/interop.md.
        using var bitmap = new SKBitmap(new SKImageInfo(4, 3, SKColorType.Bgra8888, SKAlphaType.Premul));
        bitmap.Erase(new SKColor(30, 60, 90));
        using MLImage image = PixelSpans.ToImage(bitmap.GetPixelSpan(), bitmap.Width, bitmap.Height, PixelLayout.BgraPremultiplied,
            bitmap.RowBytes);
        CollectionAssert.AreEqual(Enumerable.Repeat(new byte[] { 30, 60, 90 }, 12).SelectMany(p => p).ToArray(),
            ImageCodec.ToPixels(image).Data.ToArray());
    }

    [TestMethod]
    public void MismatchesAreRefused()
    {
        Assert.ThrowsExactly<ImageInputException>(() => PixelSpans.ToImage([], 0, 1, PixelLayout.Rgb));
        Assert.ThrowsExactly<ImageInputException>(() => PixelSpans.ToImage([], ImageCodec.MaximumSide + 1, 1, PixelLayout.Rgb));
        Assert.ThrowsExactly<ArgumentException>(() => PixelSpans.ToImage(new byte[11], 2, 2, PixelLayout.Rgb));
        Assert.ThrowsExactly<ArgumentException>(() => PixelSpans.ToImage(new byte[12], 2, 2, PixelLayout.Rgb, 5));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PixelSpans.ToImage(new byte[12], 2, 2, (PixelLayout)77));
        using MLImage image = PixelSpans.ToImage(new byte[12], 2, 2, PixelLayout.Rgb);
        Assert.ThrowsExactly<ArgumentException>(() => PixelSpans.CopyTo(image, new byte[11], PixelLayout.Rgb));
    }
}
