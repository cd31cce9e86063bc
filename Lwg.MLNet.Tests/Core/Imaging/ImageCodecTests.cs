using System.Text;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;
using SkiaSharp;

namespace Lwg.MLNet.Tests.Imaging;

[TestClass]
public class ImageCodecTests
{
    private static readonly Dictionary<char, byte[]> s_colours = new()
    {
        ['R'] = [220, 30, 30], ['G'] = [30, 200, 30], ['B'] = [30, 30, 220], ['W'] = [240, 240, 240],
    };

    // Corners of the upright picture (top left, top right, bottom left, bottom right) when the stored one has R G / B W, as in the EXIF
    // standard: for example, 6 means 'row 0 is the right-hand side, column 0 is the top'.
    [TestMethod]
    [DataRow(1, "RGBW")]
    [DataRow(2, "GRWB")]
    [DataRow(3, "WBGR")]
    [DataRow(4, "BWRG")]
    [DataRow(5, "RBGW")]
    [DataRow(6, "BRWG")]
    [DataRow(7, "WGBR")]
    [DataRow(8, "GWRB")]
    public void ExifOrientationIsApplied(int orientation, string corners)
    {
        var stored = new PixelBuffer(64, 48);
        for (int y = 0; y < 48; y++)
        {
            for (int x = 0; x < 64; x++)
                s_colours["RGBW"[(y < 24 ? 0 : 2) + (x < 32 ? 0 : 1)]].CopyTo(stored.Row(y)[(3 * x)..]);
        }
        byte[] jpeg = TestPictures.WithOrientation(TestPictures.Encode(stored, SKEncodedImageFormat.Jpeg), orientation);

        PixelBuffer upright = ImageCodec.Decode(jpeg, "corners.jpg");

        Assert.AreEqual(orientation < 5 ? (64, 48) : (48, 64), (upright.Width, upright.Height));
        for (int corner = 0; corner < 4; corner++)
        {
            Span<byte> pixel = upright.Row(corner < 2 ? 4 : upright.Height - 5).Slice(3 * (corner % 2 == 0 ? 4 : upright.Width - 5), 3);
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(s_colours[corners[corner]][c], pixel[c], 4, $"corner {corner}, channel {c} (4: JPEG at quality 95)");
        }
    }

    [TestMethod]
    public void PicturesAreRecognisedByTheirFirstBytes()
    {
        PixelBuffer picture = TestPictures.Noise(40, 36, 1);
        byte[][] pictures =
        [
            TestPictures.Encode(picture, SKEncodedImageFormat.Png), TestPictures.Encode(picture, SKEncodedImageFormat.Jpeg),
            TestPictures.Encode(picture, SKEncodedImageFormat.Webp),
            TestPictures.Bmp(picture), TestPictures.Gif((255, 0, 0)),
        ];
        using var folder = new TemporaryFolder();
        foreach (byte[] file in pictures)
        {
            Assert.IsTrue(ImageCodec.IsPicture(folder.Write("picture", file)));
            Assert.IsTrue(ImageCodec.IsPicture(folder.Write("picture", file[..18])), "The beginning is enough.");
            Assert.IsFalse(ImageCodec.IsPicture(folder.Write("picture", file[1..])));
            Assert.IsFalse(ImageCodec.IsPicture(folder.Write("picture", file[..2])));
        }
        // A wave file begins like a WebP, and a text can begin with BM.
        foreach (byte[] other in (byte[][])[[.. "RIFF\x10\0\0\0WAVEfmt "u8], [.. "BM is what this text begins with."u8], []])
            Assert.IsFalse(ImageCodec.IsPicture(folder.Write("other", other)));
    }

    [TestMethod]
    public void ABitmapThatPointsFarAheadTakesNoMemory()
    {
        // The pixels are claimed to begin 2 GB after the header: a decoder that seeks there through a managed stream allocates them.
        byte[] bitmap = TestPictures.Bmp(TestPictures.Noise(64, 64, 1));
        BitConverter.TryWriteBytes(bitmap.AsSpan(10), 0x7C800000);
        using var folder = new TemporaryFolder();
        string path = folder.Write("far.bmp", bitmap);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsTrue(ImageCodec.IsPicture(path));
        Assert.Contains("'" + path + "'", Assert.ThrowsExactly<ImageInputException>(() => ImageCodec.Load(path)).Message);
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated");
    }

