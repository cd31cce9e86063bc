using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Training.Torch;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch;

/// <summary>
/// Compares every network, computed by <see cref="GraphModule"/>, with PyTorch's results and with ONNX Runtime: weights and inputs by
/// formula. Correct implementations differ by at most 1e-4 of the output's range (max - min).
/// </summary>
[TestClass]
public sealed class NetworkFixtureTests
{
    private const int N = 2, S = 64;

    private static readonly GeneratorShape s_generator = new() { Width = 4 };

    [TestMethod]
    public void TheBackgroundNetAgrees()
    {
        using var scope = NewDisposeScope();
        Agree("generator_background", Module(GeneratorNetwork.BuildBackground(s_generator), FormulaWeights.Generator)
            .Forward(Input("bg", N, 4))[GeneratorNetwork.Background]);
    }

    [TestMethod]
    public void TheSourceStreamAgrees()
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> outputs = Source(s_generator, "src");
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
        using var scope = NewDisposeScope();
        GeneratorShape shape = s_generator with { AlignCorners = alignCorners };
        List<Tensor> inputs = [Input("tsf", N, 6)];
        for (int source = 0; source < sources; source++)
        {
            string suffix = source == 0 ? "" : "2";
            Dictionary<string, Tensor> features = Source(shape, "src" + suffix);
            inputs.Add(tensor(Fixture.Singles($"networks/generator_T{suffix}.npy")).reshape(N, S, S, 2));
            inputs.AddRange(GeneratorNetwork.SourceFeatures(shape).Select(f => features[f.Name]));
        }
        Dictionary<string, Tensor> outputs = Module(GeneratorNetwork.BuildTransfer(shape, sources), FormulaWeights.Generator)
            .Forward(inputs);
        string stream = sources == 1 ? "transfer" : "two_sources", align = alignCorners ? "true" : "false";
        Agree($"generator_{stream}_color_align_{align}", outputs[GeneratorNetwork.Color]);
        Agree($"generator_{stream}_mask_align_{align}", outputs[GeneratorNetwork.Mask]);
    }

    [TestMethod]
    public void TheDiscriminatorAgrees()
    {
        using var scope = NewDisposeScope();
        Agree("patch_discriminator", Module(PatchDiscriminator.Build(width: 16), FormulaWeights.Discriminator)
            .Forward(Input("disc", N, 6))[PatchDiscriminator.Verdict]);
    }

    [TestMethod]
    public void HmrAgrees()
    {
        using var scope = NewDisposeScope();
        const int Side = HmrNetwork.ImageSize;
        Tensor image = tensor(FormulaWeights.Input("hmr", 3 * Side * Side)).reshape(1, 3, Side, Side);
        Agree("hmr_theta", Module(HmrNetwork.Build(), FormulaWeights.Hmr).Forward(image)[HmrNetwork.Theta]);
    }

    [TestMethod]
    public void TheInpainterAgrees()
    {
        using var scope = NewDisposeScope();
        Tensor hole = zeros(1, 1, S, S);
        hole.narrow(2, 20, 24).narrow(3, 16, 24).fill_(1);
        Dictionary<string, Tensor> outputs = Module(InpaintingNetwork.Build(), FormulaWeights.Inpainter)
            .Forward(Input("inpaint", 1, 3), hole);
        Agree("inpaint_coarse", outputs[InpaintingNetwork.Coarse]);
        Agree("inpaint_refined", outputs[InpaintingNetwork.Refined]);
    }

    [TestMethod]
    public void LearnedWeightsComputeTheSameInOnnxRuntime()
    {
        using var scope = NewDisposeScope();
        var shape = new GeneratorShape { Width = 6, Levels = 2, Blocks = 2, AlignCorners = true };
        NetworkGraph[] graphs = [GeneratorNetwork.BuildBackground(shape), GeneratorNetwork.BuildSource(shape, withReconstruction: true),
            GeneratorNetwork.BuildTransfer(shape)];
        using var learned = new LearnedWeights(graphs, seed: 5, beta1: 0.5, deviation: 0.02);
        var values = new Dictionary<string, Tensor>
        {
            [GeneratorNetwork.BackgroundInput] = Input("bg", N, 4),
            [GeneratorNetwork.ForegroundInput] = Input("src", N, 6),
            [GeneratorNetwork.TransferInput] = Input("tsf", N, 6),
            [GeneratorNetwork.Flow] = Input("flow", N, 2).permute(0, 2, 3, 1).contiguous() * 1.2,
        };
        foreach (NetworkGraph graph in graphs)
        {
            Dictionary<string, Tensor> outputs =
                new GraphModule(graph, learned.ByName).Forward([.. graph.Inputs.Select(i => values[i.Name])]);
            Dictionary<string, float[]> onnx =
                OnnxRun.Compute(graph, learned.Average(),
                [.. graph.Inputs.Select(i => (i.Name, Floats(values[i.Name]), values[i.Name].shape))],
                    [.. outputs.Select(o => (o.Key, o.Value.shape))]);
            foreach ((string name, Tensor output) in outputs)
            {
                float[] expected = onnx[name];
                Fixture.AreClose(expected, Floats(output), 1e-4 * (expected.Max() - expected.Min()), $"{graph.Name}, {name}");
                values[name] = output;
            }
        }
    }

    [TestMethod]
    public void TheEstimatorComputesTheSameInOnnxRuntime()
    {
        using var scope = NewDisposeScope();
        NetworkGraph graph = PersonNetwork.Build(S, training: true);
        using var learned = new LearnedWeights([graph], seed: 5, beta1: 0.9, deviation: null);
        Tensor image = Input("person", N, 3);
        Dictionary<string, Tensor> outputs = new GraphModule(graph, learned.ByName).Forward([image]);
        Dictionary<string, float[]> onnx =
            OnnxRun.Compute(graph, learned.Average(), [(PersonNetwork.Image, Floats(image), image.shape)],
            [.. outputs.Select(o => (o.Key, o.Value.shape))]);
        Assert.HasCount(10, outputs);
        foreach ((string name, Tensor output) in outputs)
            Fixture.AreClose(onnx[name], Floats(output), 1e-4 * (onnx[name].Max() - onnx[name].Min()), name);
    }

    [TestMethod]
    public void Bfloat16IsNearAndLearns()
    {
        using var scope = NewDisposeScope();
        NetworkGraph graph = PatchDiscriminator.Build(width: 16);
        using var learned = new LearnedWeights([graph], seed: 2, beta1: 0.5, deviation: 0.02);
        Tensor input = Input("disc", 1, 6), single = new GraphModule(graph, learned.ByName).Forward(input)[PatchDiscriminator.Verdict];
        Tensor narrow = new GraphModule(graph, learned.ByName, bfloat16: true).Forward(input)[PatchDiscriminator.Verdict];
        Assert.AreEqual(ScalarType.Float32, narrow.dtype);
        // Eight bits of mantissa in each of six layers.
        double range = (single.max() - single.min()).item<float>(), apart = (single - narrow).abs().max().item<float>();
        Assert.IsTrue(apart > 0 && apart < 0.1 * range, $"{apart} apart, of a range of {range}");
        narrow.sum().backward();
        Assert.IsTrue(learned.ByName.Values.All(w => w.grad is { } g && g.dtype == ScalarType.Float32));
    }

    [TestMethod]
    public void MissingItemsAreNamed()
    {
        NetworkGraph graph = PatchDiscriminator.Build(width: 2);
        var error = Assert.ThrowsExactly<ArgumentException>(() => new GraphModule(graph, new Dictionary<string, Tensor>()));
        StringAssert.Contains(error.Message, "'model.0.weight'");
        error = Assert.ThrowsExactly<ArgumentException>(() => Module(graph, FormulaWeights.For(graph)).Forward());
        StringAssert.Contains(error.Message, "has 1 inputs, but 0 were given");
    }

    private static Dictionary<string, Tensor> Source(GeneratorShape shape, string input) =>
        Module(GeneratorNetwork.BuildSource(shape, withReconstruction: true), FormulaWeights.Generator).Forward(Input(input, N, 6));

    private static Tensor Input(string name, int count, int channels) =>
        tensor(FormulaWeights.Input(name, count * channels * S * S)).reshape(count, channels, S, S);

    private static GraphModule Module(NetworkGraph graph, FormulaWeights weights)
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (GraphTensor weight in graph.Weights)
        {
            float[] values = new float[weight.Count];
            weights.Read(weight.Name, values);
            tensors[weight.Name] = tensor(values).reshape([.. weight.Shape.Select(s => (long)s)]);
        }
        return new GraphModule(graph, tensors);
    }

    private static void Agree(string name, Tensor actual)
    {
        float[] expected = Fixture.Singles($"networks/{name}.npy");
        Fixture.AreClose(expected, Floats(actual), 1e-4 * (expected.Max() - expected.Min()), name);
    }

    private static float[] Floats(Tensor t) => t.detach().contiguous().data<float>().ToArray();
}
