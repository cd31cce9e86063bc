using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Tests.Data;

/// <summary>Tests that training samples equal the generators' inputs.</summary>
[TestClass]
public sealed class SamplePreparerTests
{
    private const int S = 64;

    private static readonly GeneratorTrainingOptions s_options = new() { OwnPoseShare = 0 };

    [TestMethod]
    public void AnEstimatorsBodyAndMaskAreReadInPlaceOfTheExactOnes()
    {
        using SmplEstimator estimator = OwnModels.OpenEstimator();
        using var data = new SyntheticTrainingData(BodyModel.Default, seed: 3, estimator, estimatedShare: 1);
        var sample = new TrainingSample(S);
        int looked = 0;
        for (int number = 0; number < 6; number++)
        {
            data.Fill(number, sample);
            if (!sample.HasEstimate)
                continue;
            looked++;
            Assert.AreNotEqual(sample.SourceSmpl[0], sample.EstimatedSmpl[0]);
            Assert.IsGreaterThan(0.5, Overlap(sample.EstimatedMask, sample.SourceMask), "the mask lies on the person");
            var again = new TrainingSample(S);
            data.Fill(number, again);
            CollectionAssert.AreEqual(sample.EstimatedSmpl, again.EstimatedSmpl, "the same number gives the same sample");
            PreparedSample estimated = Prepared(sample, s_options), exact = new(S);
            sample.HasEstimate = false;
            new SamplePreparer(BodyModel.Default, s_options with { SourceMisfit = 0 }, S).Prepare(sample, number, exact);
            CollectionAssert.AreNotEqual(exact.ForegroundInput, estimated.ForegroundInput);
            CollectionAssert.AreEqual(exact.TargetImage, estimated.TargetImage);
            CollectionAssert.AreEqual(exact.SourceBackgroundMask, estimated.SourceBackgroundMask, "the aims are the truth");
        }
        Assert.IsGreaterThan(0, looked);
        using var without = new SyntheticTrainingData(BodyModel.Default, seed: 3, estimator, estimatedShare: 0);
        without.Fill(0, sample);
        Assert.IsFalse(sample.HasEstimate);
    }

    [TestMethod]
    public void InTheirOwnPoseTheTargetIsTheSourceAndTIsTheIdentity()
    {
        using var data = new SyntheticTrainingData(BodyModel.Default);
        var sample = new TrainingSample(S);
        data.Fill(0, sample);
        PreparedSample own = Prepared(sample, s_options with { OwnPoseShare = 1 });
        CollectionAssert.AreEqual(sample.SourceImage, own.TargetImage);
        CollectionAssert.AreEqual(own.SourceBackgroundMask, own.TargetBackgroundMask);
        int body = 0;
        for (int y = 0; y < S; y++)
        {
            for (int x = 0; x < S; x++)
            {
                float u = own.Flow[2 * (y * S + x)], v = own.Flow[2 * (y * S + x) + 1];
                if (u == Warping.TransformationFlow.Nowhere)
                    continue;
                body++;
                Assert.AreEqual((2 * x + 1f) / S - 1, u, 1e-3f);
                Assert.AreEqual((2 * y + 1f) / S - 1, v, 1e-3f);
            }
        }
        Assert.IsGreaterThan(100, body);
    }

    [TestMethod]
    public void TheNetworksReadWhatTheSharpGeneratorShowsThem()
    {
        using LiquidWarpingGenerator generator = OwnModels.OpenGenerator();
        int size = generator.Package.Manifest.ImageSize,
            kernel = GeneratorTrainingOptions.KernelOf(generator.BackgroundKernel(size)!.Value, size);
        using var data = new SyntheticTrainingData(BodyModel.Default);
        var sample = new TrainingSample(size);
        data.Fill(1, sample);
        var prepared = new PreparedSample(size);
        new SamplePreparer(BodyModel.Default, s_options with { SourceMisfit = 0, BackgroundKernel = kernel }, size).Prepare(sample, 1,
            prepared);

        var warp = new TextureWarpGenerator(BodyModel.Default);
        var maps = new ViewMaps(BodyModel.Default, size);
        maps.Draw(sample.SourceSmpl);
        using var view = new SourceView(warp, generator, new PixelPicker(size, size), new Warping.InputAssembler(size));
        view.Take(sample.SourceImage, maps.Points, maps.FaceIndex);
        CollectionAssert.AreEqual(view.Inputs.ForegroundInput, prepared.ForegroundInput);
    }

    private static PreparedSample Prepared(TrainingSample sample, GeneratorTrainingOptions options)
    {
        var prepared = new PreparedSample(S);
        new SamplePreparer(BodyModel.Default, options, S).Prepare(sample, 0, prepared);
        return prepared;
    }

    private static double Overlap(float[] a, float[] b)
    {
        int both = 0, any = 0;
        for (int i = 0; i < a.Length; i++)
        {
            both += a[i] > 0.5f && b[i] > 0.5f ? 1 : 0;
            any += a[i] > 0.5f || b[i] > 0.5f ? 1 : 0;
        }
        return (double)both / any;
    }
}
