using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Training.Torch;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch;

/// <summary>Compares gradients through the networks with finite differences: weights, the source's features and T; the last two pass
/// through the warping blocks.</summary>
[TestClass]
public sealed class GradientTests
{
    private const int S = 16;

    [TestMethod]
    [DataRow(FeatureWarping.AllLevels, true)]
    [DataRow(FeatureWarping.AllLevels, false)]
    [DataRow(FeatureWarping.OneLevel, true)]
    public void TheTransferStream(FeatureWarping warping, bool alignCorners)
    {
        var shape = new GeneratorShape { Width = 2, Levels = 2, Blocks = 1, Warping = warping, AlignCorners = alignCorners };
        Check(GeneratorNetwork.BuildTransfer(shape), GeneratorNetwork.SourceFeatures(shape)
            .ToDictionary(f => f.Name, f => GeneratorNetwork.LevelOf(shape, f.Name)));
    }

    [TestMethod]
    public void TheSourceStream() =>
    Check(GeneratorNetwork.BuildSource(new GeneratorShape { Width = 2, Levels = 2, Blocks = 1 }, withReconstruction: true), []);

    [TestMethod]
    public void TheBackgroundNet() => Check(GeneratorNetwork.BuildBackground(new GeneratorShape { Width = 2, Levels = 2, Blocks = 1 }), []);

    private static void Check(NetworkGraph graph, Dictionary<string, int> levels)
    {
        using var scope = NewDisposeScope();
        var leaves = new Dictionary<string, Tensor>();
        FormulaWeights weights = FormulaWeights.For(graph);
        foreach (GraphTensor weight in graph.Weights)
        {
            float[] values = new float[weight.Count];
            weights.Read(weight.Name, values);
            leaves[weight.Name] = Leaf(values, [.. weight.Shape.Select(s => (long)s)]);
        }
        foreach (GraphTensor input in graph.Inputs)
        {
            int side = S >> levels.GetValueOrDefault(input.Name);
            long[] shape = input.Name == GeneratorNetwork.Flow ? [1, S, S, 2] : [1, input.Shape[1], side, side];
            leaves[input.Name] = Leaf(FormulaWeights.Input(input.Name, (int)shape.Aggregate((a, b) => a * b)), shape);
        }
        var module = new GraphModule(graph, leaves);
        // Sums all outputs with different weights, so that no two gradients cancel.
        Tensor Sum()
        {
            Dictionary<string, Tensor> outputs = module.Forward([.. graph.Inputs.Select(i => leaves[i.Name])]);
            Tensor sum = zeros(1, ScalarType.Float64);
            foreach ((string name, Tensor output) in outputs)
                sum += (output * tensor(FormulaWeights.Input("sum:" + name, (int)output.numel())).to(ScalarType.Float64)
                    .reshape(output.shape)).sum();
            return sum;
        }
        FiniteDifferences.Agree(Sum, leaves);
    }

    private static Tensor Leaf(float[] values, long[] shape) =>
        tensor(values).to(ScalarType.Float64).reshape(shape).detach().requires_grad_(true);
}
