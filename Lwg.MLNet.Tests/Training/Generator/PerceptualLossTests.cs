using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Training.Generator;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Generator;

/// <summary>The perceptual term against features from ONNX Runtime and plain sums.</summary>
[TestClass]
public sealed class PerceptualLossTests
{
    private const int S = 32;

    [TestMethod]
    public void ItIsTheWeightedDistanceOfVggsFeatures()
    {
        NetworkGraph graph = VggNetwork.Build();
        FormulaWeights weights = FormulaWeights.For(graph);
        CollectionAssert.AreEqual((int[])[512, 512, 3, 3], graph.Weights.Single(w => w.Name == "features.28.weight").Shape, "conv5_1 is torchvision's layer 28.");
        Assert.HasCount(26, graph.Weights);
        float[] a = FormulaWeights.Input("a", 3 * S * S), b = FormulaWeights.Input("b", 3 * S * S);
        Dictionary<string, float[]> ofA = Features(a), ofB = Features(b);
        double[] layers = [1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1];
        double expected = VggNetwork.Features.Zip(layers).Sum(f => f.Second * ofA[f.First].Zip(ofB[f.First]).Average(v => Math.Abs((double)v.First - v.Second)));

        using var scope = NewDisposeScope();
        using var loss = new PerceptualLoss(weights, "formula");
        Tensor x = Picture(a).requires_grad_(true);
        Tensor found = loss.Compare(x, Picture(b));
        Assert.AreEqual(expected, found.item<float>(), 1e-4 * expected);
        found.backward();
        Assert.IsGreaterThan(0, x.grad!.abs().sum().item<float>());
        Assert.AreEqual(0, loss.Compare(x, x).item<float>());

        Dictionary<string, float[]> Features(float[] picture)
        {
            float[] scaled = [.. picture.Select((v, i) => ((v + 1) / 2 - VggNetwork.Mean[i / (S * S)]) / VggNetwork.Deviation[i / (S * S)])];
            (string, long[])[] outputs = [.. VggNetwork.Features.Select((name, k) => (name, (long[])[1, Math.Min(64 << k, 512), S >> k, S >> k]))];
            return OnnxRun.Compute(graph, weights, [(VggNetwork.Image, scaled, [1, 3, S, S])], outputs);
        }
    }

    [TestMethod]
    public void AnotherNetworkIsRefused()
    {
        string message = Assert.ThrowsExactly<ModelFileException>(() => new PerceptualLoss(FormulaWeights.Discriminator, "other.pth").Dispose()).Message;
        StringAssert.Contains(message, "other.pth");
        StringAssert.Contains(message, "features.0.weight");
    }

    private static Tensor Picture(float[] values) => tensor(values).reshape(1, 3, S, S);
}
