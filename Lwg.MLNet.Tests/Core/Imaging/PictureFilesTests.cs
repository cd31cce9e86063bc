using System.Text;
using Lwg.MLNet.ImageSharp;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using SixLabors.ImageSharp.PixelFormats;
using SkiaSharp;

namespace Lwg.MLNet.Tests.Imaging;

/// <summary>Tests picture files as they occur in practice.</summary>
[TestClass]
public class PictureFilesTests
{
    private const int Width = 48, Height = 36;

    // 61 x 47 pixels of ImageMagick's plasma, in ten progressive scans.
    private const string ProgressiveJpeg =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC"
        + "0oMCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgo"
        + "KCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wgARCAAvAD0DASIAAhEBAxEB/8QAGgAAAwADAQAAAAAAAAAAAAAAAgMEAA"
        + "EFBv/EABoBAAEFAQAAAAAAAAAAAAAAAAIAAQMEBQb/2gAMAwEA"
        + "AhADEAAAAfPkjK3aWjC9FSvQWUxYHCEfQ5Ve/h1S2yA4FhlNLo0mELg1u87WC8kVLuXsHvmUtrH/xAAdEAADAAMBAQEBAAAAAAAAAAAAAQIDER"
        + "IhEDJB/9oACAEBAAEFAn45rYtUcnOyly9Gj+uGTbFW/lVt71Tb"
        + "Z0zFSpXj2NcHQ9MZ00S0Y79Vrmn0KRLxj9GyaOmOmY8h2NpjJkr9SU/iZvzZ/8QAHhEAAgICAwEBAAAAAAAAAAAAAAECAwQREiExExT/2gAIAQ"
        + "MBAT8B/Rv0hYiVnEhkaI5akx5iFe2vT66I2NM5RZG5x7Q8ptdn"
        + "/8QAHhEAAQUAAgMAAAAAAAAAAAAAAAECAwQRITESFCL/2gAIAQIBAT8BlqeJHHvyp6/JLFyOpa0bQVE0SHOFHU97FzoZHhJWR6DK6omH/8QAHR"
        + "AAAQUAAwEAAAAAAAAAAAAAAAEQESExIDBhUf/aAAgBAQAGPwLl"
        + "TyhCtWkK1N8U9f0U3pp9Lwp56P/EAB8QAAICAgIDAQAAAAAAAAAAAAABESExQVGBYXGhkf/aAAgBAQABPyFw7CEoxBR/RK+YZTN0R4Dg7LcnTI"
        + "ULoUbSpRtO/AqtgnvfRGKRlsuRZLZEWgnyg+k1yJ8Mg8CbaCop"
        + "l2es0JyslIcPyKlhFIjKnpkZcnjwSOchiizBDJ8hm3oXb0fwlHvY8um0dYimaQjSnTIWsMf0hJ0/Bj//2gAMAwEAAgADAAAAEFTTlPBT5w6d6P"
        + "/EABkRAQEBAQEBAAAAAAAAAAAAAAEAESExYf/aAAgBAwEBPxDH"
        + "0j9G5E8bc46WmbwFmXRHscvkIU4s2JFA3//EABgRAQEBAQEAAAAAAAAAAAAAAAERACEx/9oACAECAQE/EGFHNgTQ6dTJw6GmJw3gppL0YVHHAP"
        + "NeBni3/8QAIBABAAMBAAICAwEAAAAAAAAAAQARITFBYVGRcYGx"
        + "of/aAAgBAQABPxBfKtUJBIoWda74nMfIOXDWdcIQKPg2rvuEwRZi9i12O4Pj9S90PwxAYL85N0qXjBpvB2ojUwfBwjb3BTSZOQCyxlorDhsUv6"
        + "lpOODLlxonKPHuAAABV4/j3DQKXrkvO5y1QLYBX4YtJTW12UBV"
        + "2MvgHwxhFxXvH+SxUI84/wCxwBRaIuMFwdO/2Ygqu2Bn7+45iLL8j6l4Z3gaSiqh8nzBe4GZ3JbKbjAbUiKQQuKNK7KNs8Kq0lbRSy+qdQxduP"
        + "4h2EeiaBBfbYqBB2GFodM+43MeyMCvJjhaESvuX0YLa8kIWrqf"
        + "/9k=";

