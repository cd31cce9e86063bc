using Lwg.MLNet.Estimation;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>
/// Compares every network with PyTorch's results: weights and inputs by formula, run by ONNX Runtime. Two correct implementations differ
/// by at most 1e-4 of the output's range (max - min).
/// </summary>
[TestClass]
public sealed class NetworkFixtureTests
{
    private const int N = 2, S = 64;

    private static readonly GeneratorShape s_generator = new() { Width = 4 };

    [TestMethod]
    public void TheBackgroundNetAgrees()
    {
        Dictionary<string, float[]> outputs = OnnxRun.Compute(GeneratorNetwork.BuildBackground(s_generator), FormulaWeights.Generator,
            [Input(GeneratorNetwork.BackgroundInput, "bg", 4)], [(GeneratorNetwork.Background, [N, 3, S, S])]);
        Agree("generator_background", outputs[GeneratorNetwork.Background]);
    }

    [TestMethod]
    public void TheSourceStreamAgrees()
    {
        Dictionary<string, float[]> outputs =
            OnnxRun.Compute(GeneratorNetwork.BuildSource(s_generator, withReconstruction: true), FormulaWeights.Generator,
            [Input(GeneratorNetwork.ForegroundInput, "src", 6)],
                [(GeneratorNetwork.Color, [N, 3, S, S]), (GeneratorNetwork.Mask, [N, 1, S, S])]);
        Agree("generator_source_color", outputs[GeneratorNetwork.Color]);
        Agree("generator_source_mask", outputs[GeneratorNetwork.Mask]);
    }

    [TestMethod]
    [DataRow(1, true)]
    [DataRow(1, false)]
    [DataRow(2, true)]
    [DataRow(2, false)]
    public void TheTransferStreamAgrees(int sources, bool alignCorners)
    {
        GeneratorShape shape = s_generator with { AlignCorners = alignCorners };
        var inputs = new List<(string, float[], long[])> { Input(GeneratorNetwork.TransferInput, "tsf", 6) };
        for (int source = 0; source < sources; source++)
        {
            string suffix = source == 0 ? "" : "2";
            inputs.Add((GeneratorNetwork.Flow + suffix, Fixture.Singles($"networks/generator_T{suffix}.npy"), [N, S, S, 2]));
            (string Name, long[] Shape)[] features =
                [.. GeneratorNetwork.SourceFeatures(shape).Select(f => (f.Name, FeatureShape(shape, f.Name, f.Channels)))];
            Dictionary<string, float[]> values = OnnxRun.Compute(GeneratorNetwork.BuildSource(shape), FormulaWeights.Generator,
                [Input(GeneratorNetwork.ForegroundInput, "src" + suffix, 6)], features);
            inputs.AddRange(features.Select(f => (f.Name + suffix, values[f.Name], f.Shape)));
        }
        Dictionary<string, float[]> outputs = OnnxRun.Compute(GeneratorNetwork.BuildTransfer(shape, sources), FormulaWeights.Generator,
            [.. inputs], [(GeneratorNetwork.Color, [N, 3, S, S]), (GeneratorNetwork.Mask, [N, 1, S, S])]);
        string stream = sources == 1 ? "transfer" : "two_sources", align = alignCorners ? "true" : "false";
        Agree($"generator_{stream}_color_align_{align}", outputs[GeneratorNetwork.Color]);
        Agree($"generator_{stream}_mask_align_{align}", outputs[GeneratorNetwork.Mask]);
    }

    [TestMethod]
    public void HmrAgreesInItsIntermediateResults()
    {
        float[] image = FormulaWeights.Input("hmr", 3 * HmrNetwork.ImageSize * HmrNetwork.ImageSize);
        var g = new GraphBuilder("hmr on the way");
        GraphValue pool = HmrNetwork.Stem(g, g.Input(HmrNetwork.Image, -1, 3, HmrNetwork.ImageSize, HmrNetwork.ImageSize)), x = pool;
        GraphValue layer1 = x = HmrNetwork.Stage(g, x, 1);
        for (int stage = 2; stage <= 4; stage++)
            x = HmrNetwork.Stage(g, x, stage);
        g.Output(pool, "Pool", -1, 64, 56, 56);
        g.Output(layer1, "Layer1", -1, 256, 28, 28);
        g.Output(HmrNetwork.Features(g, x), "Features", -1, HmrNetwork.FeatureCount);
        Dictionary<string, float[]> outputs = OnnxRun.Compute(g.Build(), FormulaWeights.Hmr, [(HmrNetwork.Image, image, [1, 3, 224, 224])],
            [("Pool", [1, 64, 56, 56]), ("Layer1", [1, 256, 28, 28]), ("Features", [1, HmrNetwork.FeatureCount])]);
        Agree("hmr_pool1_mean", ChannelMeans(outputs["Pool"], 64));
        Agree("hmr_layer1_mean", ChannelMeans(outputs["Layer1"], 256));
        Agree("hmr_features", outputs["Features"]);
    }

