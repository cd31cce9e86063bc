using System.Diagnostics;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests the imitation of films: of a folder of frames, and of a video file if ffmpeg is on the path.</summary>
[TestClass]
public class FilmTests
{
    private const int FrameCount = 4;

    private static readonly string[] s_quick = ["--person", "ben", "--size", "96", "--generator", "texture"];
    private static TemporaryFolder s_folder = null!;
    private static string s_motion = "", s_film = "";

    /// <summary>Carla dances: four clearly different frames.</summary>
    [ClassInitialize]
    public static async Task MakeFilm(TestContext _)
    {
        s_folder = new TemporaryFolder();
        MotionClip dance = MotionClip.Load("dance");
        s_motion = Path.Combine(s_folder.Path, "dance.npz");
        new MotionClip("dance", 12, Enumerable.Range(0, FrameCount).SelectMany(i => dance.Pose(15 * i).ToArray()).ToArray()).Save(s_motion);
        string results = Path.Combine(s_folder.Path, "carla");
        (await Imitate.RunAsync("--person", "carla", "--motion", s_motion, "--size", "256", "--generator", "texture", "--out",
            results)).Succeeded();
        s_film = Path.Combine(results, "frames");
    }

    [ClassCleanup]
    public static void RemoveFilm() => s_folder.Dispose();