    [TestMethod]
    [DataRow(3, true)]
    [DataRow(3, false)]
    [DataRow(4, true)]
    [DataRow(4, false)]
    public void TheOrientationIsFoundWhereverItIs(int type, bool little)
    {
        byte[] exif = TestPictures.Exif(6, type, little), segment = [.. "Exif\0\0"u8, .. exif];
        PixelBuffer stored = Halves();
        byte[] png = TestPictures.Encode(stored, SKEncodedImageFormat.Png),
            webp = TestPictures.Encode(stored, SKEncodedImageFormat.Webp, 100);
        (string Name, byte[] File)[] files =
        [
            ("JPEG", TestPictures.WithSegment(TestPictures.Encode(stored, SKEncodedImageFormat.Jpeg), 0xE1, segment)),
            ("PNG", TestPictures.WithChunk(png, "eXIf", exif)),
            ("PNG with EXIF as text", TestPictures.WithChunk(png, "tEXt",
            [.. "Raw profile type exif\0\nexif\n"u8, .. Encoding.ASCII.GetBytes($"{segment.Length,8}\n{Lines(segment)}\n")])),
            ("PNG with EXIF as packed text",
            TestPictures.WithChunk(png, "zTXt",
            [.. "Raw profile type APP1\0\0"u8, .. Zlib($"\ngeneric profile\n{segment.Length,8}\n{Lines(segment)}\n")])),
            ("WebP", TestPictures.WebPWithExif(webp, Width, Height, exif)),
            ("WebP with a JPEG's EXIF", TestPictures.WebPWithExif(webp, Width, Height, segment)),
        ];
        foreach ((string name, byte[] file) in files)
        {
            // 6: the stored top row is on the right.
            PixelBuffer upright = ImageCodec.Decode(file, name);
            Assert.AreEqual((Height, Width), (upright.Width, upright.Height), name);
            Assert.AreEqual(20, upright.Row(Width / 2)[3 * 4], 12, name + ": the left is the stored bottom, dark");
            Assert.AreEqual(230, upright.Row(Width / 2)[3 * (Height - 5)], 12, name + ": the right is the stored top, bright");
        }

        static string Lines(byte[] bytes) => string.Join('\n', Convert.ToHexStringLower(bytes).Chunk(72).Select(line => new string(line)));
    }

    [TestMethod]
    public void AnInvalidOrientationIsIgnored()
    {
        byte[] png = TestPictures.Encode(Halves(), SKEncodedImageFormat.Png);
        foreach (byte[] exif in (byte[][])[TestPictures.Exif(9, 3, true), TestPictures.Exif(0, 4, true), TestPictures.Exif(6, 2, true),
            TestPictures.Exif(6, 3, true)[..15], [.. "II*\0"u8, 255, 255, 255, 255], []])
            Assert.AreEqual((Width, Height),
                (ImageCodec.Decode(TestPictures.WithChunk(png, "eXIf", exif), "x").Width,
                ImageCodec.Decode(TestPictures.WithChunk(png, "eXIf", exif), "x").Height));
    }

    [TestMethod]
    public void AJpegThatLacksItsEndMarkerOnlyIsWhole()
    {
        foreach ((string name, byte[] file) in Jpegs())
        {
            byte[] whole = ImageCodec.Decode(file, name).Data.ToArray();
            CollectionAssert.AreEqual(whole, ImageCodec.Decode(file.AsSpan(0, file.Length - 1), name).Data.ToArray(), name
                + " without its last byte");
            CollectionAssert.AreEqual(whole, ImageCodec.Decode(file.AsSpan(0, file.Length - 2), name).Data.ToArray(), name
                + " without its last two bytes");
            for (int missing = 6; missing < file.Length - 700; missing += 1 + missing / 3)
            {
                ImageInputException refused = Assert.ThrowsExactly<ImageInputException>(() =>
                    ImageCodec.Decode(file.AsSpan(0, file.Length - missing), name), $"{name} without {missing} bytes");
                Assert.Contains("truncated", refused.Message);
            }
        }
    }

