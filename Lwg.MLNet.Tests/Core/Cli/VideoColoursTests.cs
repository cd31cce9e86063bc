using System.Diagnostics;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests that films of all depths, ranges, matrices and dynamic ranges keep their original colours.</summary>
[TestClass]
public class VideoColoursTests
{
    private const int Patch = 32, Columns = 4, Rows = 2;

    // Colours up to seven tenths of white's light, which are unchanged in films of high dynamic range.
    private static readonly byte[][] s_colours =
        [[200, 40, 40], [40, 180, 40], [40, 60, 200], [190, 190, 60], [128, 128, 128], [30, 30, 30], [190, 140, 110], [60, 180, 190]];

    // sRGB as linear light, with white at 203 nits.
    private const string Linear = "format=gbrp,zscale=tin=iec61966-2-1:min=gbr:pin=bt709:rin=full:t=linear:m=gbr:p=bt709:npl=203,"
        + "format=gbrpf32le,zscale=tin=linear:pin=bt709:min=gbr";

    private static TemporaryFolder s_folder = null!;

    [ClassInitialize]
    public static void MakePicture(TestContext _)
    {
        s_folder = new TemporaryFolder();
        var picture = new PixelBuffer(Columns * Patch, Rows * Patch);
        for (int y = 0; y < picture.Height; y++)
        {
            for (int x = 0; x < picture.Width; x++)
                s_colours[y / Patch * Columns + x / Patch].CopyTo(picture.Row(y)[(3 * x)..]);
        }
        ImageCodec.SavePng(picture, Path.Combine(s_folder.Path, "patches.png"));
    }

    [ClassCleanup]
    public static void RemovePicture() => s_folder.Dispose();

    [TestMethod]
    [DataRow("high10.mp4", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p10le",
        "-c:v libx264 -qp 4 -colorspace bt709 -color_range tv", 4, DisplayName = "H.264 of 10 bits, BT.709")]
    [DataRow("full.mp4", "scale=out_color_matrix=bt709:out_range=pc,format=yuv420p", "-c:v libx264 -qp 4 -colorspace bt709 -color_range pc",
        4, DisplayName = "full range")]
    [DataRow("bt601.mkv", "scale=out_color_matrix=bt601:out_range=tv,format=yuv444p", "-c:v ffv1 -colorspace smpte170m -color_range tv", 3,
        DisplayName = "BT.601")]
    [DataRow("untagged.mkv", "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p", "-c:v ffv1", 3,
        DisplayName = "a small film without colour information")]
    [DataRow("prores.mov", "scale=out_color_matrix=bt601:out_range=tv,format=yuv422p10le", "-c:v prores_ks -profile:v 3", 5,
        DisplayName = "ProRes 422")]
    [DataRow("twelve.mkv", "format=gbrp12le", "-c:v ffv1", 2, DisplayName = "RGB of 12 bits")]
    [DataRow("hd.mkv", "scale=1280:720:flags=neighbor:out_color_matrix=bt709:out_range=tv,format=yuv420p", "-c:v ffv1", 3,
        DisplayName = "a high-definition film without colour information")]
    [DataRow("pq.mkv", $"{Linear}:t=smpte2084:p=bt2020:m=bt2020nc:r=limited:npl=203,format=yuv444p10le",
        "-c:v ffv1 -colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 -color_range tv", 3, DisplayName = "PQ, BT.2020")]
    [DataRow("hlg.mkv", $"{Linear}:t=arib-std-b67:p=bt2020:m=bt2020nc:r=limited:npl=203,format=yuv444p10le",
        "-c:v ffv1 -colorspace bt2020nc -color_primaries bt2020 -color_trc arib-std-b67 -color_range tv", 3, DisplayName = "HLG, BT.2020")]
    [DataRow("hlg.mp4", $"{Linear}:t=arib-std-b67:p=bt2020:m=bt2020nc:r=limited:npl=203,format=yuv420p10le",
        "-c:v libx265 -x265-params log-level=none -qp 4 -colorspace bt2020nc -color_primaries bt2020 -color_trc arib-std-b67 "
        + "-color_range tv", 5, DisplayName = "HEVC of 10 bits, HLG")]
    public void TheColoursStay(string name, string filter, string options, int tolerance)
    {
        NeedsFfmpeg();
        string film = Path.Combine(s_folder.Path, name);
        Run("ffmpeg", ["-v", "error", "-y", "-loop", "1", "-i", Path.Combine(s_folder.Path, "patches.png"), "-frames:v", "3", "-vf", filter,
            .. options.Split(' '), film]);
        PixelBuffer[] frames = [.. VideoFile.Open(film, TextWriter.Null).Frames()];
        Assert.HasCount(3, frames);
        int patch = frames[1].Width / Columns, patchHeight = frames[1].Height / Rows;
        for (int i = 0; i < s_colours.Length; i++)
        {
            ReadOnlySpan<byte> actual = frames[1].Row(i / Columns * patchHeight + patchHeight / 2)
                .Slice(3 * (i % Columns * patch + patch / 2), 3);
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(s_colours[i][c], actual[c], tolerance,
                    $"colour {i} is {string.Join(", ", actual.ToArray())} instead of {string.Join(", ", s_colours[i])}");
        }
    }

