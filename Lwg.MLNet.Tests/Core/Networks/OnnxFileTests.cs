using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Tests the written files: storage in half precision, weights that do not match, and running them with ML.NET's own
/// transformer.</summary>
[TestClass]
public sealed class OnnxFileTests
{
    private const int S = 32;

    private static readonly GeneratorShape s_shape = new() { Width = 4 };

    [TestMethod]
    public void HalfPrecisionIsHalfTheSizeAndNearlyAsExact()
    {
        NetworkGraph graph = GeneratorNetwork.BuildBackground(s_shape);
        FormulaWeights weights = FormulaWeights.For(graph);
        float[] full = Background(graph, weights, WeightStorage.Full), half = Background(graph, weights, WeightStorage.Half);
        // A half has 11 bits: the relative error of each weight is at most 2.5e-4; over 16 layers with random errors this is about 1e-3.
        Fixture.AreClose(full, half, 1e-2, "half");
        Assert.IsTrue(full.Zip(half).Any(p => p.First != p.Second), "Rounding must show somewhere.");
        long weightBytes = 4 * graph.Weights.Sum(w => w.Count);
        int fullLength = OnnxRun.File(graph, weights).Length, halfLength = OnnxRun.File(graph, weights, WeightStorage.Half).Length;
        Assert.IsLessThan(weightBytes + 40_000, fullLength);
        Assert.IsLessThan(weightBytes / 2 + 40_000, halfLength);

        // The result equals that of the full network with weights rounded to halves.
        var rounded = new ArrayWeights();
        foreach (GraphTensor weight in graph.Weights)
        {
            float[] values = new float[weight.Count];
            weights.Read(weight.Name, values);
            rounded.Set(weight.Name, weight.Shape, [.. values.Select(v => (float)(Half)v)]);
        }
        CollectionAssert.AreEqual(Background(graph, rounded, WeightStorage.Full), half);
    }

    [TestMethod]
    public void TheSameWeightsMakeTheSameBytes()
    {
        NetworkGraph graph = GeneratorNetwork.BuildTransfer(s_shape);
        CollectionAssert.AreEqual(OnnxRun.File(graph, FormulaWeights.For(graph)),
            OnnxRun.File(GeneratorNetwork.BuildTransfer(s_shape), FormulaWeights.For(graph)));
    }

    [TestMethod]
    public void WeightsThatDoNotFitAreNamed()
    {
        var g = new GraphBuilder("small");
        g.Output(g.Conv(g.Conv(g.Input("x", -1, 3, -1, -1), "first", 4, 3, bias: true), "second", 2, 1), "y", -1, 2, -1, -1);
        NetworkGraph graph = g.Build();
        var weights = new ArrayWeights();
        Assert.AreEqual("3 missing: first.weight, first.bias, second.weight.", WeightReport.Compare([graph], weights).ToString());
        weights.Set("first.weight", [4, 3, 3, 3], new float[108]);
        weights.Set("first.bias", [5], new float[5]);
        weights.Set("second.weight", [2, 4], new float[8]);
        weights.Set("third.weight", [1], new float[1]);
        weights.Set("a third.bias", [], new float[1]);
        WeightReport report = WeightReport.Compare([graph, graph], weights);
        Assert.IsFalse(report.IsComplete);
        Assert.AreEqual("2 of another shape: first.bias is [5], not [4], second.weight is [2,4], not [2,4,1,1]. 2 unexpected: a "
            + "third.bias, third.weight.", report.ToString());
        using var stream = new MemoryStream();
        var error = Assert.ThrowsExactly<ModelFileException>(() => OnnxFile.Write(stream, graph, weights));
        Assert.AreEqual("'small': its weights do not fit the network. " + report, error.Message);
        Assert.AreEqual(0, stream.Length, "Nothing is written.");

        weights.Set("first.bias", [4], new float[4]);
        weights.Set("second.weight", [2, 4, 1, 1], new float[8]);
        report = WeightReport.Compare([graph], weights);
        Assert.IsTrue(report.IsComplete, "What is unexpected does no harm.");
        report.ThrowUnlessComplete("file");
        Assert.AreEqual("All weights fit.", WeightReport.Compare([graph], FormulaWeights.For(graph)).ToString());
    }

    [TestMethod]
    public void LongListsAreCutShort()
    {
        StringAssert.Contains(WeightReport.Compare([HmrNetwork.Build()], new ArrayWeights()).ToString(),
            "277 missing: resnet.conv1.weight,");
        StringAssert.EndsWith(WeightReport.Compare([HmrNetwork.Build()], new ArrayWeights()).ToString(), " and 269 more.");
    }

    [TestMethod]
    [DataRow(WeightStorage.Full)]
    [DataRow(WeightStorage.Half)]
    public void TheFilesRunUnderApplyOnnxModel(WeightStorage storage)
    {
        NetworkGraph graph = GeneratorNetwork.BuildBackground(s_shape);
        FormulaWeights weights = FormulaWeights.For(graph);
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "background.onnx");
        File.WriteAllBytes(path, OnnxRun.File(graph, weights, storage));
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable([new Row { BackgroundInput = Input }]);
        ITransformer model = context.Transforms.ApplyOnnxModel([GeneratorNetwork.Background], [GeneratorNetwork.BackgroundInput], path,
            new Dictionary<string, int[]> { [GeneratorNetwork.BackgroundInput] = [1, 4, S, S],
            [GeneratorNetwork.Background] = [1, 3, S, S] }, recursionLimit: 100).Fit(data);
        float[] result = model.Transform(data).GetColumn<float[]>(GeneratorNetwork.Background).Single();
        (model as IDisposable)?.Dispose();
        Fixture.AreClose(Background(graph, weights, storage), result, 1e-6, "ApplyOnnxModel");
    }

    private static float[] Input => FormulaWeights.Input("bg", 4 * S * S);

    private static float[] Background(NetworkGraph graph, INamedWeights weights, WeightStorage storage) =>
        OnnxRun.Compute(graph, weights, [(GeneratorNetwork.BackgroundInput, Input, [1, 4, S, S])],
        [(GeneratorNetwork.Background, [1, 3, S, S])], storage)[GeneratorNetwork.Background];

    private sealed class Row
    {
        [VectorType(1, 4, S, S)]
        public float[] BackgroundInput { get; set; } = [];
    }
}
