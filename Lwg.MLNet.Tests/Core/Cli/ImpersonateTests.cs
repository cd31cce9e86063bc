using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public sealed class ImpersonateTests
{
    [TestMethod]
    [DataRow("default")]
    [DataRow("texture")]
    public async Task APersonIsLearnedShownAndSaved(string generator)
    {
        using var folder = new TemporaryFolder();
        string motion = Imitate.ShortMotion(folder), learned = Path.Combine(folder.Path, "learned"),
            loaded = Path.Combine(folder.Path, "loaded"), model = Path.Combine(folder.Path, "anna.zip");
        (await Imitate.RunAsync("impersonate", "--generator", generator, "--size", "64", "--motion", motion, "--save", model, "--out",
            learned)).Succeeded();
        (await Imitate.RunAsync("impersonate", "--model", model, "--motion", motion, "--out", loaded)).Succeeded();
        string[] frames = [.. Directory.GetFiles(Path.Combine(learned, "frames"), "*.png").Order()];
        Assert.HasCount(6, frames);
        foreach (string frame in frames)
        {
            PixelBuffer made = ImageCodec.Load(frame), again = ImageCodec.Load(Path.Combine(loaded, "frames", Path.GetFileName(frame)));
            Assert.AreEqual((64, 64), (made.Width, made.Height));
            CollectionAssert.AreEqual(made.Data.ToArray(), again.Data.ToArray(), "The saved person shows itself as the learned one.");
        }
    }

    [TestMethod]
    public async Task InvalidRequestsAreReported()
    {
        using var folder = new TemporaryFolder();
        (await Imitate.RunAsync("impersonate", "--source", Path.Combine(folder.Path, "none.png"), "--out",
            Path.Combine(folder.Path, "out"))).FailedWith(1, "none.png");
        (await Imitate.RunAsync("impersonate", "--model", "x.zip", "--person", "anna")).FailedUsage("exclude each other");
        (await Imitate.RunAsync("impersonate", "--source", "x.png", "--person", "anna")).FailedUsage("one person is learned");
        (await Imitate.RunAsync("impersonate", "--keypoints", "x.json")).FailedUsage("needs --source");
    }
}
