using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Training.Tests.Generator;

namespace Lwg.MLNet.Training.Tests.Estimator;

/// <summary>Tests the estimator's training as a whole: resuming, refused checkpoints, results.</summary>
[TestClass]
public sealed class EstimatorTrainerTests
{
    private static readonly TemporaryFolder s_folder = new();

    /// <summary>A checkpoint after two samples: 210 MB, so it is written only once.</summary>
    private static string Two => Path.Combine(s_folder.Path, "two");

    [ClassInitialize]
    public static void Train(TestContext _)
    {
        using var trainer = new EstimatorTrainer(TinySnapshots.Options);
        RunTo(trainer, 2);
        trainer.SaveCheckpoint(Two);
    }

    [ClassCleanup]
    public static void Clean() => s_folder.Dispose();

    [TestMethod]
    public void TheRegressorIsTrainedAloneAtTheEnd()
    {
        using var trainer = new EstimatorTrainer(TinySnapshots.Options);
        string before = trainer.ToPackage().Hash;
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            trainer.TrainRegressor(64, 20, (_, _, _, _) => cancellation.Cancel(), cancellation.Token));
        Assert.AreEqual(before, trainer.ToPackage().Hash, "Who stops changes nothing.");
        var losses = new List<double>();
        trainer.TrainRegressor(64, 20, (_, rotation, camera, presence) => losses.AddRange([rotation, camera, presence]));
        Assert.IsTrue(losses.All(double.IsFinite));
        Assert.AreNotEqual(before, trainer.ToPackage().Hash);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.TrainRegressor(63, 1));
    }

    [TestMethod]
    public void ATrainingStartsFromAModel()
    {
        ModelPackage model;
        using (EstimatorTrainer first = EstimatorTrainer.Resume(Two))
            model = first.ToPackage();
        using EstimatorTrainer second = EstimatorTrainer.FromModel(model, TinySnapshots.Options);
        Assert.AreEqual((0L, model.Hash), (second.Samples, second.ToPackage().Hash));
        Assert.Throws<ModelFileException>(() => EstimatorTrainer.FromModel(OwnModels.Generator, TinySnapshots.Options));
    }

    [TestMethod]
    public void AResumedTrainingEndsWhereOneThatWasNotStoppedDoes()
    {
        string whole = Path.Combine(s_folder.Path, "whole"), resumed = Path.Combine(s_folder.Path, "resumed");
        using (var trainer = new EstimatorTrainer(TinySnapshots.Options))
        {
            int steps = 0;
            trainer.Run((losses, pictures, keypoints) =>
            {
                steps++;
                Assert.IsTrue(losses.IsFinite, losses.ToString());
                Assert.HasCount(2, pictures);
                Assert.HasCount(2 * 17 * 3, keypoints);
                Assert.AreEqual((2L * steps, steps < 3 ? 32 : 64), (losses.Samples, losses.Size));
            });
            Assert.AreEqual(3, steps);
            Assert.IsTrue(trainer.IsFinished);
            trainer.SaveCheckpoint(whole);
        }
        using (EstimatorTrainer trainer = EstimatorTrainer.Resume(Two, TinySnapshots.Options))
        {
            trainer.Run();
            trainer.SaveCheckpoint(resumed);
        }
        Assert.IsTrue(File.ReadAllBytes(whole).AsSpan().SequenceEqual(File.ReadAllBytes(resumed)),
            "options, steps, weights, moments and average, bit for bit");
        Assert.IsFalse(File.ReadAllBytes(whole).AsSpan().SequenceEqual(File.ReadAllBytes(Two)));
    }

    [TestMethod]
    public void OtherOptionsAreRefusedByName()
    {
        TrainingException error = Assert.ThrowsExactly<TrainingException>(() =>
            EstimatorTrainer.Resume(Two, TinySnapshots.Options with { LearningRate = 0.5, MaskWeight = 3 }));
        StringAssert.Contains(error.Message, "LearningRate was 0.001 and is now 0.5");
        StringAssert.Contains(error.Message, "MaskWeight was 2 and is now 3");
        Assert.DoesNotContain("Seed", error.Message);
        error = Assert.ThrowsExactly<TrainingException>(() =>
            EstimatorTrainer.Resume(Two, TinySnapshots.Options with { Schedule = [new(64, 6)] }));
        StringAssert.Contains(error.Message, "schedule");
        using EstimatorTrainer longer = EstimatorTrainer.Resume(Two, TinySnapshots.Options with { Schedule = [new(32, 60), new(64, 10)] });
        Assert.AreEqual(2, longer.Samples);
    }

    [TestMethod]
    public void DamagedCheckpointsAreRefused()
    {
        StringAssert.Contains(Refusal(Path.Combine(s_folder.Path, "none")), "there is no such file");
        StringAssert.Contains(Refusal(s_folder.Write("text", "A text that is no checkpoint."u8.ToArray())), "not a checkpoint");
        byte[] start = new byte[4000];
        using (FileStream stream = File.OpenRead(Two))
            stream.ReadExactly(start);
        foreach (int length in (int[])[0, 5, 12, 40, 1000, 4000])
            Refusal(s_folder.Write("short", start[..length]));
        string cut = Path.Combine(s_folder.Path, "cut");
        File.Copy(Two, cut);
        using (FileStream stream = File.OpenWrite(cut))
            stream.SetLength(stream.Length - 1);
        Refusal(cut);
    }

    [TestMethod]
    public void CheckpointsOfOthersAreRefused()
    {
        float[][] state = [.. Enumerable.Range(0, 4).Select(_ => new float[3])];
        string file = Path.Combine(s_folder.Path, "other");
        new TrainingCheckpoint<GeneratorTrainingOptions> { Options = TinyTraining.Options, Samples = 2, Steps = [1], State = state }.Write(
            file);
        StringAssert.Contains(Refusal(file), "GeneratorTrainingOptions");
        new TrainingCheckpoint<EstimatorTrainingOptions> { Options = TinySnapshots.Options, Samples = 2, Steps = [1], State = state }.Write(
            file);
        StringAssert.Contains(Refusal(file), "do not fit the network");
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => GeneratorTrainer.Resume(file)).Message,
            "EstimatorTrainingOptions");
        foreach ((EstimatorTrainingOptions? options, long samples) in new[] { (null, 2L), (TinySnapshots.Options, -1L),
            (TinySnapshots.Options with { BatchSize = 0 }, 2L) })
        {
            new TrainingCheckpoint<EstimatorTrainingOptions> { Options = options!, Samples = samples, Steps = [1], State = state }.Write(
                file);
            StringAssert.Contains(Refusal(file), "damaged");
        }
    }

    [TestMethod]
    public void CancellingStopsBetweenSteps()
    {
        using EstimatorTrainer trainer = EstimatorTrainer.Resume(Two);
        RunTo(trainer, 4);
    }

    [TestMethod]
    public void OptionsThatAreNotAllowedAreRefusedWithTheReason()
    {
        foreach ((EstimatorTrainingOptions options, string part) in new (EstimatorTrainingOptions, string)[]
        {
            (TinySnapshots.Options with { Schedule = [] }, "at least one stage"),
            (TinySnapshots.Options with { Schedule = [new(48, 4)] }, "multiples of 32"),
            (TinySnapshots.Options with { BatchSize = 0 }, "BatchSize"),
            (TinySnapshots.Options with { SpotDeviation = 0 }, "SpotDeviation"),
            (TinySnapshots.Options with { PlaceWeight = -1 }, "PlaceWeight"),
            (TinySnapshots.Options with { CameraWeight = float.NaN }, "CameraWeight"),
        })
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => new EstimatorTrainer(options).Dispose()).Message, part);
    }

    [TestMethod]
    public void TrainedWeightsOpenAsAnEstimator()
    {
        string model = Path.Combine(s_folder.Path, "model");
        using (EstimatorTrainer trainer = EstimatorTrainer.Resume(Two))
            trainer.ToPackage("a test").SaveFolder(model);
        Assert.IsLessThan(30_000_000, Directory.GetFiles(model).Sum(f => new FileInfo(f).Length), "bytes");
        using LearnedSmplEstimator estimator = LearnedSmplEstimator.Load(model);
        Assert.AreEqual((256, 128, true, LearnedSmplEstimator.PersonMargin),
            (estimator.PictureSize, estimator.MaskSize, estimator.EstimatesKeypoints, estimator.Margin));
        Assert.AreEqual(("a test", "MIT", true),
            (estimator.Package.Manifest.Notes, estimator.Package.Manifest.Licence, estimator.Package.Manifest.Redistributable));
        using ISmplWorker worker = estimator.CreateWorker();
        var random = new Random(1);
        foreach (ref float value in worker.Picture(0))
            value = 2 * random.NextSingle() - 1;
        worker.Run();
        Assert.IsTrue(worker.Keypoints(0).ToArray().Concat(worker.Mask(0).ToArray()).Concat(worker.Presence(0).ToArray())
            .All(float.IsFinite));
    }

    private static string Refusal(string path)
    {
        string message = Assert.ThrowsExactly<ModelFileException>(() => EstimatorTrainer.Resume(path).Dispose()).Message;
        StringAssert.Contains(message, path);
        return message;
    }

    private static void RunTo(EstimatorTrainer trainer, long samples)
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => trainer.Run((losses, _, _) =>
        {
            if (losses.Samples >= samples)
                cancellation.Cancel();
        }, cancellation.Token));
        Assert.AreEqual(samples, trainer.Samples);
    }
}
