using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Compares the whole learned generator with PyTorch's results, and tests its documented behaviour.</summary>
[TestClass]
public sealed class LiquidWarpingGeneratorTests
{
    private const int S = 64, Plane = S * S;

    private static readonly GeneratorShape s_published = new() { Width = 4 };

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AnImportedGeneratorAgreesWithPyTorch(bool alignCorners)
    {
        using var generator = new LiquidWarpingGenerator(LiquidWarpingGenerator.Write(
            TinyGenerator.Manifest("body", s_published with { AlignCorners = alignCorners }), FormulaWeights.Generator,
            WeightStorage.Full));
        Assert.AreEqual(alignCorners, generator.AlignCorners);
        Assert.AreEqual(TransferTensors.BackgroundInput | TransferTensors.ForegroundInput, generator.SourceTensors);
        Assert.AreEqual(TransferTensors.TransferInput | TransferTensors.Flow, generator.TargetTensors);
        var result = new TransferResult(S);
        using ITransferWorker worker = generator.CreateWorker(S);
        for (int row = 0; row < 2; row++)
        {
            GeneratorInputs inputs = GeneratorInputs.Of(row);
            worker.Prepare(inputs.Frame);
            worker.Generate(inputs.Frame, result);
            string align = alignCorners ? "true" : "false";
            Agree("generator_background", row, result.Background);
            Agree($"generator_transfer_color_align_{align}", row, result.Color);
            Agree($"generator_transfer_mask_align_{align}", row, result.Mask);
            for (int i = 0; i < 3 * Plane; i++)
            {
                float m = result.Mask[i % Plane];
                Assert.AreEqual(Math.Clamp(m * result.Background[i] + (1 - m) * result.Color[i], -1, 1), result.Image[i], 1e-6);
            }
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void WithTwoPeopleItAgreesWithPyTorch(bool alignCorners)
    {
        using var generator = new LiquidWarpingGenerator(LiquidWarpingGenerator.Write(
            TinyGenerator.Manifest("body", s_published with { AlignCorners = alignCorners }), FormulaWeights.Generator,
            WeightStorage.Full));
        TransferGenerator appearance = generator.ForAppearance();
        Assert.AreEqual(alignCorners, appearance.AlignCorners);
        Assert.AreEqual(generator.SourceTensors | TransferTensors.ReferenceForegroundInput, appearance.SourceTensors);
        Assert.AreEqual(generator.TargetTensors | TransferTensors.ReferenceFlow, appearance.TargetTensors);
        var result = new TransferResult(S);
        using ITransferWorker worker = appearance.CreateWorker(S);
        for (int row = 0; row < 2; row++)
        {
            GeneratorInputs inputs = GeneratorInputs.Of(row);
            worker.Prepare(inputs.WithReference(row));
            worker.Generate(inputs.WithReference(row), result);
            string align = alignCorners ? "true" : "false";
            Agree($"generator_two_sources_color_align_{align}", row, result.Color);
            Agree($"generator_two_sources_mask_align_{align}", row, result.Mask);
        }
    }

    [TestMethod]
    public void OutsideTheHoleTheBackgroundIsTheSourcePicture()
    {
        using var generator = new LiquidWarpingGenerator(
            TinyGenerator.Package(TinyGenerator.Manifest("body", background: BackgroundComposition.AroundHole)));
        Assert.IsTrue(generator.SourceTensors.HasFlag(TransferTensors.SourceImage));
        GeneratorInputs inputs = GeneratorInputs.Of(0);
        float[] outside = [.. Enumerable.Range(0, Plane).Select(i => i % S < 20 || i / S > 50 ? 1f : 0f)];
        outside.CopyTo(inputs.Background, 3 * Plane);
        float[] net = OnnxRun.Compute(GeneratorNetwork.BuildBackground(generator.Shape), TinyGenerator.Weights(generator.Shape),
            [(GeneratorNetwork.BackgroundInput, inputs.Background, [1, 4, S, S])],
                [(GeneratorNetwork.Background, [1, 3, S, S])])[GeneratorNetwork.Background];
        var result = new TransferResult(S);
        using ITransferWorker worker = generator.CreateWorker(S);
        worker.Prepare(inputs.Frame);
        worker.Generate(inputs.Frame, result);
        for (int i = 0; i < 3 * Plane; i++)
            Assert.AreEqual(outside[i % Plane] == 1 ? inputs.Image[i] : net[i], result.Background[i], 1e-6f);
    }

    [TestMethod]
    public void AnInpainterPaintsTheBackgroundInPlaceOfTheOwnNet()
    {
        NetworkGraph inpainter = InpaintingNetwork.Build(4);
        var shape = new GeneratorShape { Width = 2, Blocks = 2 };
        var files = new Dictionary<string, byte[]>();
        foreach ((string file, NetworkGraph graph) in new[]
        {
            (LiquidWarpingGenerator.InpainterFile, inpainter), (LiquidWarpingGenerator.SourceFile, GeneratorNetwork.BuildSource(shape)),
            (LiquidWarpingGenerator.TransferFile, GeneratorNetwork.BuildTransfer(shape)),
        })
        {
            using var stream = new MemoryStream();
            OnnxFile.Write(stream, graph, FormulaWeights.For(graph));
            files[file] = stream.ToArray();
        }
        using var generator = new LiquidWarpingGenerator(
            ModelPackage.Create(TinyGenerator.Manifest("body", shape, BackgroundComposition.Inpainted), files));
        GeneratorInputs inputs = GeneratorInputs.Of(0);
        float[] outside = [.. Enumerable.Range(0, Plane).Select(i => i % S < 20 || i / S > 50 ? 1f : 0f)];
        outside.CopyTo(inputs.Background, 3 * Plane);
        float[] expected = OnnxRun.Compute(inpainter, FormulaWeights.For(inpainter),
            [(InpaintingNetwork.Image, inputs.Image, [1, 3, S, S]),
                (InpaintingNetwork.Hole, [.. outside.Select(m => 1 - m)], [1, 1, S, S])],
                [(InpaintingNetwork.Refined, [1, 3, S, S])])[InpaintingNetwork.Refined];
        var result = new TransferResult(S);
        using ITransferWorker worker = generator.CreateWorker(S);
        worker.Prepare(inputs.Frame);
        worker.Generate(inputs.Frame, result);
        Fixture.AreClose(expected, result.Background, 1e-5, "the refined picture of the inpainter");
        Assert.IsGreaterThan(0.01f, expected.Max() - expected.Min(), "which is not even");
    }

    [TestMethod]
    public void ASourceCountsUntilTheNext()
    {
        using var generator = new LiquidWarpingGenerator(
            TinyGenerator.Package(TinyGenerator.Manifest("body", background: BackgroundComposition.RefinedFill)));
        GeneratorInputs a = GeneratorInputs.Of(0), b = GeneratorInputs.Of(1);
        var result = new TransferResult(S);
        using ITransferWorker worker = generator.CreateWorker(S), other = generator.CreateWorker(S);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => worker.Generate(a.Frame, result)).Message, "prepared");
        float[] first = Picture(worker, a, a), second = Picture(worker, b, a);
        CollectionAssert.AreNotEqual(first, second);
        CollectionAssert.AreEqual(second, Picture(worker, null, a));
        CollectionAssert.AreEqual(first, Picture(worker, a, a), "Nothing is left of the other source.");
        CollectionAssert.AreEqual(first, Picture(other, a, a), "Workers share no state.");

        float[] Picture(ITransferWorker w, GeneratorInputs? source, GeneratorInputs target)
        {
            if (source is not null)
                w.Prepare(source.Frame);
            w.Generate(target.Frame, result);
            return [.. result.Image];
        }
    }

