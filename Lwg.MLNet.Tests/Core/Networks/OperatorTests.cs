using System.Reflection;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Compares ONNX Runtime's result of every graph operation with a plain implementation in double precision.</summary>
[TestClass]
public sealed class OperatorTests
{
    private const int N = 2, C = 3, H = 7, W = 9;

    /// <summary>Single precision over at most a few hundred terms of size 1.</summary>
    private const double Tolerance = 2e-5;

    private static readonly Dictionary<string, Func<GraphBuilder, GraphValue, GraphValue>[]> s_cases = new()
    {
        ["Conv"] =
        [
            (g, x) => g.Conv(x, "plain", 4, 3, padding: 1), (g, x) => g.Conv(x, "strided", 2, 4, stride: 2, padding: 1, bias: true),
            (g, x) => g.Conv(x, "dilated", 2, 3, padding: 2, dilation: 2, bias: true), (g, x) => g.Conv(x, "pointwise", 5, 1, stride: 2),
        ],
        ["ConvTranspose"] = [(g, x) => g.ConvTranspose(x, "up", 2)],
        ["InstanceNorm"] = [(g, x) => g.InstanceNorm(x, "norm"), (g, x) => g.InstanceNorm(x)],
        ["GroupNorm"] = [(g, x) => g.GroupNorm(g.Conv(x, "six", 6, 3, padding: 1), "norm", 3), (g, x) => g.GroupNorm(x, "norm", 1)],
        ["BatchNorm"] = [(g, x) => g.BatchNorm(x, "norm")],
        ["Relu"] = [(g, x) => g.Relu(x)],
        ["LeakyRelu"] = [(g, x) => g.LeakyRelu(x, 0.2f)],
        ["PRelu"] = [(g, x) => g.PRelu(x, "slopes")],
        ["Sigmoid"] = [(g, x) => g.Sigmoid(x)],
        ["Tanh"] = [(g, x) => g.Tanh(x)],
        ["Softmax"] = [(g, x) => g.Softmax(x, -1), (g, x) => g.Softmax(x, 1)],
        ["Add"] = [(g, x) => g.Add(x, g.Conv(x, "other", C, 3, padding: 1))],
        ["Sub"] = [(g, x) => g.Sub(g.Constant(1f), x)],
        ["Mul"] = [(g, x) => g.Mul(x, g.Conv(x, "mask", 1, 3, padding: 1)), (g, x) => g.Mul(x, g.Weight("net.gamma", 1))],
        ["MatMul"] = [(g, x) => g.MatMul(g.Transpose(g.Reshape(x, C, 0, 0, -1), 0, 2, 1),
            g.Reshape(g.Conv(x, "other", C, 1), C, 0, 0, -1))],
        ["Clip"] = [(g, x) => g.Clip(x, -0.5f, 0.25f)],
        ["Concat"] = [(g, x) => g.Concat(x, g.Conv(x, "other", 2, 1), x)],
        ["Transpose"] = [(g, x) => g.Transpose(x, 0, 2, 3, 1)],
        ["Reshape"] = [(g, x) => g.Reshape(x, C, 0, 0, -1)],
        ["ReshapeLike"] = [(g, x) => g.ReshapeLike(g.Reshape(x, C, 0, 0, -1), x)],
        ["GridSample"] = [(g, x) => g.GridSample(x, Points(g, x), alignCorners: true), (g, x) =>
            g.GridSample(x, Points(g, x), alignCorners: false)],
        ["ResizeAligned"] = [(g, x) => g.ResizeAligned(x, 0.5f), (g, x) => g.ResizeAligned(x, 0.25f)],
        ["DoubleNearest"] = [(g, x) => g.DoubleNearest(x)],
        ["MaxPool"] = [(g, x) => g.MaxPool(x, 3, 2), (g, x) => g.MaxPool(g.ResizeAligned(x, 1.2f), 3, 2, ceil: true), (g, x) =>
            g.MaxPool(x, 1, 2)],
        ["AveragePool"] = [(g, x) => g.AveragePool(x, 3)],
        ["Flatten"] = [(g, x) => g.Flatten(x, C * H * W)],
        ["Linear"] = [(g, x) => g.Linear(g.Flatten(x, C * H * W), "dense", 4)],
        ["RepeatRows"] = [(g, x) => g.RepeatRows("regressor.mean_theta", 5, x)],
    };