    [TestMethod]
    public void ColoursAreConvertedToSrgbByTheirProfile()
    {
        // A fifth of the light: sRGB's formula (IEC 61966-2-1) gives 0.4845.
        var picture = new PixelBuffer(40, 40);
        picture.Data.Fill(51);
        byte[] profile = TestPictures.LinearProfile();
        byte[] jpeg = TestPictures.WithSegment(TestPictures.Encode(picture, SKEncodedImageFormat.Jpeg, 100), 0xE2,
            [.. "ICC_PROFILE\0"u8, 1, 1, .. profile]);
        byte[] png = TestPictures.WithChunk(TestPictures.Encode(picture, SKEncodedImageFormat.Png), "iCCP",
            [.. "linear\0\0"u8, .. Zlib(profile)]);
        foreach ((string name, byte[] file) in ((string, byte[])[])[("JPEG", jpeg), ("JPEG without its end", jpeg[..^2]), ("PNG", png)])
            Assert.AreEqual(0.4845 * 255, ImageCodec.Decode(file, name).Row(20)[60], 2, name);
        Assert.AreEqual(51, ImageCodec.Decode(TestPictures.Encode(picture, SKEncodedImageFormat.Jpeg, 100), "no profile").Row(20)[60], 1);
    }

    [TestMethod]
    public void TiffIsRead()
    {
        PixelBuffer picture = TestPictures.Noise(Width, Height, 4);
        byte[] file = TestPictures.Tiff(picture);
        CollectionAssert.AreEqual(picture.Data.ToArray(), ImageCodec.Decode(file, "x.tif").Data.ToArray());
        Assert.AreEqual((Height, Width), (ImageCodec.Decode(TestPictures.Tiff(picture, orientation: 8), "x.tif").Width, Width));
        Assert.Contains("truncated", Refused(file[..^1]));
        Assert.Contains("compression 4", Refused(TestPictures.Tiff(picture, compression: 4)));
        // A page whose next page is itself.
        BitConverter.TryWriteBytes(file.AsSpan(8 + 2 + 12 * 10), 8);
        CollectionAssert.AreEqual(picture.Data.ToArray(), ImageCodec.Decode(file, "x.tif").Data.ToArray());
    }