    [TestMethod]
    public void WithoutFeatureWarpingTheFlowIsNotAskedFor()
    {
        using var generator = new LiquidWarpingGenerator(
            TinyGenerator.Package(TinyGenerator.Manifest("body",
            new GeneratorShape { Width = 2, Blocks = 1, Warping = FeatureWarping.None })));
        Assert.AreEqual(TransferTensors.TransferInput, generator.TargetTensors);
        GeneratorInputs inputs = GeneratorInputs.Of(0);
        var result = new TransferResult(S);
        using ITransferWorker worker = generator.CreateWorker(S);
        worker.Prepare(inputs.Frame);
        worker.Generate(new TransferFrame { TransferInput = inputs.Transfer }, result);
        Assert.AreNotEqual(0, result.Color[0]);
    }

    [TestMethod]
    public void FaintTracesOfThePersonCountAsBackground()
    {
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest("body")));
        GeneratorInputs inputs = GeneratorInputs.Of(0);
        TransferResult plain = new(S), clear = new(S);
        using ITransferWorker worker = generator.CreateWorker(S);
        worker.Prepare(inputs.Frame);
        worker.Generate(inputs.Frame, plain);
        worker.Generate(
            new TransferFrame { TransferInput = inputs.Frame.TransferInput, Flow = inputs.Frame.Flow, ClearsBacks = true }, clear);
        for (int i = 0; i < S * S; i++)
            Assert.AreEqual(MathF.Min(plain.Mask[i] / 0.875f, 1), clear.Mask[i], 1e-6f);
        CollectionAssert.AreEqual(plain.Color, clear.Color);
    }

    [TestMethod]
    public void WorkersOutliveTheGenerator()
    {
        var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest("body")));
        GeneratorInputs inputs = GeneratorInputs.Of(0);
        var result = new TransferResult(S);
        using (ITransferWorker worker = generator.CreateWorker(S))
        {
            generator.Dispose();
            worker.Prepare(inputs.Frame);
            worker.Generate(inputs.Frame, result);
        }
        Assert.ThrowsExactly<ObjectDisposedException>(() => generator.CreateWorker(S));
    }

    [TestMethod]
    public void SizesThatDoNotFitAreRefused()
    {
        ModelPackage package = TinyGenerator.Package(TinyGenerator.Manifest("body"));
        using var generator = new LiquidWarpingGenerator(package);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => generator.CreateWorker(60)).Message, "multiples of 8");
        Assert.AreEqual(5, generator.BackgroundKernel(64));
        Assert.AreEqual(21, generator.BackgroundKernel(256), "5 of 64 pixels are 20 of 256, made odd.");

        // Networks whose sizes differ from the manifest.
        var files = package.Manifest.Files.Keys.ToDictionary(f => f, package.Get);
        string message = Assert.ThrowsExactly<ModelFileException>(() =>
            new LiquidWarpingGenerator(ModelPackage.Create(TinyGenerator.Manifest("body", new GeneratorShape { Width = 3, Blocks = 2 }),
            files))).Message;
        StringAssert.Contains(message, "the manifest's sizes require");
        files.Remove(LiquidWarpingGenerator.TransferFile);
        message = Assert.ThrowsExactly<ModelFileException>(() =>
            new LiquidWarpingGenerator(ModelPackage.Create(TinyGenerator.Manifest("body"), files))).Message;
        StringAssert.Contains(message, LiquidWarpingGenerator.TransferFile);
        files[LiquidWarpingGenerator.TransferFile] = files[LiquidWarpingGenerator.SourceFile];
        Assert.ThrowsExactly<ModelFileException>(() =>
            new LiquidWarpingGenerator(ModelPackage.Create(TinyGenerator.Manifest("body"), files)));
    }

    [TestMethod]
    public void WeightsThatDoNotFitAreNamed()
    {
        ModelManifest manifest = TinyGenerator.Manifest("body", s_published with { Width = 6 });
        string message = Assert.ThrowsExactly<ModelFileException>(() =>
            LiquidWarpingGenerator.Write(manifest, FormulaWeights.Generator, WeightStorage.Full)).Message;
        StringAssert.Contains(message, "bg_model.model.0.weight is [4,4,7,7], not [6,4,7,7]");
        manifest = TinyGenerator.Manifest("body", s_published with { Blocks = 7 });
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            LiquidWarpingGenerator.Write(manifest, FormulaWeights.Generator, WeightStorage.Full)).Message, "missing");
    }

    [TestMethod]
    public void HalfPrecisionIsHalfTheSizeAndDiffersLittle()
    {
        ModelManifest manifest = TinyGenerator.Manifest("body", s_published);
        ModelPackage full = LiquidWarpingGenerator.Write(manifest, FormulaWeights.Generator, WeightStorage.Full),
            half = LiquidWarpingGenerator.Write(manifest, FormulaWeights.Generator, WeightStorage.Half);
        Assert.IsLessThan(0.62, Size(half) / Size(full), "Names and nodes stay.");
        using LiquidWarpingGenerator one = new(full), other = new(half);
        float[] expected = Picture(one), actual = Picture(other);
        // Weights have 11 bits: an error of about 5e-4 each, and rounding errors of a layer mostly cancel.
        Fixture.AreClose(expected, actual, 0.03, "half precision");
        CollectionAssert.AreNotEqual(expected, actual);

        static double Size(ModelPackage package) => package.Manifest.Files.Keys.Sum(f => package.Get(f).Length);

        static float[] Picture(LiquidWarpingGenerator generator)
        {
            GeneratorInputs inputs = GeneratorInputs.Of(0);
            var result = new TransferResult(S);
            using ITransferWorker worker = generator.CreateWorker(S);
            worker.Prepare(inputs.Frame);
            worker.Generate(inputs.Frame, result);
            return result.Image;
        }
    }

    private static void Agree(string name, int row, float[] actual)
    {
        float[] both = Fixture.Singles($"networks/{name}.npy"), expected = both[(row * both.Length / 2)..((row + 1) * both.Length / 2)];
        Fixture.AreClose(expected, actual, 1e-4 * (both.Max() - both.Min()), name);
    }
}
