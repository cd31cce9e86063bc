using Lwg.MLNet.Networks.Imported;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>Compares every layer that is read from TensorFlow Lite and TensorFlow.js files with a plain implementation of the
/// layer.</summary>
[TestClass]
public sealed class ImportedLayerTests
{
    private const double Tolerance = 2e-5;

    private static readonly int[] s_picture = [1, 7, 9, 3];

    private static readonly Dictionary<string, ForeignOperation[]> s_chains = new()
    {
        ["convolution 3 x 3, same"] = [new(ForeignKind.Convolution, 0) { Height = 3, Width = 3, Channels = 4, Same = true }],
        ["convolution 3 x 3, stride 2, same, relu6"] =
            [new(ForeignKind.Convolution, 0) { Height = 3, Width = 3, StrideY = 2, StrideX = 2, Channels = 4, Same = true,
                Activation = "Relu6" }],
        ["convolution 3 x 3, stride 2 of even sides, same"] =
            [new(ForeignKind.Pad, 0) { Sides = [0, 0, 0, 0, 0, 1, 1, 0] },
                new(ForeignKind.Convolution, 1) { Height = 3, Width = 3, StrideY = 2, StrideX = 2, Channels = 2, Same = true }],
        ["convolution 2 x 3, other strides, valid, relu"] =
            [new(ForeignKind.Convolution, 0) { Height = 2, Width = 3, StrideY = 1, StrideX = 2, Channels = 2, Activation = "Relu" }],
        ["convolution 1 x 1 without biases"] = [new(ForeignKind.Convolution, 0) { Channels = 6, Biased = false }],
        ["depthwise 3 x 3, same"] = [new(ForeignKind.Depthwise, 0) { Height = 3, Width = 3, Channels = 1, Same = true,
            Activation = "Relu6" }],
        ["depthwise 5 x 5, stride 2, two of each, without biases"] =
            [new(ForeignKind.Depthwise, 0) { Height = 5, Width = 5, StrideY = 2, StrideX = 2, Channels = 2, Same = true, Biased = false }],
        ["add"] = [new(ForeignKind.Convolution, 0) { Channels = 3 }, new(ForeignKind.Add, 0, 1)],
        ["pad rows and columns"] = [new(ForeignKind.Pad, 0) { Sides = [0, 1, 2, 0, 0, 3, 0, 0] }],
        ["pad channels"] = [new(ForeignKind.Pad, 0) { Sides = [0, 0, 0, 1, 0, 0, 0, 2] }],
        ["maximum 2 x 2"] = [new(ForeignKind.MaxPool, 0) { Height = 2, Width = 2, StrideY = 2, StrideX = 2 }],
        ["maximum 3 x 2, same"] = [new(ForeignKind.MaxPool, 0) { Height = 3, Width = 2, StrideY = 2, StrideX = 2, Same = true }],
        ["resize to twice"] = [new(ForeignKind.Resize, 0) { Sides = [14, 18] }],
        ["resize to odd sides"] = [new(ForeignKind.Resize, 0) { Sides = [10, 5] }],
        ["sigmoid"] = [new(ForeignKind.Sigmoid, 0)],
        ["relu"] = [new(ForeignKind.Relu, 0)],
        ["relu6"] = [new(ForeignKind.Convolution, 0) { Height = 3, Width = 3, Channels = 3 }, new(ForeignKind.Add, 1, 1),
            new(ForeignKind.Add, 2, 2), new(ForeignKind.Relu6, 3)],
        ["depth to space"] = [new(ForeignKind.Convolution, 0) { Channels = 12 }, new(ForeignKind.DepthToSpace, 1) { Number = 2 }],
        ["reshape of a picture"] = [new(ForeignKind.Reshape, 0) { Sides = [1, 63, 3] }],
        ["reshape of one pixel"] = [new(ForeignKind.Convolution, 0) { Height = 7, Width = 9, Channels = 5 },
            new(ForeignKind.Reshape, 1) { Sides = [1, 5] }],
        ["reshape of one channel"] = [new(ForeignKind.Convolution, 0) { Channels = 1 }, new(ForeignKind.Reshape, 1) { Sides = [1, 9, 7] }],
        ["reshape to a picture"] = [new(ForeignKind.Reshape, 0) { Sides = [1, 189] }, new(ForeignKind.Reshape, 1) { Sides = [1, 3, 9, 7] },
            new(ForeignKind.Convolution, 2) { Channels = 2 }],
        ["reshape to pixels"] = [new(ForeignKind.Reshape, 0) { Sides = [1, 9, 21, 1] },
            new(ForeignKind.Convolution, 1) { Height = 3, Width = 3, Channels = 2 }],
        ["join channels"] = [new(ForeignKind.Convolution, 0) { Channels = 2 }, new(ForeignKind.Concat, 0, 1, 0) { Number = 3 },
            new(ForeignKind.Convolution, 2) { Channels = 2 }],
        ["join rows"] = [new(ForeignKind.Concat, 0, 0) { Number = 1 }],
        ["join lists"] = [new(ForeignKind.Reshape, 0) { Sides = [1, 63, 3] }, new(ForeignKind.Reshape, 0) { Sides = [1, 63, 3] },
            new(ForeignKind.Concat, 1, 2) { Number = 1 }],
    };