    [TestMethod]
    public void UnsupportedFormatsAreNamed()
    {
        byte[] heic = [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic"u8, .. new byte[40]],
            mif1 = [0, 0, 0, 24, .. "ftypmif1\0\0\0\0mif1heic"u8, .. new byte[40]];
        Assert.Contains("HEIC", Refused(heic));
        Assert.Contains("save it as JPEG", Refused(heic));
        Assert.Contains("HEIC", Refused(mif1));
        Assert.Contains("AVIF", Refused([0, 0, 0, 28, .. "ftypmif1\0\0\0\0mif1avifmiaf"u8, .. new byte[40]]));
        Assert.Contains("JPEG XL", Refused([0xFF, 0x0A, .. new byte[40]]));
        Assert.Contains("Git LFS", Refused([.. "version https://git-lfs.github.com/spec/v1\noid sha256:12\n"u8]));
        Assert.Contains("web page", Refused([.. "\n<!DOCTYPE html>\n<html>"u8]));
        Assert.Contains("web page", Refused([0xEF, 0xBB, 0xBF, .. "<HTML>"u8]));
        Assert.Contains("empty", Refused([]));
        Assert.Contains("PDF", Refused([.. "%PDF-1.7"u8]));
        using var folder = new TemporaryFolder();
        Assert.Contains("HEIC", ImageCodec.Explain(folder.Write("photo.jpg", heic))!);
        Assert.IsNull(ImageCodec.Explain(folder.Write("film.mp4", [0, 0, 0, 24, .. "ftypisom\0\0\0\0mp41isom"u8])), "A film may begin so.");
    }

    [TestMethod]
    public void AScanBombIsRefused()
    {
        byte[] jpeg = TestPictures.Encode(Halves(), SKEncodedImageFormat.Jpeg);
        int scan = jpeg.AsSpan().IndexOf((byte[])[0xFF, 0xDA]);
        byte[] header = jpeg[scan..(scan + 14)];
        byte[] bomb = [.. jpeg[..scan], .. Enumerable.Repeat(header, 600).SelectMany(h => h), .. jpeg[scan..]];
        Assert.Contains("scans", Refused(bomb));
    }

    [TestMethod]
    public void AnimatedPicturesAreFilms()
    {
        using var folder = new TemporaryFolder();
        PixelBuffer[] colours = [Plain(220, 30, 30), Plain(30, 200, 30), Plain(30, 30, 220)];
        byte[][] stills = [.. colours.Select(colour => TestPictures.Encode(colour, SKEncodedImageFormat.Webp, 90))];
        string webp = folder.Write("a.webp", TestPictures.AnimatedWebP(Width, Height, (stills[0], 40), (stills[1], 0), (stills[2], 80)));
        string gif = folder.Write("a.gif", TestPictures.Gif((220, 30, 30), (30, 200, 30), (30, 30, 220)));
        string png = folder.Write("a.png",
            TestPictures.Apng(Width, Height, [.. colours.Select(colour => (Opaque(colour), 0, 0, 5, (byte)0, (byte)0))]));
        foreach ((string path, int[] durations) in ((string, int[])[])[(webp, [40, 100, 80]), (gif, [100, 100, 100]), (png, [50, 50, 50])])
        {
            Assert.AreEqual(3, ImageCodec.Inspect(path).FrameCount, path);
            AnimatedPicture picture = AnimatedPicture.Open(path);
            CollectionAssert.AreEqual(durations, picture.Durations.ToArray(), path);
            PixelBuffer[] frames = [.. picture.Frames()];
            Assert.HasCount(3, frames);
            for (int i = 0; i < 3; i++)
            {
                for (int c = 0; c < 3; c++)
                    Assert.AreEqual(colours[i].Data[c], frames[i].Data[c], 4, $"{path}, frame {i}");
            }
            Assert.AreEqual(colours[0].Data[1], ImageCodec.Load(path).Data[1], 4, path + " as a still");
        }
        Assert.Contains("one frame", Assert.ThrowsExactly<ImageInputException>(() =>
            AnimatedPicture.Open(folder.Write("still.gif", TestPictures.Gif((1, 2, 3))))).Message);
    }

    [TestMethod]
    public void FramesOfAnAnimatedPngAreLaidOverEachOther()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.png", TestPictures.Apng(
            Width, Height,
            (Opaque(Plain(200, 0, 0)), 0, 0, 4, 0, 0),
            // Half-transparent green over red, then restored.
            (Filled(10, 8, 0, 200, 0, 128), 5, 6, 4, 2, 1),
            // Blue in place of the previous content, then cleared.
            (Filled(10, 8, 0, 0, 200, 255), 20, 10, 4, 1, 0),
            (Filled(4, 4, 250, 250, 0, 255), 0, 0, 4, 0, 1)));
        PixelBuffer[] frames = [.. AnimatedPicture.Open(path).Frames()];
        Assert.HasCount(4, frames);
        Check(frames[0], 7, 7, 200, 0, 0);
        Check(frames[1], 7, 7, 200 * 127 / 255, 200 * 128 / 255, 0);
        Check(frames[1], 4, 7, 200, 0, 0);
        Check(frames[1], 15, 13, 200, 0, 0);
        Check(frames[2], 7, 7, 200, 0, 0);
        Check(frames[2], 20, 10, 0, 0, 200);
        Check(frames[2], 29, 17, 0, 0, 200);
        Check(frames[2], 30, 17, 200, 0, 0);
        Check(frames[3], 25, 12, 255, 255, 255);
        Check(frames[3], 3, 3, 250, 250, 0);
        Check(frames[3], 4, 3, 200, 0, 0);

        static void Check(PixelBuffer picture, int x, int y, int red, int green, int blue)
        {
            int[] expected = [red, green, blue];
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(expected[c], picture.Row(y)[3 * x + c], 1, $"({x}, {y}), channel {c}");
        }
    }

    [TestMethod]
    public void ImageSharpPicturesAreConvertedBothWaysWithoutAFile()
    {
        PixelBuffer picture = TestPictures.Noise(Width, Height, 3, 4);
        using var sharp = SixLabors.ImageSharp.Image.LoadPixelData<Rgba32>(picture.Data, Width, Height);
        using MLImage image = sharp.ToMLImage();
        using MLImage expected = ImageCodec.ToImage(picture);
        Assert.IsTrue(ImageCodec.ContentEquals(expected, image));
        using SixLabors.ImageSharp.Image<Rgba32> again = image.ToImageSharp();
        byte[] pixels = new byte[4 * Width * Height];
        again.CopyPixelDataTo(pixels);
        CollectionAssert.AreEqual(ImageCodec.ToPixels(image, AlphaMode.Keep).Data.ToArray(), pixels);
        using var grey = new SixLabors.ImageSharp.Image<L8>(Width, Height, new L8(77));
        using MLImage greyImage = grey.ToMLImage();
        CollectionAssert.AreEqual((byte[])[77, 77, 77], ImageCodec.ToPixels(greyImage).Data[..3].ToArray());
    }

    [TestMethod]
    public void PhotographsAreDecodedWhenTheyAreAskedFor()
    {
        using var folder = new TemporaryFolder();
        byte[] sideways = TestPictures.WithOrientation(TestPictures.Encode(Halves(), SKEncodedImageFormat.Jpeg), 6);
        var context = new MLContext(seed: 1);
        string missing = Path.Combine(folder.Path, "missing.jpg");
        IDataView photos = context.Data.LoadPhotos([folder.Write("a.jpg", sideways), missing]);
        CollectionAssert.AreEqual((string[])[Path.Combine(folder.Path, "a.jpg"), missing], photos.GetColumn<string>("Name").ToArray(),
            "No file is read for the names.");
        IDataView first = context.Data.TakeRows(photos, 1);
        using MLImage photo = first.GetColumn<MLImage>("Photo").Single();
        Assert.AreEqual((Height, Width), (photo.Width, photo.Height), "upright");
        Exception? thrown = null;
        try
        {
            _ = photos.GetColumn<MLImage>("Photo").Count();
        }
        catch (Exception e)
        {
            thrown = e;
        }
        while (thrown is not null and not ImageInputException)
            thrown = thrown.InnerException;
        Assert.Contains(missing, thrown!.Message);
        IDataView bytes = context.Data.LoadPhotos([KeyValuePair.Create("upload", sideways)]);
        using MLImage upload = bytes.GetColumn<MLImage>("Photo").Single();
        Assert.IsTrue(ImageCodec.ContentEquals(photo, upload));
    }

    [TestMethod]
    public void WrittenFilesContainNoLocation()
    {
        byte[] exif = [.. "Exif\0\0"u8, .. TestPictures.Exif(1, 3, true), .. "GPS 47.1 N 8.5 E"u8];
        byte[] jpeg = TestPictures.WithSegment(TestPictures.Encode(Halves(), SKEncodedImageFormat.Jpeg), 0xE1, exif);
        using var stream = new MemoryStream();
        ImageCodec.EncodePng(ImageCodec.Decode(jpeg, "x"), stream, Provenance.CompositeWithTrainedAlgorithms);
        Assert.AreEqual(-1, stream.ToArray().AsSpan().IndexOf("GPS"u8));
        Assert.AreEqual(-1, stream.ToArray().AsSpan().IndexOf("eXIf"u8));
    }

    private static (string, byte[])[] Jpegs()
    {
        PixelBuffer picture = TestPictures.Noise(61, 47, 1);
        return
        [
            ("baseline", TestPictures.Encode(picture, SKEncodedImageFormat.Jpeg, 90)), ("grey", TestPictures.ConstantJpeg(64, 0, [77])),
            ("restart intervals", TestPictures.ConstantJpeg(80, 7, [60, 120, 180])),
            ("progressive", Convert.FromBase64String(ProgressiveJpeg)),
        ];
    }

    private static byte[] Zlib(string text) => Zlib(Encoding.Latin1.GetBytes(text));

    private static byte[] Zlib(byte[] bytes)
    {
        using var deflated = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(deflated, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(bytes);
        return deflated.ToArray();
    }

    /// <summary>Returns a picture with a bright upper and a dark lower half.</summary>
    private static PixelBuffer Halves()
    {
        PixelBuffer picture = Plain(230, 230, 230);
        picture.Data[(picture.Data.Length / 2)..].Fill(20);
        return picture;
    }

    private static PixelBuffer Plain(byte red, byte green, byte blue)
    {
        var picture = new PixelBuffer(Width, Height);
        for (int i = 0; i < picture.Data.Length; i += 3)
            (picture.Data[i], picture.Data[i + 1], picture.Data[i + 2]) = (red, green, blue);
        return picture;
    }

    private static PixelBuffer Opaque(PixelBuffer picture) =>
        Filled(picture.Width, picture.Height, picture.Data[0], picture.Data[1], picture.Data[2], 255);

    private static PixelBuffer Filled(int width, int height, params byte[] rgba)
    {
        var picture = new PixelBuffer(width, height, 4);
        for (int i = 0; i < picture.Data.Length; i++)
            picture.Data[i] = rgba[i % 4];
        return picture;
    }

    private static string Refused(byte[] file) => Assert.ThrowsExactly<ImageInputException>(() => ImageCodec.Decode(file, "x")).Message;
}