    [TestMethod]
    public void HlgIsConvertedToSdr()
    {
        NeedsFfmpeg();
        // Paper white is a signal of 0.75 (ITU-R BT.2408), half a signal a twelfth of the scene's light (ITU-R BT.2100).
        string film = Path.Combine(s_folder.Path, "hlg.mkv");
        Run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i",
            "color=gray:size=64x64:duration=1:rate=2,format=yuv444p10le,geq=lum='if(lt(X,32),64+876*0.5,64+876*0.75)':cb=512:cr=512",
            "-c:v", "ffv1", "-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-color_range", "tv",
            film]);
        PixelBuffer frame = VideoFile.Open(film, TextWriter.Null).Frames().First();
        byte[] middle = frame.Row(32).Slice(3 * 16, 3).ToArray(), white = frame.Row(32).Slice(3 * 48, 3).ToArray();
        Assert.IsTrue(white.All(value => value is > 215 and < 255), $"the white of paper is bright: {white[0]}");
        Assert.IsTrue(middle.All(value => value is > 90 and < 160), $"half the signal is a middle grey: {middle[0]}");
    }

    [TestMethod]
    public void PixelsBecomeSquareAndFramesStandUpright()
    {
        NeedsFfmpeg();
        string wide = Path.Combine(s_folder.Path, "wide.mp4"), turned = Path.Combine(s_folder.Path, "turned.mp4");
        string[] coded = ["-v", "error", "-y", "-loop", "1", "-i", Path.Combine(s_folder.Path, "patches.png"), "-frames:v", "2", "-pix_fmt",
            "yuv420p", "-c:v", "libx264", "-qp", "4"];
        Run("ffmpeg", [.. coded, "-vf", "scale=64:64,setsar=2", wide]);
        PixelBuffer frame = VideoFile.Open(wide, TextWriter.Null).Frames().First();
        Assert.AreEqual((128, 64), (frame.Width, frame.Height));
        string flat = Path.Combine(s_folder.Path, "flat.mp4");
        Run("ffmpeg", [.. coded, flat]);
        Run("ffmpeg", ["-v", "error", "-y", "-i", flat, "-c", "copy", "-metadata:s:v:0", "rotate=90", turned]);
        frame = VideoFile.Open(turned, TextWriter.Null).Frames().First();
        Assert.AreEqual((64, 128), (frame.Width, frame.Height));
        // Rotated left by 90 degrees, the first row becomes the left column: its red is at the bottom, its yellow at the top.
        Assert.AreEqual(200, frame.Row(112)[3 * 16], 6);
        Assert.AreEqual(40, frame.Row(112)[3 * 16 + 1], 6);
        Assert.AreEqual(190, frame.Row(16)[3 * 16], 6);
        Assert.AreEqual(190, frame.Row(16)[3 * 16 + 1], 6);
    }

    [TestMethod]
    public async Task SoundIsCopied()
    {
        NeedsFfmpeg();
        using var folder = new TemporaryFolder();
        string frames = Path.Combine(folder.Path, "made"), film = Path.Combine(folder.Path, "film.mp4"),
            silent = Path.Combine(folder.Path, "silent.mp4"), results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync("--person", "carla", "--motion", Imitate.ShortMotion(folder, 3), "--size", "128", "--generator", "texture",
            "--out", frames)).Succeeded();
        string[] pictures = ["-v", "error", "-framerate", "4", "-i", Path.Combine(frames, "frames", "frame_%03d.png")];
        Run("ffmpeg", [.. pictures, "-f", "lavfi", "-i", "sine=duration=0.75", "-pix_fmt", "yuv420p10le", "-c:v", "libx264", "-metadata",
            "location=+47.1+008.5/", film]);
        Run("ffmpeg", [.. pictures, "-pix_fmt", "yuv420p", silent]);
        string[] command = ["--person", "ben", "--size", "64", "--generator", "texture", "--sound", "--out", results, "--reference"];
        (await Imitate.RunAsync([.. command, film])).Succeeded();
        string told = Run("ffprobe", ["-v", "error", "-show_entries", "stream=codec_type,codec_name,color_space,duration:format_tags",
            "-of", "csv=p=0", Path.Combine(results, "animation.mp4")]);
        Assert.Contains("h264,video,bt709", told);
        Assert.Contains("aac,audio", told);
        Assert.DoesNotContain("47.1", told);
        Imitate run = (await Imitate.RunAsync([.. command, silent, "--restart"])).Succeeded();
        Assert.Contains("has no sound", run.Output);
        (await Imitate.RunAsync("--sound")).FailedUsage("--sound needs --reference");
    }

    private static void NeedsFfmpeg()
    {
        using Process? probe = Ffmpeg.TryStart("ffprobe", ["-version"]);
        if (probe is null)
            Assert.Inconclusive("There is no ffmpeg on the path; with one, films are read from video files.");
        probe.StandardOutput.ReadToEnd();
    }

    private static string Run(string program, string[] arguments)
    {
        using Process process = Ffmpeg.TryStart(program, arguments)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string told = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, error.GetAwaiter().GetResult());
        return told;
    }
}