    private static IEnumerable<object[]> Cases => s_cases.SelectMany(c => c.Value.Select((_, i) => new object[] { c.Key, i }));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void AgreesWithThePlainImplementation(string operation, int number)
    {
        var g = new GraphBuilder(operation);
        GraphValue result = s_cases[operation][number](g, g.Input("x", -1, C, H, W));
        float[] x = FormulaWeights.Input("operator", N * C * H * W);
        var inputs = new Dictionary<string, PlainTensor> { ["x"] = new PlainTensor([N, C, H, W], [.. x]) };

        // The plain implementation gives the shape of the result; ONNX Runtime must return the same one.
        var plain = new GraphBuilder(operation);
        plain.Output(s_cases[operation][number](plain, plain.Input("x", -1, C, H, W)), "y", -1);
        FormulaWeights weights = FormulaWeights.For(plain.Build());
        PlainTensor expected = PlainNetwork.Compute(plain.Build(), weights, inputs)["y"];
        g.Output(result, "y", [-1, .. expected.Shape[1..]]);
        float[] actual = OnnxRun.Compute(g.Build(), weights, [("x", x, [N, C, H, W])],
            [("y", [.. expected.Shape.Select(s => (long)s)])])["y"];
        Fixture.AreClose([.. expected.Values.Select(v => (float)v)], actual, Tolerance, operation);
        Assert.IsTrue(actual.Distinct().Count() > 3, "A result that is everywhere the same would hide a mistake.");
        if (result.Channels > 0 && operation != "Transpose")
            Assert.AreEqual(expected.Shape[1], result.Channels, "The builder tracks the channels.");
    }

    [TestMethod]
    public void EveryOperationOfTheBuilderIsTested()
    {
        string[] operations = [.. typeof(GraphBuilder).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => m.ReturnType == typeof(GraphValue)).Select(m => m.Name).Distinct().Except(["Input", "Weight", "Constant"])];
        CollectionAssert.AreEquivalent(operations, s_cases.Keys.ToArray());
    }

    [TestMethod]
    public void AWholeTransferStreamAgrees()
    {
        // Small enough for the plain implementation: all kinds of layers of the generator, with two sources.
        const int S = 8;
        var shape = new GeneratorShape { Width = 2, Levels = 1, Blocks = 1 };
        NetworkGraph graph = GeneratorNetwork.BuildTransfer(shape, sources: 2);
        FormulaWeights weights = FormulaWeights.For(graph);
        (string Name, float[] Values, long[] Shape)[] inputs = [.. graph.Inputs.Select(i =>
        {
            long side = i.Name.StartsWith("Source", StringComparison.Ordinal) ? S / 2 : S;
            long[] full = i.Shape[^1] == 2 ? [1, S, S, 2] : [1, i.Shape[1], side, side];
            return (i.Name, FormulaWeights.Input(i.Name, (int)full.Aggregate((a, b) => a * b)), full);
        })];
        Dictionary<string, PlainTensor> expected =
            PlainNetwork.Compute(graph, weights,
            inputs.ToDictionary(i => i.Name, i => new PlainTensor([.. i.Shape.Select(s => (int)s)], [.. i.Values])));
        Dictionary<string, float[]> actual =
            OnnxRun.Compute(graph, weights, inputs, [(GeneratorNetwork.Color, [1, 3, S, S]), (GeneratorNetwork.Mask, [1, 1, S, S])]);
        foreach ((string name, float[] values) in actual)
            Fixture.AreClose([.. expected[name].Values.Select(v => (float)v)], values, Tolerance, name);
    }

    /// <summary>Computes points of a flow from the picture, some of them outside.</summary>
    private static GraphValue Points(GraphBuilder g, GraphValue x) =>
        g.Transpose(g.Mul(g.Conv(x, "points", 2, 3, padding: 1), g.Constant(1.5f)), 0, 2, 3, 1);
}