    [TestMethod]
    [DataRow(SKEncodedImageFormat.Png)]
    [DataRow(SKEncodedImageFormat.Jpeg)]
    [DataRow(SKEncodedImageFormat.Webp)]
    public void ACutFileIsRefusedOrComplete(SKEncodedImageFormat format)
    {
        byte[] file = TestPictures.Encode(TestPictures.Noise(61, 47, 1), format, 90);
        byte[] whole = ImageCodec.Decode(file, "whole").Data.ToArray();
        var lengths = Enumerable.Range(0, 60).Select(i => file.Length * i / 60)
            .Concat(Enumerable.Range(1, 20).Select(i => file.Length - i));
        foreach (int length in lengths)
        {
            try
            {
                byte[] cut = ImageCodec.Decode(file.AsSpan(0, length), "cut").Data.ToArray();
                // Only an end marker or checksum may be missing.
                Assert.IsGreaterThanOrEqualTo(file.Length - 20, length, $"{length} of {file.Length} bytes were taken for a picture");
                CollectionAssert.AreEqual(whole, cut, $"{length} of {file.Length} bytes");
            }
            catch (ImageInputException e)
            {
                Assert.Contains("'cut'", e.Message);
            }
        }
    }

    [TestMethod]
    public void AFileThatIsNotAPictureIsRefused()
    {
        Assert.Contains("JPEG, PNG", Refused(Encoding.UTF8.GetBytes("Dear diary, this is not a picture.")));
        Assert.Contains("JPEG, PNG", Refused([]));
        Assert.Contains("JPEG, PNG", Refused(new byte[5000]));
        Assert.Contains("1 x 1 pixels", Refused(TestPictures.Encode(new PixelBuffer(1, 1), SKEncodedImageFormat.Png)));
        Assert.Contains("31 x 64 pixels", Refused(TestPictures.Encode(new PixelBuffer(31, 64), SKEncodedImageFormat.Png)));
        Assert.Contains("20000 x 40 pixels", Refused(TestPictures.PngClaiming(20_000, 40)));
        Assert.Contains("9000 x 9000 pixels", Refused(TestPictures.PngClaiming(9000, 9000)));
    }

    [TestMethod]
    public void AClaimedSizeTakesNoMemory()
    {
        byte[] file = TestPictures.PngClaiming(16_384, 16_384);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(file);
        Assert.IsLessThan(1_000_000, GC.GetAllocatedBytesForCurrentThread() - before, "a picture of 16,384 x 16,384 would take 1 GB");
    }

