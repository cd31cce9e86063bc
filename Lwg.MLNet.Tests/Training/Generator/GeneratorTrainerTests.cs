using System.Collections;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Tests.Generator;

/// <summary>Tests trainings as a whole: resuming, refused checkpoints, results.</summary>
[TestClass]
public sealed class GeneratorTrainerTests
{
    [TestMethod]
    public void AResumedTrainingEndsWhereOneThatWasNotStoppedDoes()
    {
        using var folder = new TemporaryFolder();
        string whole = Path.Combine(folder.Path, "whole"), resumed = Path.Combine(folder.Path, "resumed");
        using (var trainer = new GeneratorTrainer(TinyTraining.Options))
        {
            trainer.Run(TinyTraining.Data());
            Assert.IsTrue(trainer.IsFinished);
            trainer.SaveCheckpoint(whole);
        }
        // Stopped twice: before the discriminator starts, and between pictures of two sizes.
        using (var trainer = new GeneratorTrainer(TinyTraining.Options))
            RunTo(trainer, 2, resumed);
        using (GeneratorTrainer trainer = GeneratorTrainer.Resume(resumed, TinyTraining.Options))
            RunTo(trainer, 6, resumed);
        using (GeneratorTrainer trainer = GeneratorTrainer.Resume(resumed))
        {
            trainer.Run(TinyTraining.Data());
            trainer.SaveCheckpoint(resumed);
        }
        CollectionAssert.AreEqual(File.ReadAllBytes(whole), File.ReadAllBytes(resumed),
            "options, steps, weights, moments and average, bit for bit");
    }

