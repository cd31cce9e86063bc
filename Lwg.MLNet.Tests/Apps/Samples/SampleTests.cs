using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Transforms.Imaging;
using SampleProgram = Lwg.MLNet.Samples.Program;

namespace Lwg.MLNet.Apps.Tests.Samples;

/// <summary>Runs every program of Lwg.MLNet.Samples and checks its output.</summary>
[TestClass]
public sealed class SampleTests
{
    [TestMethod]
    [DataRow("imitate", 12, "wave_*.png")]
    [DataRow("swap", 1, "swap.png")]
    [DataRow("view", 6, "view_*.png")]
    [DataRow("save-and-load", 1, "loaded.png")]
    [DataRow("engine-pool", 4, "request_*.png")]
    public void ASampleMakesItsPictures(string sample, int count, string pattern)
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(0, SampleProgram.Main([sample, folder.Path]));
        string[] pictures = [.. Directory.GetFiles(folder.Path, pattern).Order(StringComparer.Ordinal)];
        Assert.HasCount(count, pictures);
        PixelBuffer[] pixels = [.. pictures.Select(picture => ImageCodec.Load(picture))];
        foreach (PixelBuffer picture in pixels)
            Assert.IsGreaterThan(100, picture.Data.ToArray().Distinct().Count(), "shades of a picture");
        Assert.HasCount(count, pixels.DistinctBy(picture => Convert.ToHexString(picture.Data)), "each picture differs from the others");
    }

    [TestMethod]
    public void FitPersonGivesTheSamePersonByBothWays()
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(0, SampleProgram.Main(["fit-person", folder.Path]));
        float[][] ways = [.. File.ReadAllLines(Path.Combine(folder.Path, "smpl.txt"))
            .Select(line => line.Split(' ').Select(float.Parse).ToArray())];
        Assert.HasCount(2, ways);
        foreach (float[] smpl in ways)
            Assert.HasCount(85, smpl);
        // The camera's scale: Anna fills nine tenths of the square in both cases.
        Assert.AreEqual(ways[0][0], ways[1][0], 0.1f);
    }

    [TestMethod]
    public void EvaluateSaysHowNearThePictureIs()
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(0, SampleProgram.Main(["evaluate", folder.Path]));
        string ssim = File.ReadAllLines(Path.Combine(folder.Path, "metrics.txt"))
            .Single(line => line.StartsWith("SSIM ", StringComparison.Ordinal))[5..];
        Assert.IsGreaterThan(0.9f, float.Parse(ssim), "from its own side a picture is nearly itself");
    }

    [TestMethod]
    public void StageByStageNamesEachStagesColumns()
    {
        using var folder = new TemporaryFolder();
        Assert.AreEqual(0, SampleProgram.Main(["stage-by-stage", folder.Path]));
        string[] lines = File.ReadAllLines(Path.Combine(folder.Path, "columns.txt"));
        Assert.Contains(line => line.StartsWith("ComputeTransformationFlow: T ", StringComparison.Ordinal), lines);
        Assert.AreEqual(256, ImageCodec.Load(Path.Combine(folder.Path, "target.png")).Width);
    }

    [TestMethod]
    public void AnUnknownSampleIsWrongUsage() => Assert.AreEqual(2, SampleProgram.Main(["limbo"]));

    [TestMethod]
    public void EverySampleIsShortEnoughToRead()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, "Lwg.MLNet.Samples"), "*.cs"))
            Assert.IsInRange(30, 100, File.ReadAllLines(file).Length, Path.GetFileName(file));
    }
}
