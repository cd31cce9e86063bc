using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using SkiaSharp;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests the kinds of films, and the messages about skipped files.</summary>
[TestClass]
public class FilmKindsTests
{
    private const int Width = 48, Height = 36;

    private static readonly FrameRate s_rate = new(25, 1);

    [TestMethod]
    public void EveryPictureOfAFolderIsAFrameAndOtherFilesAreReported()
    {
        using var folder = new TemporaryFolder();
        folder.Write("frame_000.png", TestPictures.Encode(Plain(10), SKEncodedImageFormat.Png));
        folder.Write("frame_001.jfif", TestPictures.Encode(Plain(40), SKEncodedImageFormat.Jpeg));
        folder.Write("frame_002.tif", TestPictures.Tiff(Plain(70)));
        folder.Write("frame_003.GIF", TestPictures.Encode(Plain(100), SKEncodedImageFormat.Png));
        folder.Write("frame_004", TestPictures.Bmp(Plain(130)));
        folder.Write("frame_010.webp", TestPictures.Encode(Plain(160), SKEncodedImageFormat.Webp));
        foreach (string companion in (string[])["._frame_000.png", "._frame_001.jfif", ".DS_Store", "Thumbs.db", "desktop.ini"])
            folder.Write(companion, new byte[16]);
        folder.Write("notes.txt", "no picture"u8.ToArray());
        folder.Write("frame_005.heic", [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic"u8, .. new byte[40]]);
        using var output = new StringWriter();
        var film = new FrameFolder(folder.Path, s_rate, output);
        Assert.AreEqual(6, film.ExpectedFrames);
        PixelBuffer[] frames = [.. film.Frames()];
        for (int i = 0; i < frames.Length; i++)
            Assert.AreEqual(10 + 30 * i, frames[i].Data[0], 3, $"frame {i}");
        Assert.Contains("5 hidden files are ignored", output.ToString());
        Assert.Contains("2 files are ignored, since they are not supported pictures ('frame_005.heic', 'notes.txt'); 6 frames are read",
            output.ToString());
    }

    [TestMethod]
    public void AFileThatIsAPictureOnlyByNameIsAnError()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.png", TestPictures.Encode(Plain(10), SKEncodedImageFormat.Png));
        folder.Write("b.jpg", [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic"u8, .. new byte[40]]);
        Assert.Contains("HEIC", Assert.ThrowsExactly<ImageInputException>(() =>
            new FrameFolder(folder.Path, s_rate, TextWriter.Null).Frames().Count()).Message);
    }

    [TestMethod]
    public void AnAnimatedPictureIsReadAtItsMeanRate()
    {
        using var folder = new TemporaryFolder();
        byte[][] stills = [.. new[] { 30, 120, 210 }.Select(value =>
            TestPictures.Encode(Plain((byte)value), SKEncodedImageFormat.Webp, 90))];
        string even = folder.Write("even.webp",
            TestPictures.AnimatedWebP(Width, Height, (stills[0], 40), (stills[1], 40), (stills[2], 40)));
        Film film = Film.Open(even, s_rate, TextWriter.Null)!;
        Assert.AreEqual(new FrameRate(25, 1), film.Rate);
        CollectionAssert.AreEqual((int[])[30, 120, 210], Levels(film));
        // 540 milliseconds in total: the middles of the three steps, 90, 270 and 450, are all in the last frame.
        string uneven = folder.Write("uneven.webp",
            TestPictures.AnimatedWebP(Width, Height, (stills[0], 20), (stills[1], 20), (stills[2], 500)));
        film = Film.Open(uneven, s_rate, TextWriter.Null)!;
        Assert.AreEqual(new FrameRate(50, 9), film.Rate);
        CollectionAssert.AreEqual((int[])[210, 210, 210], Levels(film));

        static int[] Levels(Film film) => [.. film.Frames().Select(frame => (int)Math.Round(frame.Data[0] / 30.0) * 30)];
    }

    [TestMethod]
    public void AFileThatIsNotAFilmIsNamed()
    {
        using var folder = new TemporaryFolder();
        Assert.IsNull(Film.Open(folder.Write("still.png", TestPictures.Encode(Plain(10), SKEncodedImageFormat.Png)), s_rate,
            TextWriter.Null), "a picture that does not move");
        string heic = folder.Write("photo.jpg", [0, 0, 0, 24, .. "ftypheic\0\0\0\0mif1heic"u8, .. new byte[40]]);
        Assert.Contains("HEIC", Assert.ThrowsExactly<ImageInputException>(() => Film.Open(heic, s_rate, TextWriter.Null)).Message);
        string page = folder.Write("film.mp4", "<!DOCTYPE html><html></html>"u8.ToArray());
        Assert.Contains("web page", Assert.ThrowsExactly<ImageInputException>(() => Film.Open(page, s_rate, TextWriter.Null)).Message);
    }

    [TestMethod]
    public async Task APersonDoesWhatAnAnimatedPictureShows()
    {
        using var folder = new TemporaryFolder();
        string made = Path.Combine(folder.Path, "made"), results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync("--person", "carla", "--motion", Imitate.ShortMotion(folder, 3), "--size", "128", "--generator", "texture",
            "--gif", "--out", made)).Succeeded();
        Imitate run = (await Imitate.RunAsync("--person", "ben", "--size", "64", "--generator", "texture", "--reference",
            Path.Combine(made, "animation.gif"), "--side-by-side", "--out", results)).Succeeded();
        Assert.Contains("3 frames in", run.Output);
        string[] frames = [.. Directory.GetFiles(Path.Combine(results, "frames")).Order(StringComparer.Ordinal)];
        Assert.HasCount(3, frames);
        PixelBuffer[] shown = [.. AnimatedPicture.Open(Path.Combine(made, "animation.gif")).Frames()];
        for (int i = 0; i < 3; i++)
            CollectionAssert.AreEqual(shown[i].Row(200).ToArray(), ImageCodec.Load(frames[i]).Row(200)[..(3 * shown[i].Width)].ToArray(),
                $"frame {i}: the animation's is at its left");
        // As a still picture it gives its first frame, with a message.
        run = (await Imitate.RunAsync("--source", Path.Combine(made, "animation.gif"), "--motion", Imitate.ShortMotion(folder, 1), "--size",
            "64", "--generator", "texture", "--out", results)).Succeeded();
        Assert.Contains("is an animated GIF of 3 frames; the first is used and the other 2 are ignored.", run.Output);
    }

    private static PixelBuffer Plain(byte value)
    {
        var picture = new PixelBuffer(Width, Height);
        picture.Data.Fill(value);
        return picture;
    }
}
