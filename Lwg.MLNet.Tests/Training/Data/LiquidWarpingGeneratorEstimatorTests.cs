using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Tests.ModelHost;
using Lwg.MLNet.Tests.Transforms;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Tests.Generator;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Training.Tests.Data;

/// <summary>Tests TrainLiquidWarpingGenerator: fit, save, load in another process, apply; and rows that cannot be used for
/// training.</summary>
[TestClass]
public sealed class LiquidWarpingGeneratorEstimatorTests
{
    private const int S = TinyTraining.Size;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void ATrainedChainDoesTheSameInAnotherProcess()
    {
        IDataView data = Data(PairRow.Make(3));
        IEstimator<ITransformer> chain = Stages().Append(_context.Transforms.TrainLiquidWarpingGenerator(Options()));
        Assert.IsTrue(chain.GetOutputSchema(SchemaShapes.Of(data.Schema)).Any(c => c.Name == "TargetColor"),
            "The columns are known before training.");
        ITransformer model = chain.Fit(data);
        IDataView result = model.Transform(data);
        foreach (MLImage image in result.GetColumn<MLImage>("TargetImage"))
            Assert.AreEqual((S, S), (image.Width, image.Height));

        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "model.zip"), rows = Path.Combine(folder.Path, "rows");
        _context.Model.Save(model, data.Schema, file);
        RowFolder.Save(_context, data, rows);
        string expected = RowHash.OfData(model.Transform(RowFolder.Load(_context, rows)));
        Assert.AreEqual(expected, ModelHostProcess.Apply(file, rows));
    }

    [TestMethod]
    public void TheGeneratorServesMotionImitation()
    {
        // Fit alone needs no other stage.
        StageTransformer<GenerateTransferOptions> stage = _context.Transforms.TrainLiquidWarpingGenerator(Options())
            .Fit(Data(PairRow.Make(2)));
        Assert.IsInstanceOfType<LiquidWarpingGenerator>(PersonTransfer.GeneratorOf(stage));
        IDataView rows = _context.Transforms.CopyColumns("ReferenceSmpl", "TargetSmpl").Fit(Data(PairRow.Make(1)))
            .Transform(Data(PairRow.Make(1)));
        var imitation = _context.Transforms.ImitateMotion(
            PersonTransfer.GeneratorOf(stage),
            new ImitateMotionOptions { ImageSize = S, Strategy = CameraStrategy.Copy, FrontWarp = FrontWarpMode.None,
            BackgroundKernel = 3 });
        using MLImage image = imitation.Fit(rows).Transform(rows).GetColumn<MLImage>("TargetImage").Single();
        Assert.AreEqual(S, image.Width);
    }

    [TestMethod]
    public void RowsGiveTheSameAsTheSamplesThatTheyAreMadeOf()
    {
        using var rows = new RowTrainingData(Data(PairRow.Make(3)), new TrainLiquidWarpingGeneratorOptions());
        var expected = new TrainingSample(S);
        var actual = new TrainingSample(S);
        var half = new TrainingSample(S / 2);
        SyntheticTrainingData data = TinyTraining.Data();
        // Forward, again from the start, backward, and beyond the end of the data.
        foreach (int number in (int[])[0, 2, 3, 1, 1, 100])
        {
            data.Fill(number % 3, expected);
            rows.Fill(number, actual);
            Assert.AreEqual($"row {number % 3}", actual.Name);
            CollectionAssert.AreEqual(expected.SourceSmpl, actual.SourceSmpl);
            CollectionAssert.AreEqual(expected.TargetSmpl, actual.TargetSmpl);
            Fixture.AreClose(expected.SourceImage, actual.SourceImage, 1 / 255f, "source: rounded to bytes");
            Fixture.AreClose(expected.TargetImage, actual.TargetImage, 1 / 255f, "target: rounded to bytes");
            rows.Fill(number, half);
            Assert.AreEqual(actual.SourceImage.Average(), half.SourceImage.Average(), 0.02,
                "A smaller stage sees the same picture smaller.");
        }
    }

    [TestMethod]
    public void AStoppedTrainingGoesOnFromItsCheckpoint()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "checkpoint");
        IDataView data = Data(PairRow.Make(3));
        byte[] whole = Weights(_context.Transforms.TrainLiquidWarpingGenerator(Options()).Fit(data));
        using (var cancellation = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(() =>
                _context.Transforms.TrainLiquidWarpingGenerator(Options(file, _ => cancellation.Cancel(), cancellation.Token)).Fit(data));
        long from = 0;
        byte[] resumed = Weights(_context.Transforms.TrainLiquidWarpingGenerator(
            Options(file, p => from = from == 0 ? p.Losses.Samples : from)).Fit(data));
        Assert.AreEqual(4, from, "The first step of the second part ends with the fourth sample.");
        CollectionAssert.AreEqual(whole, resumed);

        TrainLiquidWarpingGeneratorOptions other = new() { Training = Training with { Seed = 9 }, CheckpointPath = file };
        StringAssert.Contains(Assert.ThrowsExactly<TrainingException>(() =>
            _context.Transforms.TrainLiquidWarpingGenerator(other).Fit(data)).Message, "Seed was 3 and is now 9");
    }

    [TestMethod]
    public void ATrainingBeginsWithAModel()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "checkpoint");
        IDataView data = Data(PairRow.Make(3));
        ModelPackage model = Package(_context.Transforms.TrainLiquidWarpingGenerator(Options()).Fit(data));
        // Sizes are those of the model, regardless of the options, and the checkpoint contains them.
        TrainLiquidWarpingGeneratorOptions Further(double rate, Action<TrainingProgress>? progress = null,
            CancellationToken token = default) => new()
        {
            StartFrom = model,
            Training = Training with { Shape = Training.Shape with { Width = 2 * Training.Shape.Width }, LearningRate = rate,
            FinalLearningRate = rate },
            Storage = WeightStorage.Full,
            CheckpointPath = file,
            Progress = progress,
            CancellationToken = token,
        };
        using (var cancellation = new CancellationTokenSource())
            Assert.Throws<OperationCanceledException>(() =>
                _context.Transforms.TrainLiquidWarpingGenerator(Further(1e-8, _ => cancellation.Cancel(), cancellation.Token)).Fit(data));
        ModelPackage further = Package(_context.Transforms.TrainLiquidWarpingGenerator(Further(1e-8)).Fit(data));
        Assert.AreEqual(model.Manifest.Generator, further.Manifest.Generator);
        INamedWeights before = LiquidWarpingGenerator.ReadWeights(model), after = LiquidWarpingGenerator.ReadWeights(further);
        foreach (string name in before.Names)
            Fixture.AreClose(Read(before, name), Read(after, name), 1e-5, name);

        static float[] Read(INamedWeights weights, string name)
        {
            Assert.IsTrue(weights.TryGetShape(name, out int[] shape), name);
            float[] values = new float[shape.Aggregate(1, (product, side) => product * side)];
            weights.Read(name, values);
            return values;
        }
    }

    [TestMethod]
    public void RowsThatCannotBeUsedForTrainingAreNamed()
    {
        Refused("no rows", []);
        Refused("Row 1: 'SourceImage' contains no image", Rows((rows, _) => rows[1].SourceImage = null));
        Refused("Row 1: 'SourceImage' is 48 pixels wide, but 'TargetImage' 64",
            Rows((rows, large) => rows[1].TargetImage = large.TargetImage));
        Refused("Row 1: 'TargetImage' is 48 x 64 pixels; square",
            Rows((rows, _) => rows[1].TargetImage = MLImage.CreateFromPixels(S, 64, MLPixelFormat.Bgra32, new byte[4 * S * 64])));
        Refused("Row 1: 'SourceSmpl' has 0 values", Rows((rows, _) => rows[1].SourceSmpl = []));
        Refused("Row 1: 'TargetSmpl' has NaN as number 7", Rows((rows, _) => rows[1].TargetSmpl[7] = float.NaN));
        Refused("Row 1: 'SourceSmpl' has a camera of scale 0", Rows((rows, _) => rows[1].SourceSmpl[0] = 0));

        static PairRow[] Rows(Action<PairRow[], PairRow> spoil)
        {
            PairRow[] rows = PairRow.Make(3);
            spoil(rows, PairRow.Make(1, 64)[0]);
            return rows;
        }

        void Refused(string part, PairRow[] rows) =>
            StringAssert.Contains(Assert.ThrowsExactly<TrainingException>(() =>
            _context.Transforms.TrainLiquidWarpingGenerator(Options()).Fit(Data(rows))).Message, part);
    }

    [TestMethod]
    public void ColumnsAndOptionsThatDoNotFitAreNamed()
    {
        IDataView data = Data(PairRow.Make(1));
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _context.Transforms.TrainLiquidWarpingGenerator(Options())
            .Fit(_context.Transforms.DropColumns("TargetSmpl").Fit(data).Transform(data))).Message;
        StringAssert.Contains(message, "'TargetSmpl', which is missing");
        message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _context.Transforms.TrainLiquidWarpingGenerator(
            new TrainLiquidWarpingGeneratorOptions { Training = Training, SourceImageColumnName = "SourceSmpl" }).Fit(data)).Message;
        StringAssert.Contains(message, "'SourceSmpl' as an image");
        message = Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.TrainLiquidWarpingGenerator(
            new TrainLiquidWarpingGeneratorOptions { Training = Training with { UnwarpedInput = true } })).Message;
        StringAssert.Contains(message, "for comparison only");
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            _context.Transforms.TrainLiquidWarpingGenerator(Options()).GetOutputSchema(SchemaShapes.Of(data.Schema)),
            "The stages before it are missing.");
    }

    private static GeneratorTrainingOptions Training => TinyTraining.Options with { Schedule = [new(S, 6)] };

    private static TrainLiquidWarpingGeneratorOptions Options(string? checkpoint = null, Action<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) => new()
    {
        Training = Training,
        Transfer = new GenerateTransferOptions { FrontWarp = FrontWarpMode.None, WithLayers = true },
        Storage = WeightStorage.Full,
        CheckpointPath = checkpoint,
        Progress = progress,
        CancellationToken = cancellationToken,
    };

    private IDataView Data(PairRow[] rows) => _context.Data.LoadFromEnumerable(rows);

    private IEstimator<ITransformer> Stages() => new EstimatorChain<ITransformer>()
        .Append(_context.Transforms.PoseBody("Source"))
        .Append(_context.Transforms.PoseBody("Target"))
        .Append(_context.Transforms.RenderBodyMesh("Source", S))
        .Append(_context.Transforms.RenderBodyMesh("Target", S))
        .Append(_context.Transforms.ComputeTransformationFlow())
        .Append(_context.Transforms.AssembleBackgroundInput(kernel: 3))
        .Append(_context.Transforms.AssembleForegroundInput())
        .Append(_context.Transforms.AssembleTransferInput());

    private static ModelPackage Package(StageTransformer<GenerateTransferOptions> stage) =>
        ((LiquidWarpingGenerator)PersonTransfer.GeneratorOf(stage)).Package;

    private static byte[] Weights(StageTransformer<GenerateTransferOptions> stage) =>
        Package(stage).Get(LiquidWarpingGenerator.TransferFile);
}
