using System.Text.Json;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests the commands that find people with an untrained network: they must finish whatever it returns.</summary>
[TestClass]
public sealed class EstimateTests
{
    [TestMethod]
    public async Task PhotographsAreEstimated()
    {
        using var folder = new TemporaryFolder();
        string estimator = Path.Combine(folder.Path, "estimator"), results = Path.Combine(folder.Path, "out");
        SmallPersonNetwork.Package().SaveFolder(estimator);
        (string photo, string keypoints) = SamplePhoto.Write(folder);
        string empty = Path.Combine(folder.Path, "empty.png");
        ImageCodec.SavePng(new PixelBuffer(64, 48), empty);
        Imitate run = (await Imitate.RunAsync("estimate", "--source", photo, empty, "--estimator", estimator, "--out", results)).Succeeded(
            );
        Assert.Contains("photo.jpg: ", run.Output);
        Assert.Contains("empty.png: ", run.Output);
        // Three tiles of 384 side by side, gaps of 4.
        foreach (string name in new[] { "photo.png", "empty.png" })
            Assert.AreEqual((1168, 392), (ImageCodec.Load(Path.Combine(results, name)).Width,
                ImageCodec.Load(Path.Combine(results, name)).Height));
        (await Imitate.RunAsync("estimate", "--source", photo, "--keypoints", keypoints, "--estimator", estimator, "--out",
            results)).Succeeded();
    }

    [TestMethod]
    public async Task ABadPhotographDoesNotStopTheOthers()
    {
        using var folder = new TemporaryFolder();
        string estimator = Path.Combine(folder.Path, "estimator"), results = Path.Combine(folder.Path, "out");
        SmallPersonNetwork.Package().SaveFolder(estimator);
        (string photo, _) = SamplePhoto.Write(folder);
        string page = folder.Write("page.jpg", "<html><body>Sign in</body></html>"u8.ToArray());
        Imitate run = await Imitate.RunAsync("estimate", "--source", page, photo, "--estimator", estimator, "--out", results);
        run.FailedWith(1, "1 of 2 photographs could not be used");
        Assert.Contains("page.jpg: ", run.Output);
        Assert.Contains("a web page", run.Output);
        Assert.Contains("photo.jpg: ", run.Output);
        Assert.IsTrue(File.Exists(Path.Combine(results, "photo.png")));
    }

    [TestMethod]
    public async Task HeldOutPeopleAreCompared()
    {
        using var folder = new TemporaryFolder();
        string estimator = Path.Combine(folder.Path, "estimator"), results = Path.Combine(folder.Path, "out");
        SmallPersonNetwork.Package().SaveFolder(estimator);
        Imitate run = (await Imitate.RunAsync("evaluate-estimator", "--estimator", estimator, "--pictures", "3", "--out",
            results)).Succeeded();
        Assert.Contains("|", run.Output);
        Assert.Contains("facing the wrong way", run.Output);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(results, "evaluation.json")));
        Assert.AreEqual(JsonValueKind.Object, report.RootElement.ValueKind);
        Assert.IsTrue(File.Exists(Path.Combine(results, "evaluation.md")) && File.Exists(Path.Combine(results, "people.png")));
        byte[] first = await File.ReadAllBytesAsync(Path.Combine(results, "evaluation.json"));
        (await Imitate.RunAsync("evaluate-estimator", "--estimator", estimator, "--pictures", "3", "--out", results)).Succeeded();
        CollectionAssert.AreEqual(first, await File.ReadAllBytesAsync(Path.Combine(results, "evaluation.json")));
    }

    [TestMethod]
    public async Task ErrorsAreReported()
    {
        using var folder = new TemporaryFolder();
        (string photo, _) = SamplePhoto.Write(folder);
        string gone = Path.Combine(folder.Path, "gone"), results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync("estimate", "--source", photo, "--estimator", gone, "--out", results)).FailedWith(1, "gone");
        (await Imitate.RunAsync("evaluate-estimator", "--estimator", gone, "--out", results)).FailedWith(1, "gone");
        Assert.IsFalse(Directory.Exists(results));
        string keypointless = Path.Combine(folder.Path, "keypointless");
        TinyEstimator.Package().SaveFolder(keypointless);
        (await Imitate.RunAsync("estimate", "--source", photo, "--estimator", keypointless, "--out", results)).FailedWith(1,
            "key points and a mask");
        (await Imitate.RunAsync("estimate", "--source", photo, Path.Combine(gone, Path.GetFileName(photo)), "--out", results))
            .FailedWith(1, "would have the same name, 'photo.png'");
        (await Imitate.RunAsync("evaluate-estimator", "--pictures", "0", "--out", results)).FailedUsage("--pictures");
        (await Imitate.RunAsync("estimate", "--out", results)).FailedUsage("--source");
    }

    [TestMethod]
    public async Task OurOwnEstimatorNeedsNoKeypoints()
    {
        using var folder = new TemporaryFolder();
        (string photo, _) = SamplePhoto.Write(folder);
        string results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync("imitate", "--source", photo, "--reference", photo, "--size", "64", "--generator", "texture", "--out",
            results)).Succeeded();
        Assert.IsTrue(File.Exists(Path.Combine(results, "frames", "frame_000.png")));
    }
}
