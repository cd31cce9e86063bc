using System.Text.Json.Nodes;
using Lwg.MLNet.Networks.Imported;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>Tests that damaged, contradictory or unknown files are refused only with a sentence that names file and place.</summary>
[TestClass]
public sealed class HostileNetworkTests
{
    private static readonly ForeignNetwork s_small = new([1, 8, 8, 3],
    [
        new(ForeignKind.Convolution, 0) { Height = 3, Width = 3, Channels = 4, Same = true, Activation = "Relu6" },
        new(ForeignKind.Depthwise, 1) { Height = 3, Width = 3, Channels = 1, Same = true },
        new(ForeignKind.MaxPool, 2) { Height = 2, Width = 2, StrideY = 2, StrideX = 2 }, new(ForeignKind.Resize, 3) { Sides = [8, 8] },
        new(ForeignKind.Add, 4, 2), new(ForeignKind.Reshape, 5) { Sides = [1, 64, 4] },
        new(ForeignKind.Concat, 6, 6) { Number = 1 }, new(ForeignKind.Sigmoid, 7),
    ], 8);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ATensorFlowLiteFileThatIsChangedAnywhereIsReadOrRefused(bool sparse)
    {
        byte[] file = TfLiteWriter.Write(s_small, sparse ? ForeignWeights.SparseHalves : ForeignWeights.Singles);
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 4000; i++)
        {
            byte[] changed = [.. file];
            for (int n = 0; n < 1 + i % 3; n++)
            {
                int at = 8 + random.Next(changed.Length - 8);
                // Also integers: offsets and lengths that are large or negative.
                if (i % 2 == 0)
                    changed[at] = (byte)random.Next(256);
                else
                    BitConverter.TryWriteBytes(changed.AsSpan(Math.Min(at & ~3, changed.Length - 4)),
                        ((int[])[-1, int.MaxValue, int.MinValue, 0, 1 << 24, -4])[random.Next(6)]);
            }
            refused += IsRefused(() => TfLiteFile.Read(changed, "changed.tflite")) ? 1 : 0;
        }
        Assert.IsGreaterThan(400, refused);
    }

    [TestMethod]
    public void ATensorFlowLiteFileThatIsCutShortIsRefused()
    {
        byte[] file = TfLiteWriter.Write(s_small);
        // Tables are written from the end, so the first half contains the references to the rest.
        for (int length = 0; length < file.Length * 3 / 4; length += 7)
            Assert.IsTrue(IsRefused(() => TfLiteFile.Read(file[..length], "cut.tflite")), $"{length} of {file.Length} bytes");
    }

    [TestMethod]
    [DataRow("conv2d", 3, 4, 1, "dilated")]
    [DataRow("activation", 3, 3, 4, "its activation has the code 4")]
    [DataRow("padding", 3, 0, 2, "its padding has the code 2")]
    [DataRow("strides", 3, 1, 0, "strides")]
    [DataRow("resize", 23, 2, 1, "half pixel centres")]
    [DataRow("custom", 200, 0, 0, "its operator has the code 200; supported are Add (0)")]
    [DataRow("reduce", 40, 0, 0, "its operator has the code 40")]
    [DataRow("depth", 5, 0, 3, "squares of 3 x 3")]
    [DataRow("reshape", 22, 0, -5, "cannot become")]
    public void OptionsThatAreNotKnownAreNamed(string name, int code, int field, int value, string words)
    {
        var writer = new TfLiteWriter();
        int input = writer.Tensor("input", [1, 4, 4, 3]), output = writer.Tensor(name, [1, 4, 4, 3]);
        (int, object)[] options = code switch
        {
            3 => [(0, (byte)0), (1, 1), (2, 1), (3, (byte)0)],
            22 => [(0, new[] { 1, 7 })],
            _ => [],
        };
        if (code != 22)
            options = [.. options.Where(o => o.Item1 != field),
                (field, field is 0 or 3 && code == 3 || code == 23 ? (byte)value : field == 4 && code == 3 ? 2 : value)];
        int[] inputs = code switch
        {
            3 => [input, writer.Tensor("weights", [3, 1, 1, 3], data: TfLiteWriter.Bytes(new float[9]))],
            23 => [input, writer.Tensor("size", [2], TfLiteWriter.Int32, TfLiteWriter.Bytes([4, 4]))],
            _ => [input],
        };
        writer.Node(code, inputs, output, options);
        Refused(() => TfLiteFile.Read(writer.Finish([input], [output]), "test.tflite"), "test.tflite", words);
    }

    [TestMethod]
    public void LayersThatReadThemselvesOrNothingAreRefused()
    {
        var circle = new TfLiteWriter();
        int input = circle.Tensor("input", [1, 4, 4, 3]), first = circle.Tensor("first", [1, 4, 4, 3]),
            second = circle.Tensor("second", [1, 4, 4, 3]);
        circle.Node(0, [input, second], first);
        circle.Node(0, [input, first], second);
        Refused(() => TfLiteFile.Read(circle.Finish([input], [second]), "circle.tflite"), "second", "read before anything has made it");

        var twice = new TfLiteWriter();
        input = twice.Tensor("input", [1, 4, 4, 3]);
        first = twice.Tensor("first", [1, 4, 4, 3]);
        twice.Node(14, [input], first);
        twice.Node(14, [input], first);
        Refused(() => TfLiteFile.Read(twice.Finish([input], [first]), "twice.tflite"), "first", "made twice");

        var other = new TfLiteWriter();
        input = other.Tensor("input", [1, 4, 4, 3]);
        first = other.Tensor("first", [1, 2, 2, 3]);
        other.Node(14, [input], first);
        Refused(() => TfLiteFile.Read(other.Finish([input], [first]), "other.tflite"), "first",
            "declared as [1,2,2,3], but the layer makes [1,4,4,3]");

        Refused(() => TfLiteFile.Read(new TfLiteWriter().Finish([], [], version: 4), "four.tflite"), "version", "it is 4");
        Refused(() => TfLiteFile.Read(new byte[64], "none.tflite"), "none.tflite", "does not begin with TFL3");
    }

    [TestMethod]
    [DataRow(new[] { 0f, 1, 2 }, new[] { 3, 1, 1, 3 }, TfLiteWriter.Float32, "12 bytes; [3,1,1,3] of 4 bytes is declared")]
    [DataRow(new[] { 0f, 1, float.NaN, 1, 1, 1, 1, 1, 1 }, new[] { 3, 1, 1, 3 }, TfLiteWriter.Float32, "not finite")]
    [DataRow(new[] { 0f, 1 }, new[] { 1, 1, 1, 2 }, TfLiteWriter.Float32, "2 weights; 3 are needed")]
    [DataRow(new[] { 0f, 1 }, new[] { 1, 1, 1, 2 }, TfLiteWriter.Int32, "its type has the code 2")]
    [DataRow(new[] { 0f, 1 }, new[] { 40000, 1, 1, 2 }, TfLiteWriter.Float32, "its shape is [40000,1,1,2]")]
    [DataRow(new[] { 0f, 1 }, new[] { 30000, 30000, 30000, 30000 }, TfLiteWriter.Float32, "elements are allowed")]
    public void WeightsThatDoNotFitAreRefused(float[] values, int[] shape, byte type, string words)
    {
        var writer = new TfLiteWriter();
        int input = writer.Tensor("input", [1, 4, 4, 3]), output = writer.Tensor("output", [1, 4, 4, 3]);
        writer.Node(3, [input, writer.Tensor("weights", shape, type, TfLiteWriter.Bytes(values))], output, (1, 1), (2, 1));
        Refused(() => TfLiteFile.Read(writer.Finish([input], [output]), "test.tflite"), "test.tflite", words);
    }

    [TestMethod]
    public void SparseWeightsThatContradictThemselvesAreRefused()
    {
        Sparse("order of its dimensions", 3, w =>
            w.Sparsity([0, 1, 1, 3], [], (2, null, null), (1, null, null), (1, null, null), (3, null, null)));
        Sparse("belong to no dimension", 6, w =>
            w.Sparsity([0, 1, 2, 3, 4], [7], (2, null, null), (1, null, null), (1, null, null), (3, null, null), (1, null, null)));
        Sparse("more positions than its 5 values", 5, w =>
            w.Sparsity([0, 1, 2, 3], [], (2, null, null), (1, null, null), (1, null, null), (3, null, null)));
        Sparse("6 of its 7 values", 7, w =>
            w.Sparsity([0, 1, 2, 3], [], (2, null, null), (1, null, null), (1, null, null), (3, null, null)));
        Sparse("outside of dimension 3", 1, w =>
            w.Sparsity([0, 1, 2, 3], [], (2, null, null), (1, null, null), (1, null, null), (0, [0, 0, 1], [3])));
        Sparse("outside of its indices", 1, w =>
            w.Sparsity([0, 1, 2, 3], [], (2, null, null), (1, null, null), (1, null, null), (0, [0, 5, 1], [1])));
        Sparse("outside of its indices", 1, w =>
            w.Sparsity([0, 1, 2, 3], [], (2, null, null), (1, null, null), (1, null, null), (0, [0], [1])));
        Sparse("lists no indices", 1, w => w.Sparsity([0, 1, 2, 3], [], (2, null, null), (1, null, null), (1, null, null), (0, null, [1])));
        // Many rows without values must not take long.
        Sparse("more positions than its shape", 1, w =>
            w.Sparsity([0, 1, 2, 3], [], (1000, null, null), (0, new int[1001], []), (1, null, null), (1, null, null)));

        static void Sparse(string words, int numbers, Func<TfLiteWriter, int> table)
        {
            var writer = new TfLiteWriter();
            int input = writer.Tensor("input", [1, 4, 4, 3]), output = writer.Tensor("output", [1, 4, 4, 2]);
            int sparse = writer.Tensor("sparse", [2, 1, 1, 3], data: TfLiteWriter.Bytes(new float[numbers]), sparsity: table(writer)),
                dense = writer.Tensor("dense", [2, 1, 1, 3]);
            writer.Node(124, [sparse], dense);
            writer.Node(3, [input, dense], output, (1, 1), (2, 1));
            Refused(() => TfLiteFile.Read(writer.Finish([input], [output]), "test.tflite"), "sparse", words);
        }
    }

    [TestMethod]
    public void LayersHaveLimits()
    {
        var graph = new LayerGraph("test");
        int x = graph.AddInput("x", [1, 4, 4, 1]);
        Refused(() => graph.Add(new ResizeLayer("large", x, 30000, 30000)), "large", "at most 16777216 elements");
        Refused(() => graph.Add(new PadLayer("long", x, [0, 0, 0, 0], [0, 40000, 0, 0])), "long", "padding");
        Refused(() => graph.Add(new ReshapeLayer("torn", x, [1, -1, -1])), "torn", "asks for the shape");
        Refused(() => graph.Add(new ReshapeLayer("batch", x, [2, 8])), "batch", "of which the first is 1");
        Refused(() => graph.Add(new ConcatLayer("batches", [x, x], 0)), "batches", "along dimension 0");
        Refused(() => graph.Add(new SliceLayer("none", x, 1, 2)), "none", "takes 1 to 2 of 1");
        Refused(() => graph.Add(new AddLayer("ahead", x, 5)), "ahead", "no previous layer outputs");
        Refused(() => graph.Add(new MaxPoolLayer("wide", x, new Window(5, 1, 1, 1, false))), "wide", "larger than the picture");

        int big = graph.Add(new ResizeLayer("big", x, 4096, 4096));
        var kernel = new Kernel(1, 1, new float[64 * 64], null);
        Refused(() =>
        {
            for (int i = 0; i < 10; i++)
                big = graph.Add(new ConvolutionLayer("work", big, kernel, new Window(64, 64, 1, 1, true)));
        }, "work", "multiplications");
        Refused(() =>
        {
            for (int i = 0; i < 6000; i++)
                x = graph.Add(new SigmoidLayer("many", x));
        }, "many", "at most 5000");
    }

    [TestMethod]
    [DataRow("JSON", "not a graph model")]
    [DataRow("deep", "not a graph model")]
    [DataRow("format", "'layers-model'; 'graph-model' is supported")]
    [DataRow("operator", "its operator is 'Exp'")]
    [DataRow("circle", "reads its own output through other nodes")]
    [DataRow("missing", "'nothing', which is missing")]
    [DataRow("twice", "it is defined twice")]
    [DataRow("layout", "its layout is 'NCHW'")]
    [DataRow("padding", "its padding is 'EXPLICIT'")]
    [DataRow("fused", "it is fused with BiasAdd, Elu")]
    [DataRow("dilation", "a dilation of 1")]
    [DataRow("short", "are not in the weights' file")]
    [DataRow("long", "bytes; ")]
    [DataRow("bytes", "stored as uint8 of float32")]
    [DataRow("negative", "its shape is [-3,3,3,4]")]
    [DataRow("shards", "in 2 files")]
    public void TensorFlowJsFilesThatAreNotAsTheyShouldBeAreRefused(string what, string words)
    {
        (JsonObject json, byte[] weights) = TfJsWriter.Write(s_small);
        JsonArray nodes = json["modelTopology"]!["node"]!.AsArray();
        JsonObject convolution = nodes.First(n => (string?)n!["name"] == "t1")!.AsObject();
        JsonArray stored = json["weightsManifest"]![0]!["weights"]!.AsArray();
        byte[]? bytes = null;
        switch (what)
        {
            case "JSON":
                bytes = "{\"format\": "u8.ToArray();
                break;
            case "deep":
                bytes = [.. Enumerable.Repeat((byte)'[', 100_000)];
                break;
            case "format":
                json["format"] = "layers-model";
                break;
            case "operator":
                convolution["op"] = "Exp";
                convolution["input"] = new JsonArray("t0");
                break;
            case "circle":
                convolution["input"]!.AsArray()[0] = "t4";
                break;
            case "missing":
                convolution["input"]!.AsArray()[0] = "nothing";
                break;
            case "twice":
                nodes.Add(convolution.DeepClone());
                break;
            case "layout":
                convolution["attr"]!["data_format"]!["s"] = "TkNIVw==";
                break;
            case "padding":
                convolution["attr"]!["padding"]!["s"] = "RVhQTElDSVQ=";
                break;
            case "fused":
                convolution["attr"]!["fused_ops"]!["list"]!["s"]!.AsArray()[1] = "RWx1";
                break;
            case "dilation":
                convolution["attr"]!["dilations"]!["list"]!["i"]!.AsArray()[1] = "2";
                break;
            case "short":
                weights = weights[..^4];
                break;
            case "long":
                weights = [.. weights, 0];
                break;
            case "bytes":
                stored[0]!["quantization"] = new JsonObject { ["dtype"] = "uint8" };
                break;
            case "negative":
                stored[0]!["shape"]!.AsArray()[0] = -3;
                break;
            default:
                json["weightsManifest"]![0]!["paths"]!.AsArray().Add("more.bin");
                break;
        }
        Refused(() => TfJsModel.Read(bytes ?? TfJsWriter.Bytes(json), _ => weights, "test.json"), "test.json", words);
    }

    [TestMethod]
    public void ATensorFlowJsFileThatIsChangedAnywhereIsReadOrRefused()
    {
        (JsonObject json, byte[] weights) = TfJsWriter.Write(s_small, half: true);
        byte[] file = TfJsWriter.Bytes(json);
        var random = new Random(9);
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] changed = [.. file];
            changed[random.Next(changed.Length)] = (byte)"0123456789-\"[]{}:,tnx"[random.Next(21)];
            refused += IsRefused(() => TfJsModel.Read(changed, _ => weights, "changed.json")) ? 1 : 0;
        }
        Assert.IsGreaterThan(400, refused);
    }

    private static void Refused(Action read, params string[] words)
    {
        string message = Assert.ThrowsExactly<ModelFileException>(read).Message;
        foreach (string word in words)
            Assert.Contains(word, message);
    }

    // Any exception other than the documented one fails the test.
    private static bool IsRefused(Action read)
    {
        try
        {
            read();
            return false;
        }
        catch (ModelFileException)
        {
            return true;
        }
    }
}