    [TestMethod]
    public void HmrAgreesAlsoInABatch()
    {
        using var estimator = new LearnedSmplEstimator(FormulaWeights.HmrPackage);
        using ISmplWorker worker = estimator.CreateWorker(batchSize: 2);
        float[] image = FormulaWeights.Input("hmr", 3 * HmrNetwork.ImageSize * HmrNetwork.ImageSize);
        image.CopyTo(worker.Picture(1));
        worker.Run();
        Agree("hmr_theta", worker.Smpl(1).ToArray());
        Assert.AreNotEqual(worker.Smpl(0)[3], worker.Smpl(1)[3], "A grey picture gives another person.");
    }

    [TestMethod]
    public void TheDiscriminatorAgrees()
    {
        float[] verdict = OnnxRun.Compute(PatchDiscriminator.Build(width: 16), FormulaWeights.Discriminator,
            [Input(PatchDiscriminator.Input, "disc", 6)], [(PatchDiscriminator.Verdict, [N, 1, 2, 2])])[PatchDiscriminator.Verdict];
        Agree("patch_discriminator", verdict);
    }

    [TestMethod]
    public void TheInpainterAgrees()
    {
        float[] hole = new float[S * S];
        for (int y = 20; y < 44; y++)
            hole.AsSpan(y * S + 16, 24).Fill(1);
        Dictionary<string, float[]> outputs = OnnxRun.Compute(InpaintingNetwork.Build(), FormulaWeights.Inpainter,
            [(InpaintingNetwork.Image, FormulaWeights.Input("inpaint", 3 * S * S), [1, 3, S, S]),
                (InpaintingNetwork.Hole, hole, [1, 1, S, S])],
            [(InpaintingNetwork.Coarse, [1, 3, S, S]), (InpaintingNetwork.Refined, [1, 3, S, S])]);
        Agree("inpaint_coarse", outputs[InpaintingNetwork.Coarse]);
        Agree("inpaint_refined", outputs[InpaintingNetwork.Refined]);
    }

    [TestMethod]
    public void TheNetworksNameTheWeightsOfThePublishedFiles()
    {
        Fits(FormulaWeights.Generator, GeneratorNetwork.BuildBackground(s_generator),
            GeneratorNetwork.BuildSource(s_generator, withReconstruction: true), GeneratorNetwork.BuildTransfer(s_generator));
        Fits(FormulaWeights.Hmr, HmrNetwork.Build());
        Fits(FormulaWeights.Discriminator, PatchDiscriminator.Build(width: 16));
        Fits(FormulaWeights.Inpainter, InpaintingNetwork.Build());

        static void Fits(FormulaWeights weights, params NetworkGraph[] graphs)
        {
            WeightReport report = WeightReport.Compare(graphs, weights);
            Assert.IsTrue(report.IsComplete, report.ToString());
            // Counters of training batches are not weights.
            CollectionAssert.AreEqual(Array.Empty<string>(), report.Unexpected.ToArray());
        }
    }

    private static void Agree(string name, float[] actual)
    {
        float[] expected = Fixture.Singles($"networks/{name}.npy");
        Fixture.AreClose(expected, actual, 1e-4 * (expected.Max() - expected.Min()), name);
    }

    private static (string, float[], long[]) Input(string name, string formula, int channels) =>
        (name, FormulaWeights.Input(formula, N * channels * S * S), [N, channels, S, S]);

    private static long[] FeatureShape(GeneratorShape shape, string feature, int channels)
    {
        int side = S >> GeneratorNetwork.LevelOf(shape, feature);
        return [N, channels, side, side];
    }

    private static float[] ChannelMeans(float[] values, int channels) =>
        [.. values.Chunk(values.Length / channels).Select(plane => plane.Average())];
}