    private static IEnumerable<object[]> Chains => s_chains.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Chains))]
    public void TensorFlowLiteAgreesWithThePlainImplementation(string name)
    {
        ForeignNetwork network = Network(name);
        foreach (ForeignWeights storage in network.Operations.Any(o => o.IsConvolution) ? Enum.GetValues<ForeignWeights>()
            : [ForeignWeights.Singles])
            Check(network, TfLiteFile.Read(TfLiteWriter.Write(network, storage), "test.tflite"), $"{name}, {storage}");
    }

    [TestMethod]
    [DynamicData(nameof(Chains))]
    public void TensorFlowJsAgreesWithThePlainImplementation(string name)
    {
        ForeignNetwork network = Network(name);
        foreach (bool half in (bool[])[false, true])
        {
            (System.Text.Json.Nodes.JsonObject json, byte[] weights) = TfJsWriter.Write(network, half);
            Check(network, TfJsModel.Read(TfJsWriter.Bytes(json), _ => weights, "test.json"), $"{name}, {(half ? "halves" : "singles")}");
        }
    }

    [TestMethod]
    public void TensorFlowLitesOwnPlaceForActivationsIsRead()
    {
        // TensorFlow.js has them only with convolutions.
        ForeignOperation[] chain =
        [
            new(ForeignKind.Add, 0, 0) { Activation = "Relu" },
            new(ForeignKind.MaxPool, 1) { Height = 2, Width = 2, StrideY = 1, StrideX = 1, Activation = "Relu6" },
            new(ForeignKind.Add, 2, 2), new(ForeignKind.Add, 3, 3) { Activation = "Relu6" },
        ];
        var network = new ForeignNetwork(s_picture, chain, chain.Length);
        Check(network, TfLiteFile.Read(TfLiteWriter.Write(network), "test.tflite"), "activations");
    }

    [TestMethod]
    public void UnusedLayersAreOmitted()
    {
        var network = new ForeignNetwork(s_picture, [new(ForeignKind.Convolution, 0) { Channels = 2 }, new(ForeignKind.Sigmoid, 0)], 2);
        (LayerGraph graph, int[] outputs) = TfLiteFile.Read(TfLiteWriter.Write(network), "test.tflite");
        LayerNetwork made = LayerNetwork.Build(graph, "test", "image", ("y", outputs[0]));
        Assert.IsEmpty(made.Weights.Names);
        Assert.IsFalse(made.Graph.Nodes.Any(n => n.Operator == "Conv"));
    }

    [TestMethod]
    public void WeightsBeyondHalfPrecisionAreReported()
    {
        var graph = new LayerGraph("test");
        int x = graph.AddInput("x", [1, 1, 1, 1]);
        int y = graph.Add(new ConvolutionLayer("c", x, new Kernel(1, 1, [0.1f], null), new Window(1, 1, 1, 1, false)));
        Assert.IsFalse(LayerNetwork.Build(graph, "test", "image", ("y", y)).FitsHalves);
        (LayerGraph halves, int[] outputs) =
            TfLiteFile.Read(TfLiteWriter.Write(Network("convolution 1 x 1 without biases"), ForeignWeights.Halves), "test.tflite");
        Assert.IsTrue(LayerNetwork.Build(halves, "test", "image", ("y", outputs[0])).FitsHalves);
    }

    private static ForeignNetwork Network(string name) =>
        new(s_picture, [.. s_chains[name].Select((o, i) => o with { Seed = i })], s_chains[name].Length);

    private static void Check(ForeignNetwork network, (LayerGraph Graph, int[] Outputs) read, string what)
    {
        float[] picture = network.Picture();
        PlainTensor expected = Ours(network.Compute(picture)[network.Outputs[0]]),
            input = Ours(new PlainTensor(network.Input, [.. picture]));
        LayerNetwork made = LayerNetwork.Build(read.Graph, "test", "image", ("y", read.Outputs.Single()));
        CollectionAssert.AreEqual(expected.Shape, made.Graph.Outputs[0].Shape, what);
        float[] actual = OnnxRun.Compute(made.Graph, made.Weights, [("image", Singles(input), Long(input.Shape))],
            [("y", Long(expected.Shape))])["y"];
        Fixture.AreClose(Singles(expected), actual, Tolerance, what);
        Assert.IsTrue(actual.Distinct().Count() > 3, "A result that is everywhere the same would hide a mistake.");
    }

    private static PlainTensor Ours(PlainTensor x) =>
        x.Shape is [_, var rows, var columns, var channels] ? PlainTensor.Make([1, channels, rows, columns], i => x[0, i[2], i[3], i[1]])
        : x;

    private static float[] Singles(PlainTensor x) => [.. x.Values.Select(v => (float)v)];

    private static long[] Long(int[] shape) => [.. shape.Select(s => (long)s)];
}
