using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Training.Cli;
using Lwg.MLNet.Transforms;
using Microsoft.ML;

namespace Lwg.MLNet.Training.Tests.Cli;

/// <summary>Tests the console program in this process: a tiny training, its export, the comparison, and errors.</summary>
[TestClass]
public sealed class TrainingProgramTests
{
    private static readonly string[] s_tiny = ["--width", "4", "--discriminator-from", "2"];

    [TestMethod]
    public async Task ATrainingIsMadeGoesOnAndIsExported()
    {
        using var folder = new TemporaryFolder();
        string training = Path.Combine(folder.Path, "training"), model = Path.Combine(folder.Path, "model");
        await Run(0, "Finished", ["train", "--out", training, "--schedule", "48:4", .. s_tiny]);
        await Run(0, "from sample 4 to 6", ["train", "--out", training, "--schedule", "48:6", .. s_tiny]);
        await Run(1, "LearningRate was 0.0002 and is now 0.1",
            ["train", "--out", training, "--schedule", "48:6", "--rate", "0.1", .. s_tiny]);
        await Run(0, "after 6 samples", ["export", "--out", training, "--model", model, "--notes", "a test"]);
        using LiquidWarpingGenerator generator = LiquidWarpingGenerator.Load(model);
        Assert.AreEqual((4, 48, "a test"), (generator.Shape.Width, generator.Package.Manifest.ImageSize, generator.Package.Manifest.Notes));
    }

