using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Tests.Estimator;
using Lwg.MLNet.Training.Tests.Generator;
using Lwg.MLNet.Training.Torch;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch.Convolutions;

/// <summary>
/// Tests trainings with a library that computes a convolution wrongly: they use another implementation, or refuse. In place of libtorch's
/// kernels, the tests use windows unfolded into columns, which are correct on every processor.
/// </summary>
[TestClass]
public sealed class TrainingChecksTests
{
    private static readonly ConvolutionWay s_right = ConvolutionWay.All[^1];

    // The convolutions of the heads at the first size: their output is not normalised, and their gradient affects all earlier layers.
    private static bool IsWrong(ConvolutionShape shape) =>
        shape is { Transposed: false, Inputs: 4, Outputs: 4, Kernel: (7, 7) } && shape.Size == (TinyTraining.Size, TinyTraining.Size);

    [TestMethod]
    [DataRow(Fault.Input)]
    [DataRow(Fault.Weight)]
    [DataRow(Fault.Forward)]
    public void ATrainingAvoidsAWrongConvolution(Fault fault)
    {
        List<LossValues> right = Train(new WrongConvolution(s_right, fault, IsWrong) { Lies = false }, out List<string> said);
        Assert.HasCount(1, said);
        StringAssert.Contains(said[0], "libtorch computes all of them correctly");

        var wrong = new WrongConvolution(s_right, fault, IsWrong);
        int? afterCheck = null;
        List<LossValues> around = Train(wrong, out said, _ => afterCheck ??= wrong.Calls);
        Assert.IsGreaterThan(0, wrong.Calls, "The fault is met.");
        Assert.AreEqual(afterCheck, wrong.Calls, "What was found wrong is not used again.");
        StringAssert.Contains(said[0], "libtorch computes 1 of them incorrectly");
        StringAssert.Contains(said[1], $"convolution 2x4x{TinyTraining.Size}x{TinyTraining.Size} to 4 channels");
        StringAssert.Contains(said[1], "padded to multiples of 16");
        for (int i = 0; i < right.Count; i++)
        {
            foreach (((string name, double expected), (_, double actual)) in right[i].Named.Zip(around[i].Named))
                Assert.AreEqual(expected, actual, 2e-3 * Math.Max(Math.Abs(expected), 5e-2), $"step {i}, {name}");
        }

        // An undetected fault changes the result of the first step, so the comparison above is meaningful.
        var unseen = new WrongConvolution(s_right, fault, IsWrong) { Lies = false };
        List<LossValues> spoiled = Train(unseen, out _, _ => unseen.Lies = true);
        Assert.IsGreaterThan(5e-3 * right[0].Gradient, Math.Abs(spoiled[0].Gradient - right[0].Gradient));
    }

    [TestMethod]
    public void WithoutACorrectImplementationATrainingRefusesByName()
    {
        GeneratorTrainingOptions options =
            TinyTraining.Options with { ConvolutionWays =
            [.. ConvolutionWay.After(s_right).Select(way => new WrongConvolution(way, Fault.Weight, IsWrong))] };
        using var trainer = new GeneratorTrainer(options);
        var data = new Unasked();
        TrainingException error = Assert.ThrowsExactly<TrainingException>(() => trainer.Run(data));
        StringAssert.Contains(error.Message, "1 of the training's convolutions incorrectly");
        StringAssert.Contains(error.Message,
            $"convolution 2x4x{TinyTraining.Size}x{TinyTraining.Size} to 4 channels, kernel 7x7, stride 1x1");
        foreach (ConvolutionWay way in options.ConvolutionWays)
            StringAssert.Contains(error.Message, way.Name);
        Assert.AreEqual(0, trainer.Samples);
    }

    [TestMethod]
    public void TheEstimatorsTrainingRefusesToo()
    {
        IReadOnlyList<ConvolutionWay> ways = [new WrongConvolution(s_right, Fault.Input, shape => shape.Inputs == 3)];
        using var trainer = new EstimatorTrainer(TinySnapshots.Options with { ConvolutionWays = ways });
        StringAssert.Contains(Assert.ThrowsExactly<TrainingException>(() => trainer.Run()).Message, "convolution 2x3x32x32");
        StringAssert.Contains(Assert.ThrowsExactly<TrainingException>(() => trainer.TrainRegressor(64, 1)).Message,
            $"convolution 16x3x{TinySnapshots.Size}x{TinySnapshots.Size}");
        Assert.AreEqual(0, trainer.Samples);
    }