    [TestMethod]
    public void OtherOptionsAreRefusedByName()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "checkpoint");
        using (var trainer = new GeneratorTrainer(TinyTraining.Options))
            RunTo(trainer, 4, file);
        TrainingException error = Assert.ThrowsExactly<TrainingException>(() =>
            GeneratorTrainer.Resume(file, TinyTraining.Options with { LearningRate = 0.5, BatchSize = 3 }));
        foreach (string part in (string[])["LearningRate was 0.001 and is now 0.5", "BatchSize was 2 and is now 3"])
            StringAssert.Contains(error.Message, part);
        Assert.DoesNotContain("Seed", error.Message);
        error = Assert.ThrowsExactly<TrainingException>(() =>
            GeneratorTrainer.Resume(file, TinyTraining.Options with { Schedule = [new(64, 6)] }));
        StringAssert.Contains(error.Message, "schedule");
        using GeneratorTrainer longer = GeneratorTrainer.Resume(file, TinyTraining.Options with { Schedule = [new(48, 60), new(64, 10)] });
        Assert.AreEqual(4, longer.Samples);
    }

    [TestMethod]
    public void ANonFiniteLossStopsAndNamesTheSample()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "checkpoint");
        using var trainer = new GeneratorTrainer(TinyTraining.Options);
        TrainingException error = Assert.ThrowsExactly<TrainingException>(() =>
            trainer.Run(new SpoiledData(at: 5), p => trainer.SaveCheckpoint(file)));
        StringAssert.Contains(error.Message, "sample 5");
        StringAssert.Contains(error.Message, "samples 4 to 5");
        using GeneratorTrainer kept = GeneratorTrainer.Resume(file);
        Assert.AreEqual(4, kept.Samples);
        INamedWeights weights = kept.Weights();
        float[] values = new float[4];
        weights.Read("src_model.encoders.0.1.weight", values);
        Assert.IsTrue(values.All(float.IsFinite));
    }

    [TestMethod]
    public void ErrorsOfTheDataArePassedOn()
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options);
        var error = Assert.ThrowsExactly<TrainingException>(() => trainer.Run(new BrokenData()));
        Assert.AreEqual("Row 0 is broken.", error.Message);
    }

    [TestMethod]
    [Timeout(1_800_000)]
    public void TheFirstFailureOfSeveralThreadsIsReported()
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options with { SampleThreads = 4, Schedule = [new(48, 1000)] });
        var error = Assert.ThrowsExactly<TrainingException>(() => trainer.Run(new BrokenFrom(4)));
        Assert.IsTrue(error.Message is "Sample 4 is broken." or "Sample 5 is broken.", error.Message);
        Assert.AreEqual(4, trainer.Samples, "What came before was learned.");
    }

    [TestMethod]
    public void DataThatAreNotSafeToShareAreReadInOrder()
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options with { SampleThreads = 4 });
        var data = new Watched();
        trainer.Run(data);
        CollectionAssert.AreEqual(Enumerable.Range(0, 10).Select(n => (long)n).ToArray(), data.Asked);
    }

    [TestMethod]
    public void TheErosionsSquareComesBackFromAnyModel()
    {
        foreach (int size in (int[])[48, 64, 128, 256, 512])
        {
            for (int kernel = 1; kernel <= 31; kernel += 2)
            {
                int there = GeneratorTrainingOptions.KernelAt(kernel, size);
                Assert.AreEqual(there, GeneratorTrainingOptions.KernelAt(GeneratorTrainingOptions.KernelOf(there, size), size),
                    $"{kernel} at {size}");
            }
        }
        Assert.AreEqual(9, GeneratorTrainingOptions.KernelOf(GeneratorTrainingOptions.KernelAt(9, 128), 128));
    }

    // Sizes that grow end at the size of use; where they are mixed, the last one has no special meaning.
    [TestMethod]
    public void AModelIsMadeForTheLastOrForTheMostFrequentSize()
    {
        GeneratorTrainingOptions growing = TinyTraining.Options with { Schedule = [new(64, 6000), new(128, 9000), new(256, 3000)] };
        Assert.AreEqual(256, growing.MainSize);
        TrainingStage[] round = [new(128, 96), new(256, 256), new(384, 32)];
        Assert.AreEqual(256, (TinyTraining.Options with { Schedule = [.. round, .. round] }).MainSize);
    }

    [TestMethod]
    public void CancellingStopsBetweenSteps()
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options);
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => trainer.Run(TinyTraining.Data(), _ => cancellation.Cancel(), cancellation.Token));
        Assert.AreEqual(2, trainer.Samples);
    }

    [TestMethod]
    public void AFullDiskLeavesTheOldCheckpoint()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "checkpoint");
        using var trainer = new GeneratorTrainer(TinyTraining.Options);
        trainer.SaveCheckpoint(file);
        byte[] old = File.ReadAllBytes(file);
        TrainingCheckpoint<GeneratorTrainingOptions> saved = TrainingCheckpoint<GeneratorTrainingOptions>.Read(file);
        var next = new TrainingCheckpoint<GeneratorTrainingOptions> { Options = saved.Options, Samples = 2, Steps = [1, 0],
            State = new FullAfterOne(saved.State) };
        Assert.ThrowsExactly<IOException>(() => next.Write(file));
        CollectionAssert.AreEqual(old, File.ReadAllBytes(file));
        Assert.HasCount(1, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void DamagedCheckpointsAreRefused()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "checkpoint");
        using (var trainer = new GeneratorTrainer(TinyTraining.Options))
            trainer.SaveCheckpoint(file);
        byte[] bytes = File.ReadAllBytes(file);
        StringAssert.Contains(Refusal(Path.Combine(folder.Path, "none")), "there is no such file");
        StringAssert.Contains(Refusal(folder.Write("text", "A text that is no checkpoint."u8.ToArray())), "not a checkpoint");
        foreach (int length in (int[])[0, 5, 12, 40, 2000, bytes.Length / 2, bytes.Length - 1])
            Refusal(folder.Write("short", bytes[..length]));
        // Options whose networks do not match the saved values.
        TrainingCheckpoint<GeneratorTrainingOptions> saved = TrainingCheckpoint<GeneratorTrainingOptions>.Read(file);
        string other = Path.Combine(folder.Path, "other");
        new TrainingCheckpoint<GeneratorTrainingOptions> { Options = saved.Options with { DiscriminatorWidth = 5 }, Samples = 0,
            Steps = [0, 0], State = saved.State }.Write(other);
        StringAssert.Contains(Refusal(other), "do not fit the networks");

        static string Refusal(string path)
        {
            string message = Assert.ThrowsExactly<ModelFileException>(() => GeneratorTrainer.Resume(path).Dispose()).Message;
            StringAssert.Contains(message, path);
            return message;
        }
    }

    [TestMethod]
    public void TheStepSizeFallsOverTheLastShare()
    {
        GeneratorTrainingOptions options =
            TinyTraining.Options with { Schedule = [new(48, 100)], LearningRate = 1e-3, FinalLearningRate = 1e-5, DecayShare = 0.4 };
        Assert.AreEqual(1e-3, options.RateAt(0));
        Assert.AreEqual(1e-3, options.RateAt(60), 1e-9);
        Assert.AreEqual((1e-3 + 1e-5) / 2, options.RateAt(80), 1e-9);
        Assert.AreEqual(1e-5, options.RateAt(100), 1e-9);
    }

    [TestMethod]
    public void OptionsThatAreNotAllowedAreRefusedWithTheReason()
    {
        foreach ((GeneratorTrainingOptions options, string part) in new (GeneratorTrainingOptions, string)[]
        {
            (TinyTraining.Options with { Schedule = [] }, "at least one stage"),
            (TinyTraining.Options with { Schedule = [new(50, 4)] }, "multiples of 4"),
            (TinyTraining.Options with { Schedule = [new(40, 4)] }, "48"),
            (TinyTraining.Options with { Schedule = [new(64, 0)] }, "at least 1"),
            (TinyTraining.Options with { BatchSize = 0 }, "BatchSize"),
            (TinyTraining.Options with { LearningRate = double.NaN }, "LearningRate"),
            (TinyTraining.Options with { AverageDecay = 1 }, "AverageDecay"),
            (TinyTraining.Options with { BackgroundKernel = 4 }, "odd"),
            (TinyTraining.Options with { TargetWeight = -1 }, "TargetWeight"),
        })
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => new GeneratorTrainer(options).Dispose()).Message, part);
        new GeneratorTrainer(TinyTraining.Options with { Schedule = [new(32, 4)], AdversarialWeight = 0 }).Dispose();
    }

    [TestMethod]
    public void TrainedWeightsRunAsAGenerator()
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options);
        ModelPackage package = trainer.ToPackage("a test");
        using var generator = new LiquidWarpingGenerator(package);
        Assert.AreEqual(trainer.Options.Shape, generator.Shape);
        Assert.AreEqual(56, package.Manifest.ImageSize);
        using ITransferWorker worker = generator.CreateWorker(TinyTraining.Size);
        PreparedSample sample = TinyTraining.Batch(TinyTraining.Options, 0, 1)[0];
        var result = new TransferResult(TinyTraining.Size);
        worker.Prepare(Frame(sample));
        worker.Generate(Frame(sample), result);
        Assert.IsTrue(result.Image.All(v => v is >= -1 and <= 1));

        static TransferFrame Frame(PreparedSample s) => new()
        {
            SourceImage = s.SourceImage,
            BackgroundInput = s.BackgroundInput,
            ForegroundInput = s.ForegroundInput,
            TransferInput = s.TransferInput,
            Flow = s.Flow,
        };
    }

    private static void RunTo(GeneratorTrainer trainer, long samples, string file)
    {
        using var cancellation = new CancellationTokenSource();
        try
        {
            trainer.Run(TinyTraining.Data(), progress =>
            {
                if (progress.Losses.Samples >= samples)
                    cancellation.Cancel();
            }, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            // Expected.
        }
        Assert.AreEqual(samples, trainer.Samples);
        trainer.SaveCheckpoint(file);
    }

    private sealed class SpoiledData(long at) : ITrainingData
    {
        private readonly SyntheticTrainingData _data = TinyTraining.Data();

        public void Fill(long number, TrainingSample sample)
        {
            _data.Fill(number, sample);
            sample.Name = $"sample {number}";
            if (number == at)
                sample.TargetImage[7] = float.NaN;
        }
    }

    private sealed class BrokenFrom(long at) : ITrainingData
    {
        private readonly SyntheticTrainingData _data = TinyTraining.Data();

        public bool IsThreadSafe => true;

        public void Fill(long number, TrainingSample sample)
        {
            if (number >= at)
                throw new TrainingException($"Sample {number} is broken.");
            _data.Fill(number, sample);
        }
    }

    private sealed class Watched : ITrainingData
    {
        private readonly SyntheticTrainingData _data = TinyTraining.Data();

        public List<long> Asked { get; } = [];

        public void Fill(long number, TrainingSample sample)
        {
            Asked.Add(number);
            _data.Fill(number, sample);
        }
    }

    private sealed class BrokenData : ITrainingData
    {
        public void Fill(long number, TrainingSample sample) => throw new TrainingException($"Row {number} is broken.");
    }

    /// <summary>Values that cannot be written after the first array.</summary>
    private sealed class FullAfterOne(IReadOnlyList<float[]> state) : IReadOnlyList<float[]>
    {
        public int Count => state.Count;

        public float[] this[int index] => state[index];

        public IEnumerator<float[]> GetEnumerator()
        {
            bool measured = _enumerated++ == 0;
            foreach (float[] array in state)
            {
                yield return array;
                if (!measured)
                    throw new IOException("No space left on device.");
            }
        }

        private int _enumerated;

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
