using Lwg.MLNet.Body;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Generator;
using Lwg.MLNet.Training.Tests.Generator;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Training.Tests.Data;

/// <summary>Tests that the training samples of appearance transfer match its inputs in use.</summary>
[TestClass]
public sealed class AppearanceSamplesTests
{
    private const int S = 64;

    [TestMethod]
    public void TheTargetIsTheSourceInTheOthersClothes()
    {
        var people = new SyntheticPeople(BodyModel.Default, S);
        (SyntheticPair dressed, SyntheticPair own, SyntheticPair other) =
            (new SyntheticPair(S), new SyntheticPair(S), new SyntheticPair(S));
        float[] reference = new float[3 * S * S], referenceSmpl = new float[SmplLayout.ParameterCount], image = new float[3 * S * S],
            mask = new float[S * S];
        for (int identity = 3; identity < 6; identity++)
        {
            people.FillDressed(identity, 40 + identity, 0, dressed, reference, referenceSmpl);
            people.Fill(identity, 0, own);
            people.Fill(40 + identity, 0, other);
            CollectionAssert.AreEqual(own.SourceSmpl, dressed.SourceSmpl);
            CollectionAssert.AreEqual(own.SourceSmpl, dressed.TargetSmpl);
            CollectionAssert.AreEqual(own.Background, dressed.Background);
            CollectionAssert.AreEqual(own.SourceMask, dressed.SourceMask);
            CollectionAssert.AreEqual(other.SourceSmpl, referenceSmpl);
            people.PaintDressed(identity, 40 + identity, own.SourceSmpl, image, mask);
            CollectionAssert.AreEqual(mask, dressed.TargetMask);
            // Pictures differ by their noise; a target has a quarter of it.
            Assert.IsLessThan(0.02, Difference(image, dressed.TargetImage));
            Assert.IsLessThan(0.08, Difference(own.SourceImage, dressed.SourceImage));
            Assert.IsLessThan(0.08, Difference(other.SourceImage, reference));
            Assert.IsGreaterThan(0.02, Difference(own.SourceImage, dressed.TargetImage));
        }
    }

    [TestMethod]
    public void InputsAndFlowsAreThoseOfTheChain()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { SourceMisfit = 0, AppearanceShare = 1 };
        var sample = new TrainingSample(S);
        var prepared = new PreparedSample(S);
        var preparer = new SamplePreparer(BodyModel.Default, options, S);
        var ml = new MLContext(seed: 1);
        for (int number = 0; number < 3; number++)
        {
            TinyTraining.Data().FillAppearance(number, sample);
            preparer.Prepare(sample, number, prepared, appearance: true);
            Assert.IsTrue(prepared.IsAppearance);
            // The chain's input is a picture of 8 bits.
            var row = new Row { SourceImage = Picture(sample.SourceImage), SourceSmpl = sample.SourceSmpl,
                ReferenceImage = Picture(sample.ReferenceImage), ReferenceSmpl = sample.ReferenceSmpl };
            using var generator = new Lwg.MLNet.Generation.LiquidWarpingGenerator(new GeneratorTrainer(options).ToPackage());
            IDataView rows = ml.Data.LoadFromEnumerable([row]);
            IDataView result = ml.Transforms.TransferAppearance(generator,
                new TransferAppearanceOptions { KeepIntermediate = true, ImageSize = S,
                BackgroundKernel = GeneratorTrainingOptions.KernelAt(options.BackgroundKernel, S) }).Fit(rows).Transform(rows);
            foreach ((string column, float[] found, double tolerance) in new[]
            {
                ("T", prepared.Flow, 1e-5), ("ReferenceT", prepared.ReferenceFlow, 1e-5),
                ("TargetTransferInput", prepared.TransferInput, 0.01),
                ("SourceForegroundInput", prepared.ForegroundInput, 0.01),
                ("ReferenceForegroundInput", prepared.ReferenceForegroundInput, 0.01),
            })
            {
                float[] wanted = [.. result.GetColumn<float[]>(column).Single()];
                for (int i = 0; i < wanted.Length; i++)
                    Assert.AreEqual(wanted[i], found[i], tolerance, $"{column}, number {i}, sample {number}");
            }
        }
    }

    [TestMethod]
    public void ShareAndOrderDependOnTheNumberAlone()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { AppearanceShare = 0.25, BatchSize = 4 };
        double share = Enumerable.Range(0, 1000).Count(k => options.IsAppearance(4L * k)) / 1000.0;
        Assert.AreEqual(0.25, share, 0.01);
        Assert.IsFalse(Enumerable.Range(0, 100).Any(k => TinyTraining.Options.IsAppearance(2L * k)));
        Assert.ThrowsExactly<ArgumentException>(() => (options with { UnwarpedInput = true }).Check());
    }

    [TestMethod]
    public void BothKindsOfStepsAreLearnedWhateverTheThreads()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { AppearanceShare = 0.5, Schedule = [new(48, 12)] };
        bool[] kinds = [.. Enumerable.Range(0, 6).Select(k => options.IsAppearance(2L * k))];
        Assert.IsTrue(kinds.Contains(true) && kinds.Contains(false));
        double[][] losses = [.. new[] { 1, 3 }.Select(threads => Losses(options with { SampleThreads = threads }))];
        CollectionAssert.AreEqual(losses[0], losses[1]);

        static double[] Losses(GeneratorTrainingOptions options)
        {
            var all = new List<double>();
            using var trainer = new GeneratorTrainer(options);
            trainer.Run(TinyTraining.Data(), p => all.Add(p.Losses.Target));
            Assert.IsTrue(all.All(double.IsFinite));
            return [.. all];
        }
    }

    [TestMethod]
    public void LearningAnAppearanceLowersItsLoss()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { AdversarialWeight = 0, AppearanceShare = 1 };
        using var step = new GeneratorStep(options);
        PreparedSample[] batch = [.. Enumerable.Range(0, 2).Select(_ => new PreparedSample(S))];
        var sample = new TrainingSample(S);
        var preparer = new SamplePreparer(BodyModel.Default, options, S);
        for (int i = 0; i < 2; i++)
        {
            TinyTraining.Data().FillAppearance(i, sample);
            preparer.Prepare(sample, i, batch[i], appearance: true);
        }
        double start = step.Run(batch, 2, 2e-3).Target, end = start;
        for (int k = 0; k < 30; k++)
            end = step.Run(batch, 2, 2e-3).Target;
        Assert.IsLessThan(0.8 * start, end, "after 31 steps on the same two samples");
    }

    [TestMethod]
    public void DataWithoutItsTruthAreRefused()
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options with { AppearanceShare = 0.1 });
        StringAssert.Contains(Assert.ThrowsExactly<TrainingException>(() => trainer.Run(new PairsOnly())).Message, "appearance");
    }

    private static MLImage Picture(float[] tensor) => ImageCodec.ToImage(tensor, S, S);

    private static double Difference(float[] a, float[] b) => a.Zip(b).Average(p => Math.Abs(p.First - p.Second));

    private sealed class PairsOnly : ITrainingData
    {
        public void Fill(long number, TrainingSample sample) => TinyTraining.Data().Fill(number, sample);
    }

    private sealed class Row
    {
        [AnySizeImage]
        public required MLImage SourceImage { get; init; }

        [VectorType(85)]
        public required float[] SourceSmpl { get; init; }

        [AnySizeImage]
        public required MLImage ReferenceImage { get; init; }

        [VectorType(85)]
        public required float[] ReferenceSmpl { get; init; }
    }
}