    [TestMethod]
    public void FilesThatAreMissingOrTooLongAreRefused()
    {
        string path = Path.Combine(Path.GetTempPath(), $"lwg-{Guid.NewGuid():N}.jpg");
        Assert.Contains(path, Assert.ThrowsExactly<ImageInputException>(() => ImageCodec.Load(path)).Message);
        Assert.Contains("cannot be read", Assert.ThrowsExactly<ImageInputException>(() => ImageCodec.Load(Path.GetTempPath())).Message);
        try
        {
            using (FileStream file = File.Create(path))
                file.SetLength(ImageCodec.MaximumFileBytes + 1);
            Assert.Contains("256 MB", Assert.ThrowsExactly<ImageInputException>(() => ImageCodec.Load(path)).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void AlphaIsCompositedOnWhiteOrKept()
    {
        var picture = new PixelBuffer(40, 32, 4);
        for (int i = 0; i < picture.Data.Length; i += 4)
            (picture.Data[i], picture.Data[i + 1], picture.Data[i + 2], picture.Data[i + 3]) = (200, 100, 0, (byte)(i / 4 % 40 * 6));
        byte[] png = TestPictures.Encode(picture, SKEncodedImageFormat.Png);

        PixelBuffer kept = ImageCodec.Decode(png, "alpha.png", AlphaMode.Keep);
        PixelBuffer onWhite = ImageCodec.Decode(png, "alpha.png");

        Assert.AreEqual(4, kept.Channels);
        Assert.AreEqual(3, onWhite.Channels);
        for (int x = 0; x < 40; x++)
        {
            int alpha = x * 6;
            Assert.AreEqual(alpha, kept.Row(5)[4 * x + 3]);
            // 3: SkiaSharp's encoder in the test uses premultiplied bytes.
            Assert.AreEqual(255 + (100 - 255) * alpha / 255.0, onWhite.Row(5)[3 * x + 1], 3, $"alpha {alpha}");
        }
    }

    [TestMethod]
    public void GreyAndCmykBecomeRgb()
    {
        PixelBuffer grey = ImageCodec.Decode(TestPictures.ConstantJpeg(40, 77), "grey.jpg");
        CollectionAssert.AreEqual(new byte[] { 77, 77, 77 }, grey.Row(20).Slice(60, 3).ToArray());
        PixelBuffer cmyk = ImageCodec.Decode(TestPictures.ConstantJpeg(40, 255, 0, 100, 204), "cmyk.jpg");
        // Stored inverted, so that colour = ink * key / 255.
        byte[] expected = [204, 0, 80];
        for (int c = 0; c < 3; c++)
            Assert.AreEqual(expected[c], cmyk.Row(20)[60 + c], 2, $"channel {c}");
    }

    [TestMethod]
    public void BmpAndTheFirstFrameOfAGifAreRead()
    {
        PixelBuffer picture = TestPictures.Noise(45, 33, 9);
        CollectionAssert.AreEqual(picture.Data.ToArray(), ImageCodec.Decode(TestPictures.Bmp(picture), "noise.bmp").Data.ToArray());
        PixelBuffer gif = ImageCodec.Decode(TestPictures.Gif((10, 200, 30), (250, 0, 0)), "two.gif");
        for (int i = 0; i < gif.Data.Length; i++)
            Assert.AreEqual((i % 3) switch { 0 => 10, 1 => 200, _ => 30 }, gif.Data[i]);
    }

    [TestMethod]
    public void PngKeepsEveryByte()
    {
        foreach (int channels in new[] { 3, 4 })
        {
            PixelBuffer picture = TestPictures.Noise(50, 33, 3, channels);
            using var stream = new MemoryStream();
            ImageCodec.EncodePng(picture, stream);
            CollectionAssert.AreEqual(picture.Data.ToArray(),
                ImageCodec.Decode(stream.ToArray(), "noise.png", AlphaMode.Keep).Data.ToArray(), $"{channels} channels");
        }
    }

    [TestMethod]
    public void ImagesAndTensorsAndPicturesAgree()
    {
        PixelBuffer picture = TestPictures.Noise(37, 41, 5);
        using MLImage image = ImageCodec.ToImage(picture);
        float[] tensor = new float[3 * 37 * 41];
        ImageCodec.ToTensor(image, tensor);
        using MLImage again = ImageCodec.ToImage(tensor, 37, 41);

        CollectionAssert.AreEqual(picture.Data.ToArray(), ImageCodec.ToPixels(image).Data.ToArray());
        CollectionAssert.AreEqual(picture.ToTensor(), tensor);
        Assert.IsTrue(ImageCodec.ContentEquals(image, again));

        byte[] rgba = new byte[4 * 37 * 41];
        for (int i = 0; i < 37 * 41; i++)
            (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]) =
                (picture.Data[3 * i], picture.Data[3 * i + 1], picture.Data[3 * i + 2], 255);
        using MLImage other = MLImage.CreateFromPixels(37, 41, MLPixelFormat.Rgba32, rgba);
        CollectionAssert.AreEqual(picture.Data.ToArray(), ImageCodec.ToPixels(other).Data.ToArray(), "RGBA");

        picture.Data[1234]++;
        using MLImage changed = ImageCodec.ToImage(picture);
        Assert.IsFalse(ImageCodec.ContentEquals(image, changed));
    }

    [TestMethod]
    public void AnImagesAlphaIsPremultiplied()
    {
        var picture = new PixelBuffer(32, 32, 4);
        for (int i = 0; i < picture.Data.Length; i += 4)
            (picture.Data[i], picture.Data[i + 1], picture.Data[i + 2], picture.Data[i + 3]) = (200, 100, 0, 128);
        using MLImage image = ImageCodec.ToImage(picture);
        byte[] first = [0, 50, 100, 128];
        CollectionAssert.AreEqual(first, image.Pixels[..4].ToArray(), "BGRA, premultiplied");
        byte[] white = [227, 177, 127], straight = [199, 100, 0, 128];
        CollectionAssert.AreEqual(white, ImageCodec.ToPixels(image).Data[..3].ToArray());
        CollectionAssert.AreEqual(straight, ImageCodec.ToPixels(image, AlphaMode.Keep).Data[..4].ToArray(), "199: what 8 bits keep of 200");
        using MLImage decoded = MLImage.CreateFromStream(new MemoryStream(TestPictures.Encode(picture, SKEncodedImageFormat.Png)));
        CollectionAssert.AreEqual(ImageCodec.ToPixels(image).Data.ToArray(), ImageCodec.ToPixels(decoded).Data.ToArray(),
            "ML.NET's own decoder agrees");
    }

    private static string Refused(byte[] file) => Assert.ThrowsExactly<ImageInputException>(() => ImageCodec.Decode(file, "x.jpg")).Message;
}
