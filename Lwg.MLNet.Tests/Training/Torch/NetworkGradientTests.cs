using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Training.Torch;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch;

/// <summary>
/// Compares gradients of whole networks in single precision, as in training, with float64: at sizes and channel counts in use, for which
/// libtorch's kernels are wrong on some processors.
/// </summary>
[TestClass]
public sealed class NetworkGradientTests
{
    // The Euclidean error of each tensor. If a relu's input is 0 up to rounding, its gradient can differ, which deep networks amplify: up
    // to 1.2 % was measured with correct kernels. A wrong kernel has errors of tens of percent.
    private const double Tolerance = 5e-2;

    private const int N = 2, S = 64;

    private static readonly GeneratorShape s_shape = new() { Width = 16, Blocks = 2, AlignCorners = true };

    [TestMethod]
    public void TheBackgroundNet() => Agree(GeneratorNetwork.BuildBackground(s_shape));

    [TestMethod]
    public void TheSourceStream() => Agree(GeneratorNetwork.BuildSource(s_shape, withReconstruction: true));

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void TheTransferStream(int sources) => Agree(GeneratorNetwork.BuildTransfer(s_shape, sources));

    [TestMethod]
    [DataRow(16)]
    [DataRow(32)]
    public void TheDiscriminator(int width) => Agree(PatchDiscriminator.Build(6, width));

    [TestMethod]
    public void TheEstimator() => Agree(PersonNetwork.Build(S, training: true));

    private static void Agree(NetworkGraph graph)
    {
        using var scope = NewDisposeScope();
        // Random weights as at the start of a training: formula weights would leave deep layers without signal.
        using var learned = new LearnedWeights([graph], seed: 5, beta1: 0.5, deviation: null);
        Dictionary<string, Tensor> single = Gradients(graph, learned, ScalarType.Float32),
            exact = Gradients(graph, learned, ScalarType.Float64);
        double largest = exact.Values.Max(g => g.norm().item<double>());
        Assert.IsGreaterThan(0, largest);
        foreach ((string name, Tensor expected) in exact)
        {
            double length = expected.norm().item<double>(), apart = (single[name].to(ScalarType.Float64) - expected).norm().item<double>();
            Assert.IsTrue(apart <= Tolerance * Math.Max(length, 1e-3 * largest),
                $"{graph.Name}, {name}: {apart:0.0e0} apart, of {length:0.0e0}");
        }
    }

    private static Dictionary<string, Tensor> Gradients(NetworkGraph graph, LearnedWeights learned, ScalarType type)
    {
        Dictionary<string, Tensor> leaves = learned.ByName.ToDictionary(w => w.Key, w =>
            w.Value.detach().to(type).clone().requires_grad_(true));
        var module = new GraphModule(graph, leaves);
        Tensor[] inputs = [.. graph.Inputs.Select(input => Input(input).to(type).requires_grad_(true))];
        Dictionary<string, Tensor> outputs = module.Forward(inputs);
        Tensor sum = zeros(1, ScalarType.Float64);
        // Sums all outputs with different weights, so that no two gradients cancel.
        foreach ((string name, Tensor output) in outputs)
            sum += (output.to(ScalarType.Float64) * tensor(FormulaWeights.Input("sum:" + name, (int)output.numel())).to(ScalarType.Float64)
                .reshape(output.shape)).sum();
        sum.backward();
        Dictionary<string, Tensor> gradients = leaves.Where(l => l.Value.grad is not null).ToDictionary(l => l.Key, l => l.Value.grad!);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].grad is { } gradient && !IsFlow(graph.Inputs[i]))
                gradients[graph.Inputs[i].Name] = gradient;
        }
        return gradients;
    }

    // The cell of a point of the flow can differ by rounding, and with it the gradient.
    private static bool IsFlow(GraphTensor input) => input.Shape[^1] == 2;

    private static Tensor Input(GraphTensor input)
    {
        if (IsFlow(input))
            return tensor(FormulaWeights.Input(input.Name, N * S * S * 2)).reshape(N, S, S, 2);
        string[] features = [.. GeneratorNetwork.SourceFeatures(s_shape).Select(f => f.Name)];
        // The features of the second source end in '2'.
        string? feature = new[] { input.Name, input.Name[..^1] }.FirstOrDefault(features.Contains);
        int side = feature is null ? S : S >> GeneratorNetwork.LevelOf(s_shape, feature);
        return tensor(FormulaWeights.Input(input.Name, N * input.Shape[1] * side * side)).reshape(N, input.Shape[1], side, side);
    }
}