    [TestMethod]
    public void EveryConvolutionOfATrainingIsRehearsed()
    {
        // Two sizes, batches of two and of one, with and without the discriminator, both kinds of transfer.
        GeneratorTrainingOptions options =
            TinyTraining.Options with { Schedule = [new(TinyTraining.Size, 9), new(56, 5)], AppearanceShare = 0.5 };
        Train(new WrongConvolution(s_right, Fault.Input, _ => false), out List<string> said, options: options);
        Assert.HasCount(1, said, string.Join(Environment.NewLine, said));

        List<string> estimator = [];
        using var trainer = new EstimatorTrainer(
            TinySnapshots.Options with { Schedule = [new(32, 3), new(64, 2)], ConvolutionWays = [s_right], Report = estimator.Add });
        trainer.Run();
        Assert.HasCount(1, estimator, string.Join(Environment.NewLine, estimator));
    }

    [TestMethod]
    public void OtherConvolutionsAreCheckedAtTheirFirstUse()
    {
        using var scope = NewDisposeScope();
        List<string> said = [];
        NetworkGraph graph = PatchDiscriminator.Build(width: 2);
        using var learned = new LearnedWeights([graph], seed: 2, beta1: 0.5, deviation: 0.02);
        var wrong = new WrongConvolution(s_right, Fault.Input, shape => shape.Batch == 3);
        var module = new GraphModule(graph, learned.ByName, bfloat16: false, device: null,
            new CheckedConvolutions(new ConvolutionChoices(CPU, [wrong]), said.Add));
        _ = module.Forward(zeros(2, 6, 64, 64));
        int convolutions = graph.Nodes.Count(n => n.Operator == "Conv");
        Assert.HasCount(convolutions, said);
        _ = module.Forward(zeros(2, 6, 64, 64));
        Assert.HasCount(convolutions, said, "once each");
        StringAssert.Contains(Assert.ThrowsExactly<TrainingException>(() => module.Forward(zeros(3, 6, 64, 64))).Message,
            "convolution 3x6x64x64");
    }

    [TestMethod]
    public void CancellingStopsTheCheck()
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options with { ConvolutionWays = [s_right] });
        Assert.Throws<OperationCanceledException>(() => trainer.Run(new Unasked(), null, new CancellationToken(canceled: true)));
    }

    [TestMethod]
    public void BatchesAreThoseOfTheQueue()
    {
        GeneratorTrainingOptions options = TinyTraining.Options with { BatchSize = 4, Schedule = [new(48, 10), new(56, 3), new(48, 8)] };
        CollectionAssert.AreEqual(new[] { (48, 4), (48, 2), (56, 3) }, options.BatchesAfter(0).ToArray());
        CollectionAssert.AreEqual(new[] { (48, 2), (56, 3), (48, 4) }, options.BatchesAfter(8).ToArray());
        CollectionAssert.AreEqual(new[] { (48, 4), (48, 1) }, options.BatchesAfter(16).ToArray());
        Assert.IsEmpty(options.BatchesAfter(21));
    }

    private static List<LossValues> Train(WrongConvolution direct, out List<string> said, Action<string>? report = null,
        GeneratorTrainingOptions? options = null)
    {
        List<string> lines = [];
        var losses = new List<LossValues>();
        using var trainer = new GeneratorTrainer((options ?? TinyTraining.Options) with
        {
            ConvolutionWays = ConvolutionWay.After(direct),
            Report = line =>
            {
                lines.Add(line);
                report?.Invoke(line);
            },
        });
        trainer.Run(TinyTraining.Data(), progress => losses.Add(progress.Losses));
        said = lines;
        return losses;
    }

    private sealed class Unasked : ITrainingData
    {
        public bool IsThreadSafe => false;

        public void Fill(long number, TrainingSample sample) =>
            throw new InvalidOperationException("A training that cannot compute asks for no sample.");
    }
}
