using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Tests that a calibrated generator can compute in 8 bits, and an uncalibrated one cannot.</summary>
[TestClass]
public sealed class GeneratorCalibrationTests
{
    private const int S = GeneratorInputs.Side;

    private static readonly NetworkRuntimeOptions s_quantized = new() { Precision = NetworkPrecision.Quantized };

    private static readonly ModelPackage s_package =
        LiquidWarpingGenerator.Write(TinyGenerator.Manifest("body", new GeneratorShape { Width = 4 }), FormulaWeights.Generator,
        WeightStorage.Full);

    private static readonly ModelPackage s_calibrated = Calibrated();

    [TestMethod]
    public void ObservationDoesNotChangeTheResult()
    {
        using var generator = new LiquidWarpingGenerator(s_package);
        using var calibration = new GeneratorCalibration(s_package, s_quantized);
        CollectionAssert.AreEqual(Picture(generator, 0), Picture(calibration.Generator, 0));
        Assert.AreEqual(1, calibration.Pictures);
        Assert.AreEqual(NetworkPrecision.Full, calibration.Generator.Runtime.Precision, "Ranges are those of full precision.");
    }

    [TestMethod]
    public void RangesAreMeansOverThePictures()
    {
        IReadOnlyDictionary<string, ActivationRange> both = s_calibrated.Manifest.ActivationRanges!,
            first = Calibrated(0).Manifest.ActivationRanges!, second = Calibrated(1).Manifest.ActivationRanges!;
        Assert.HasCount(17, both, "two levels, six blocks of two, three skippers: what reads 8 channels or more");
        foreach ((string name, ActivationRange range) in both)
        {
            Assert.IsTrue(range.IsValid);
            Assert.AreEqual((first[name].OutputHigh + second[name].OutputHigh) / 2, range.OutputHigh, 1e-5f * range.OutputHigh, name);
            Assert.AreEqual((first[name].OutputLow + second[name].OutputLow) / 2, range.OutputLow, -1e-5f * range.OutputLow, name);
        }
        Assert.AreEqual(0, both["tsf_model.encoders.2.0.weight"].InputLow, "It reads what max(x, 0) made.");
    }

    [TestMethod]
    public void EightBitsDifferLittle()
    {
        using LiquidWarpingGenerator full = new(s_package), quantized = new(s_calibrated, s_quantized);
        float[] expected = Picture(full, 0), actual = Picture(quantized, 0);
        double error = expected.Zip(actual).Average(p => Math.Abs(p.First - p.Second)),
            spread = expected.Average(v => Math.Abs(v - expected.Average()));
        // Random weights are less tolerant than trained ones; a wrong scale or zero point gives an error as large as the picture.
        Assert.IsLessThan(0.1 * spread, error);
        Assert.IsGreaterThan(0, error);
        using var again = new LiquidWarpingGenerator(s_calibrated, s_quantized with { IntraOpNumThreads = 1 });
        CollectionAssert.AreEqual(actual, Picture(again, 0), "whatever the number of threads");
    }

    [TestMethod]
    public void TheRangesAreKept()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model");
        s_calibrated.SaveFolder(path);
        ModelPackage loaded = ModelPackage.LoadFolder(path);
        Assert.AreEqual(s_calibrated.Hash, loaded.Hash);
        Assert.IsFalse(s_calibrated.StoredByReference);
        Assert.IsTrue(s_package.ByReference().With(s_calibrated.Manifest).StoredByReference, "Weights that must not be passed on stay so.");
        CollectionAssert.AreEquivalent(s_calibrated.Manifest.ActivationRanges!.ToArray(), loaded.Manifest.ActivationRanges!.ToArray());
    }

    [TestMethod]
    public void WithoutRangesEightBitsAreRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => new LiquidWarpingGenerator(s_package, s_quantized)).Message,
            "was not calibrated");
        var ranges = s_calibrated.Manifest.ActivationRanges!.ToDictionary();
        ranges.Remove("tsf_model.skippers.1.0.weight", out ActivationRange? one);
        StringAssert.Contains(Refused(ranges), "the range of 'tsf_model.skippers.1.0.weight' is missing");
        ranges["tsf_model.skippers.1.0.weight"] = one!;
        ranges["tsf_model.skippers.9.0.weight"] = one!;
        StringAssert.Contains(Refused(ranges), "'tsf_model.skippers.9.0.weight', which is not a quantized convolution");
        ranges["tsf_model.skippers.9.0.weight"] = one! with { InputLow = 0.5f };
        StringAssert.Contains(Refused(ranges), "four finite numbers");

        static string Refused(IReadOnlyDictionary<string, ActivationRange> ranges) =>
            Assert.ThrowsExactly<ModelFileException>(() =>
            new LiquidWarpingGenerator(s_package.With(s_package.Manifest with { ActivationRanges = ranges }), s_quantized)).Message;
    }

    [TestMethod]
    public void WithoutPicturesThereAreNoRanges()
    {
        using var calibration = new GeneratorCalibration(s_package);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(calibration.ToPackage).Message, "not generated a picture");
        GeneratorInputs inputs = GeneratorInputs.Of(0);
        inputs.Transfer[7] = float.NaN;
        _ = Picture(calibration.Generator, inputs);
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(calibration.ToPackage).Message, "not finite");
    }

    private static ModelPackage Calibrated(params int[] rows)
    {
        using var calibration = new GeneratorCalibration(s_package);
        foreach (int row in rows is [] ? [0, 1] : rows)
            _ = Picture(calibration.Generator, row);
        return calibration.ToPackage();
    }

    private static float[] Picture(LiquidWarpingGenerator generator, int row) => Picture(generator, GeneratorInputs.Of(row));

    private static float[] Picture(LiquidWarpingGenerator generator, GeneratorInputs inputs)
    {
        var result = new TransferResult(S);
        using ITransferWorker worker = generator.CreateWorker(S);
        worker.Prepare(inputs.Frame);
        worker.Generate(inputs.Frame, result);
        return result.Image;
    }
}