    [TestMethod]
    public async Task ThePersonDoesWhatThePersonOfTheFilmDoes()
    {
        using var folder = new TemporaryFolder();
        string direct = Path.Combine(folder.Path, "direct"), results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync([.. s_quick, "--motion", s_motion, "--out", direct])).Succeeded();
        (await Imitate.RunAsync([.. s_quick, "--reference", s_film, "--smooth", "0", "--side-by-side", "--out", results])).Succeeded();
        PixelBuffer[] truth = Pictures(Path.Combine(direct, "frames")), film = Pictures(s_film),
            made = Pictures(Path.Combine(results, "frames"));
        Assert.HasCount(FrameCount, made);
        for (int i = 0; i < FrameCount; i++)
        {
            Assert.AreEqual(film[i].Width + truth[i].Width, made[i].Width);
            Assert.AreEqual(0, Difference(made[i], 0, film[i]), 1e-9, $"frame {i}: the reference is at the left");
            // The pose is estimated, so the frame differs from the truth, but must be nearer to its own truth than to any other.
            double[] differences = [.. truth.Select(t => Difference(made[i], film[i].Width, t))];
            Assert.AreEqual(i, Array.IndexOf(differences, differences.Min()), $"frame {i}: {string.Join(", ", differences)}");
        }
    }

    [TestMethod]
    public async Task EstimatesOfAnInterruptedRunAreKept()
    {
        using var folder = new TemporaryFolder();
        string[] command = [.. s_quick, "--reference", s_film];
        string undisturbed = Path.Combine(folder.Path, "undisturbed"), resumed = Path.Combine(folder.Path, "resumed");
        (await Imitate.RunAsync([.. command, "--out", undisturbed])).Succeeded();
        (await CancellingWriter.RunUntilAsync("Estimated frame 2 ", [.. command, "--out", resumed])).FailedWith(130, "Cancelled.");
        Imitate run = (await Imitate.RunAsync([.. command, "--out", resumed])).Succeeded();
        Assert.DoesNotContain("Estimated frame 2 ", run.Output);
        Assert.Contains("Estimated frame 4 of 4", run.Output);
        for (int i = 0; i < FrameCount; i++)
            CollectionAssert.AreEqual(await File.ReadAllBytesAsync(Frame(undisturbed, i)), await File.ReadAllBytesAsync(Frame(resumed, i)),
                $"frame {i}");
    }

    [TestMethod]
    public async Task FramesWithoutAPersonAreRefusedOrFilledIn()
    {
        using var folder = new TemporaryFolder();
        string film = Directory.CreateDirectory(Path.Combine(folder.Path, "film")).FullName, results = Path.Combine(folder.Path, "out");
        // Numbers are compared by value: 9 comes before 10.
        foreach ((string name, int frame) in new[] { ("9.png", 0), ("11.png", 1) })
            File.Copy(Frame(Path.GetDirectoryName(s_film)!, frame), Path.Combine(film, name));
        var empty = new PixelBuffer(512, 512);
        empty.Data.Fill(150);
        ImageCodec.SavePng(empty, Path.Combine(film, "10.png"));
        string[] command = [.. s_quick, "--reference", film, "--fps", "10", "--out", results];
        (await Imitate.RunAsync(command)).FailedWith(1, "frame 1 (at 0.10 s): no person is found; --fill-gaps 1");
        Imitate run = (await Imitate.RunAsync([.. command, "--fill-gaps", "1"])).Succeeded();
        Assert.Contains("filled in from the frames around: 1" + Environment.NewLine, run.Output);
        Assert.HasCount(3, Directory.GetFiles(Path.Combine(results, "frames")));
    }

    [TestMethod]
    public async Task FoldersThatAreNotFilms()
    {
        using var folder = new TemporaryFolder();
        string results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync("--reference", folder.Path, "--out", results)).FailedWith(1, "the folder has no pictures");
        folder.Write("a.png", Encoded(new PixelBuffer(64, 64)));
        folder.Write("b.png", Encoded(new PixelBuffer(64, 65)));
        (await Imitate.RunAsync([.. s_quick, "--reference", folder.Path, "--fill-gaps", "9", "--out", results])).FailedWith(1,
            "the frame has 64 x 65 pixels, but the first has 64 x 64");
    }

    [TestMethod]
    [DataRow("--smooth", "1")]
    [DataRow("--fill-gaps", "1")]
    [DataRow("--side-by-side")]
    [DataRow("--reference", "film", "--fps", "fast")]
    [DataRow("--reference", "film", "--smooth", "11")]
    [DataRow("--reference", "film", "--fill-gaps", "1001")]
    [DataRow("--reference", "film", "--frames", "9")]
    [DataRow("--frames", "0")]
    public async Task WrongUsage(params string[] args)
    {
        Imitate run = await Imitate.RunAsync(args);
        Assert.AreEqual(2, run.ExitCode, run.Error);
    }

    [TestMethod]
    public async Task AVideoFileAsReference()
    {
        NeedsFfmpeg();
        using var folder = new TemporaryFolder();
        // A name with '%': it must not be read as a pattern.
        string film = Path.Combine(folder.Path, "a film.mkv"), results = Path.Combine(folder.Path, "100%d");
        Run("ffmpeg", "-v", "error", "-framerate", "30000/1001", "-i", Path.Combine(s_film, "frame_%03d.png"), "-c:v", "mpeg4", "-q:v", "2",
            film);
        Imitate run = (await Imitate.RunAsync([.. s_quick, "--reference", film, "--side-by-side", "--gif", "--out", results])).Succeeded();
        Assert.Contains("Estimated frame 4 of 4", run.Output);
        Assert.HasCount(FrameCount, Pictures(Path.Combine(results, "frames")));
        string video = Path.Combine(results, "animation.mp4");
        Assert.AreEqual("1024,512,30000/1001,4",
            Run("ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=width,height,r_frame_rate,nb_read_frames", "-of",
            "csv=p=0", video).Trim());
        Assert.IsTrue(File.Exists(Path.Combine(results, "animation.gif")));
    }

    [TestMethod]
    public async Task FilesThatAreNotVideos()
    {
        NeedsFfmpeg();
        using var folder = new TemporaryFolder();
        string letter = folder.Write("letter.mp4", "This is a letter, whatever its name says."u8.ToArray());
        (await Imitate.RunAsync("--reference", letter, "--out", Path.Combine(folder.Path, "out"))).FailedWith(1,
            "letter.mp4': it is neither a picture nor a film that ffmpeg can read");
    }

    /// <summary>PATH belongs to the process, so no other test may run in parallel.</summary>
    [TestMethod]
    [DoNotParallelize]
    public async Task WithoutFfmpegAVideoFileCannotBeRead()
    {
        using var folder = new TemporaryFolder();
        string film = folder.Write("film.mp4", [0, 0, 0, 24]), results = Path.Combine(folder.Path, "out");
        string? path = Environment.GetEnvironmentVariable("PATH");
        try
        {
            Environment.SetEnvironmentVariable("PATH", folder.Path);
            (await Imitate.RunAsync("--reference", film, "--out", results)).FailedWith(3,
                "if it is a film, ffprobe (a part of ffmpeg) is required on the path");
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
        Assert.IsFalse(Directory.Exists(results));
    }

    private static void NeedsFfmpeg()
    {
        using Process? probe = Ffmpeg.TryStart("ffprobe", ["-version"]);
        if (probe is null)
            Assert.Inconclusive("There is no ffmpeg on the path; with one, films are read from video files.");
        probe.StandardOutput.ReadToEnd();
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Ffmpeg.TryStart(program, arguments)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string told = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, error.GetAwaiter().GetResult());
        return told;
    }

    private static PixelBuffer[] Pictures(string folder) =>
        [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(file => ImageCodec.Load(file))];

    private static string Frame(string results, int number) => Path.Combine(results, "frames", $"frame_{number:000}.png");

    private static byte[] Encoded(PixelBuffer picture)
    {
        using var stream = new MemoryStream();
        ImageCodec.EncodePng(picture, stream);
        return stream.ToArray();
    }

    /// <summary>Computes the mean difference between a picture and the part of another that begins at a column.</summary>
    private static double Difference(PixelBuffer whole, int left, PixelBuffer part)
    {
        double sum = 0;
        for (int y = 0; y < part.Height; y++)
        {
            ReadOnlySpan<byte> a = whole.Row(y).Slice(3 * left, 3 * part.Width), b = part.Row(y);
            for (int i = 0; i < a.Length; i++)
                sum += Math.Abs(a[i] - b[i]);
        }
        return sum / part.Data.Length;
    }
}
