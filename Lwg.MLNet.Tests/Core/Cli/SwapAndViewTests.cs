using Lwg.MLNet.Body;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public sealed class SwapAndViewTests
{
    [TestMethod]
    public async Task OurOwnPersonWearsAnothersClothes()
    {
        using var folder = new TemporaryFolder();
        string results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync("swap", "--size", "96", "--out", results)).Succeeded();
        CollectionAssert.AreEqual((string[])["swap.png", "swap_sheet.png"], Names(results));
        PixelBuffer picture = ImageCodec.Load(Path.Combine(results, "swap.png"));
        Assert.AreEqual((512, 512), (picture.Width, picture.Height), "as the source's photograph");
    }

    [TestMethod]
    public async Task APhotographMayBeSourceOrReference()
    {
        using var folder = new TemporaryFolder();
        (string photo, string keypoints) = SamplePhoto.Write(folder);
        string[] common = ["swap", "--generator", "texture", "--size", "64"];
        (await Imitate.RunAsync([.. common, "--source", photo, "--keypoints", keypoints, "--parts", "upper", "feet", "--out",
            Path.Combine(folder.Path, "a")])).Succeeded();
        (await Imitate.RunAsync([.. common, "--reference", photo, "--reference-keypoints", keypoints, "--out",
            Path.Combine(folder.Path, "b")])).Succeeded();
    }

    [TestMethod]
    public async Task InvalidRequestsAreReported()
    {
        using var folder = new TemporaryFolder();
        (string photo, string keypoints) = SamplePhoto.Write(folder);
        string[] swap = ["swap", "--size", "64", "--generator", "texture", "--out", Path.Combine(folder.Path, "out")];
        (await Imitate.RunAsync([.. swap, "--parts", "wings"])).FailedWith(1, "'wings'");
        (await Imitate.RunAsync([.. swap, "--reference-person", "dora"])).FailedUsage("'dora'");
        (await Imitate.RunAsync("swap", "--size", "64", "--out", photo)).FailedWith(1, "is a file");
        (await Imitate.RunAsync("view", "--size", "64", "--background", "#12", "--out", Path.Combine(folder.Path, "out"))).FailedWith(1,
            "#rrggbb");
        (await Imitate.RunAsync("view", "--views", "0")).FailedUsage("1 to 360");
    }

    [TestMethod]
    public async Task OurOwnPersonTurnsAround()
    {
        using var folder = new TemporaryFolder();
        string results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync("view", "--views", "3", "--size", "96", "--out", results)).Succeeded();
        Assert.HasCount(3, Directory.GetFiles(Path.Combine(results, "frames"), "*.png"));
        Assert.HasCount(3, AnimatedPicture.Open(Path.Combine(results, "animation.webp")).Durations);
    }

    [TestMethod]
    public async Task ThePersonStandsBeforeAColourOrAPicture()
    {
        using var folder = new TemporaryFolder();
        (string photo, _) = SamplePhoto.Write(folder);
        string[] view = ["view", "--views", "1", "--size", "64", "--generator", "texture", "--pose", "TPose", "--out"];
        (await Imitate.RunAsync([.. view, Path.Combine(folder.Path, "a"), "--background", "#0a141e"])).Succeeded();
        CollectionAssert.AreEqual((byte[])[10, 20, 30],
            ImageCodec.Load(Path.Combine(folder.Path, "a", "frames", "frame_000.png")).Data[..3].ToArray());
        (await Imitate.RunAsync([.. view, Path.Combine(folder.Path, "b"), "--background", photo])).Succeeded();
    }

    [TestMethod]
    public async Task MotionsFollowEachOther()
    {
        using var folder = new TemporaryFolder();
        string motion = Imitate.ShortMotion(folder, 2), results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync("--motion", motion, motion, "--camera", "source", "--size", "64", "--generator", "texture", "--out",
            results)).Succeeded();
        Assert.HasCount(4, Directory.GetFiles(Path.Combine(results, "frames"), "*.png"));

        // 12 frames a second: the first two frames span a twelfth of a second, in which 48 a second have five.
        string quick = Path.Combine(folder.Path, "quick.npz");
        new MotionClip("quick", 48, new float[5 * SmplLayout.PoseCount]).Save(quick);
        string[] command = ["--camera", "source", "--size", "64", "--generator", "texture", "--out", results];
        Imitate run = (await Imitate.RunAsync(["--motion", motion, quick, .. command])).Succeeded();
        Assert.Contains("'quick' is resampled from 48 to 12 frames a second: 5 frames become 2.", run.Output);
        Assert.DoesNotContain("'short' is", run.Output);
        Assert.HasCount(4, Directory.GetFiles(Path.Combine(results, "frames"), "*.png"));
        run = (await Imitate.RunAsync(["--motion", motion, quick, "--fps", "24", .. command])).Succeeded();
        Assert.Contains("'short' is resampled from 12 to 24 frames a second: 2 frames become 3.", run.Output);
        Assert.HasCount(3 + 3, Directory.GetFiles(Path.Combine(results, "frames"), "*.png"));
    }

    [TestMethod]
    public async Task TheImitatorStandsBeforeAColourOrAPicture()
    {
        using var folder = new TemporaryFolder();
        (string photo, _) = SamplePhoto.Write(folder);
        string results = Path.Combine(folder.Path, "out"), frame = Path.Combine(results, "frames", "frame_000.png");
        string[] imitate = ["--motion", Imitate.ShortMotion(folder, 1), "--size", "64", "--generator", "texture", "--out", results,
            "--background"];
        (await Imitate.RunAsync([.. imitate, "#0a141e"])).Succeeded();
        PixelBuffer coloured = ImageCodec.Load(frame);
        Assert.AreEqual((64, 64), (coloured.Width, coloured.Height), "the person's square");
        CollectionAssert.AreEqual((byte[])[10, 20, 30], coloured.Data[..3].ToArray());

        // The photograph's centre square at the resolution of the result: its corner, without a person, equals the result's.
        (await Imitate.RunAsync([.. imitate, photo])).Succeeded();
        PixelBuffer plate = ImageCodec.ToPixels(Backdrop.Parse(photo).ToImage(64)), picture = ImageCodec.Load(frame);
        CollectionAssert.AreEqual(plate.Row(0).ToArray(), picture.Row(0).ToArray());

        (await Imitate.RunAsync([.. imitate, "#0a141e", "--save", Path.Combine(folder.Path, "model.zip")])).FailedUsage(
            "--background and --save exclude each other");
        (await Imitate.RunAsync([.. imitate, "#12"])).FailedWith(1, "#rrggbb");
    }

    private static string[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
}