    [TestMethod]
    public async Task ATrainingBeginsWithAModelAndGoesOn()
    {
        using var folder = new TemporaryFolder();
        string first = Path.Combine(folder.Path, "first"), model = Path.Combine(folder.Path, "model"),
            second = Path.Combine(folder.Path, "second");
        await Run(0, "Finished", ["train", "--out", first, "--schedule", "48:2", .. s_tiny]);
        await Run(0, "after 2 samples", ["export", "--out", first, "--model", model]);
        // Sizes and erosion are those of the model, also the second time.
        string[] command = ["train", "--from", model, "--out", second, "--appearance", "0.5", "--sample-threads", "2",
            "--discriminator-from", "2", "--warmup", "2"];
        await Run(0, "from sample 0 to 4", [.. command, "--schedule", "48:4"]);
        await Run(1, "people of version 2", [.. command, "--schedule", "48:6", "--painter", "1"]);
        await Run(0, $"{model} is not read again", [.. command, "--schedule", "48:6"]);
        string average = Path.Combine(folder.Path, "average");
        await Run(0, "after 6 samples", ["export", "--out", second, "--model", average, "--average", model, "--share", "0"]);
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(model, "source.onnx")),
            File.ReadAllBytes(Path.Combine(average, "source.onnx")));
        await Run(1, "share", ["export", "--out", second, "--model", average, "--average", model, "--share", "1.5"]);
        await Run(1, "--share needs --average", ["export", "--out", second, "--model", average, "--share", "0.5"]);
        await Run(0, "after 6 samples", ["export", "--out", second, "--model", model]);
        using LiquidWarpingGenerator generator = LiquidWarpingGenerator.Load(model);
        Assert.AreEqual((4, 1), (generator.Shape.Width, generator.Package.Manifest.BackgroundKernel));
        await Run(1, "cannot be combined with --data", ["train", "--data", folder.Path, "--appearance", "0.5"]);
        await Run(1, "--backdrops cannot be combined with --data", ["train", "--data", folder.Path, "--backdrops", folder.Path]);
        await Run(1, "--estimator cannot be combined with --data", ["train", "--data", folder.Path, "--estimator", folder.Path]);
        await Run(1, "--painter", ["train", "--out", second, "--painter", "3"]);
        await Run(1, "WarmupSamples", ["train", "--out", second, "--schedule", "48:6", "--warmup", "7"]);
        await Run(1, "CUDA", ["train", "--device", "cuda", "--out", Path.Combine(folder.Path, "gpu")]);
    }

    [TestMethod]
    public async Task ACancelledTrainingLeavesACheckpoint()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        await Run(130, "in the checkpoint", ["train", "--out", folder.Path, "--schedule", "48:4", .. s_tiny], cancellation.Token);
        Assert.IsTrue(File.Exists(Path.Combine(folder.Path, TrainRun.CheckpointName)));
    }

    [TestMethod]
    public async Task AnEstimatorIsTrainedGoesOnAndIsExported()
    {
        using var folder = new TemporaryFolder();
        string training = Path.Combine(folder.Path, "training"), model = Path.Combine(folder.Path, "model");
        string[] command = ["train-estimator", "--out", training, "--batch", "1", "--encoder", "none"];
        // A line of losses and a sheet of pictures every 25 steps.
        await Run(0, "Finished", [.. command, "--schedule", "32:25"]);
        Assert.HasCount(1, await File.ReadAllLinesAsync(Path.Combine(training, "losses.jsonl")));
        Assert.IsTrue(File.Exists(Path.Combine(training, "pictures.png")));
        await Run(0, "from sample 25 to 26", [.. command, "--schedule", "32:26"]);
        await Run(1, "LearningRate was 0.001 and is now 0.1", [.. command, "--schedule", "32:26", "--rate", "0.1"]);
        await Run(1, "the schedule differs", [.. command, "--schedule", "64:26"]);
        await Run(0, "after 26 samples", ["export-estimator", "--out", training, "--model", model, "--notes", "a test"]);
        using LearnedSmplEstimator estimator = LearnedSmplEstimator.Load(model);
        Assert.AreEqual((256, 128, "a test"), (estimator.PictureSize, estimator.MaskSize, estimator.Package.Manifest.Notes));
        string average = Path.Combine(folder.Path, "average");
        await Run(0, "after 26 samples", ["export-estimator", "--out", training, "--model", average, "--average", model, "--share", "0"]);
        CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(model, LearnedSmplEstimator.NetworkFile)),
            File.ReadAllBytes(Path.Combine(average, LearnedSmplEstimator.NetworkFile)));
        await Run(1, "--share needs --average", ["export-estimator", "--out", training, "--model", average, "--share", "0.5"]);
        await Run(0, "from sample 0 to 1", [.. command[..2], Path.Combine(folder.Path, "second"), .. command[3..], "--from", average,
            "--schedule", "32:1"]);
        // A generator's folder is not an estimator's folder.
        await Run(1, "EstimatorTrainingOptions", ["export", "--out", training, "--model", model]);
    }

    [TestMethod]
    public async Task AGeneratorIsTunedOnAPersonAndTuningIsMeasured()
    {
        using var folder = new TemporaryFolder();
        string training = Path.Combine(folder.Path, "training"), model = Path.Combine(folder.Path, "model"),
            person = Path.Combine(folder.Path, "person.zip");
        // In much smaller pictures, the estimator does not find the person.
        await Run(0, "Finished", ["train", "--out", training, "--schedule", "128:2", .. s_tiny]);
        await Run(0, "after 2 samples", ["export", "--out", training, "--model", model, "--licence", "mine", "--private"]);
        ModelManifest manifest = ModelPackage.LoadFolder(model).Manifest;
        Assert.AreEqual(("mine", false), (manifest.Licence, manifest.Redistributable));
        await Run(0, "| held-out poses | tuned |",
            ["evaluate-tuning", "--people", "2", "--poses", "2", "--samples", "2", "--generator", model]);
        await Run(0, "own pictures have a mean difference",
            ["tune", "--source", Path.Combine(AppContext.BaseDirectory, "people", "anna.png"), "--samples", "2", "--rate", "1e-3",
                "--generator", model, "--save", person]);
        ITransformer loaded = new MLContext(seed: 1).Model.Load(person, out _);
        Assert.IsInstanceOfType<ImpersonateSubjectTransformer>(loaded);
        await Run(1, "cannot be read", ["tune", "--source", "/nowhere.png", "--generator", "/nowhere", "--save", person]);
        await Run(1, "at least 1", ["evaluate-tuning", "--people", "0", "--generator", model]);
        await Run(2, "--save", ["tune", "--source", "x.png"]);
    }

    [TestMethod]
    public async Task WaysOfWarpingAreCompared()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["ablate", "--out", folder.Path, "--schedule", "48:2", "--width", "2", "--people", "3"];
        await Run(0, "| within the person | liquid warping, discriminator |", command);
        string table = await File.ReadAllTextAsync(Path.Combine(folder.Path, "ablation.md"));
        foreach (string name in (string[])["texture warp, no network", "input concatenation", "texture warping", "feature warping",
            "liquid warping"])
            StringAssert.Contains(table, $"| whole picture | {name} |");
        Assert.IsTrue(File.Exists(Path.Combine(folder.Path, "ablation.png")));
        byte[] first = await File.ReadAllBytesAsync(Path.Combine(folder.Path, "ablation.json"));
        // Again: the trainings exist, and the results are the same.
        await Run(0, "liquid warping, discriminator:", command);
        CollectionAssert.AreEqual(first, await File.ReadAllBytesAsync(Path.Combine(folder.Path, "ablation.json")));
        // One training resumes from its checkpoint; without it, its model belongs to another training.
        string[] longer = ["ablate", "--out", folder.Path, "--schedule", "48:4", "--discriminator-from", "1", "--width", "2", "--only",
            "texture"];
        await Run(0, "from sample 2 to 4", longer);
        Assert.Contains("4 samples at 48 pixels", ModelPackage.LoadFolder(Path.Combine(folder.Path, "texture", "model")).Manifest.Notes!);
        File.Delete(Path.Combine(folder.Path, "texture", TrainRun.CheckpointName));
        await Run(1, "belongs to another training", [.. longer, "--rate", "0.1"]);
        await Run(1, "There is no generator 'nothing'", ["ablate", "--out", folder.Path, "--only", "nothing"]);
    }

    [TestMethod]
    public async Task MistakesAreReportedInASentence()
    {
        await Run(1, "'128' is not a stage", ["train", "--schedule", "128"]);
        await Run(1, "multiples of 8", ["train", "--schedule", "100:5"]);
        await Run(1, "multiples of 32", ["train-estimator", "--schedule", "100:5"]);
        await Run(1, "no such file", ["export-estimator", "--out", "/nowhere", "--model", "x"]);
        await Run(1, "not a folder in the layout of iPER", ["train", "--data", Path.GetTempPath()]);
        await Run(1, "at least 1", ["ablate", "--people", "0"]);
        await Run(1, "no such file", ["export", "--out", "/nowhere", "--model", "x"]);
        await Run(2, "--help", ["train", "--colour", "red"]);
    }

    private static async Task Run(int exitCode, string words, string[] args, CancellationToken cancellationToken = default)
    {
        using StringWriter output = new(), error = new();
        int found = await TrainingProgram.RunAsync(args, output, error, cancellationToken);
        Assert.AreEqual(exitCode, found, error.ToString());
        StringAssert.Contains(exitCode == 0 ? output.ToString() : error.ToString(), words);
        if (exitCode is 1 or 130)
            Assert.HasCount(1, error.ToString().Trim().Split('\n'), "one sentence");
    }
}
