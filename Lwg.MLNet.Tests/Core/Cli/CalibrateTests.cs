using Lwg.MLNet.Body;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Generation;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests the command 'calibrate', and 8-bit generation.</summary>
[TestClass]
public sealed class CalibrateTests
{
    [TestMethod]
    public async Task ACalibratedModelImitatesInEightBits()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model"), calibrated = Path.Combine(folder.Path, "calibrated"),
            frames = Path.Combine(folder.Path, "frames"), full = Path.Combine(folder.Path, "full");
        TinyGenerator.Package(TinyGenerator.Manifest(BodyModel.Default.Hash,
            new GeneratorShape { Width = 4, Blocks = 1, AlignCorners = true }, BackgroundComposition.RefinedFill)).SaveFolder(model);
        string[] imitate = ["imitate", "--motion", Imitate.ShortMotion(folder, 1), "--size", "64", "--precision", "quantized"];
        (await Imitate.RunAsync([.. imitate, "--generator", model, "--out", frames])).FailedWith(1, "was not calibrated");

        Imitate run = (await Imitate.RunAsync("calibrate", "--generator", model, "--out", calibrated, "--people", "2")).Succeeded();
        Assert.Contains($"calibrated with {2 * EvaluationJob.All.Count} pictures", run.Output);
        ModelManifest before = ModelPackage.LoadFolder(model).Manifest, after = ModelPackage.LoadFolder(calibrated).Manifest;
        Assert.IsNull(before.ActivationRanges);
        Assert.IsTrue(after.ActivationRanges!.Values.All(r => r is { IsValid: true, OutputHigh: > 0 }));
        CollectionAssert.AreEquivalent(before.Files.ToArray(), after.Files.ToArray(), "The weights are the same.");

        (await Imitate.RunAsync([.. imitate, "--generator", calibrated, "--out", frames])).Succeeded();
        (await Imitate.RunAsync([.. imitate[..^2], "--generator", calibrated, "--out", full])).Succeeded();
        CollectionAssert.AreNotEqual(await File.ReadAllBytesAsync(Path.Combine(frames, "frames", "frame_000.png")),
            await File.ReadAllBytesAsync(Path.Combine(full, "frames", "frame_000.png")));
    }

    [TestMethod]
    public async Task OnlyGeneratorsOfOurBodyHavePeople()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model");
        TinyGenerator.Package(TinyGenerator.Manifest("another body")).SaveFolder(model);
        (await Imitate.RunAsync("calibrate", "--generator", model)).FailedWith(1, "does not read maps of the built-in body");
        (await Imitate.RunAsync("calibrate", "--generator", folder.Path)).FailedWith(1, "manifest.json");
        (await Imitate.RunAsync("calibrate", "--people", "0")).FailedUsage("1 to 1000");
    }
}
