using System.Text;
using System.Text.Json.Nodes;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>Writes TensorFlow.js graph models.</summary>
internal sealed class TfJsWriter(bool half)
{
    private readonly JsonArray _nodes = [], _weights = [];
    private readonly List<byte> _bytes = [];

    /// <summary>Writes a network: its JSON, which can be changed before use, and its weights.</summary>
    public static (JsonObject Json, byte[] Weights) Write(ForeignNetwork network, bool half = false)
    {
        var writer = new TfJsWriter(half);
        List<PlainTensor> made = network.Compute(network.Picture());
        writer._nodes.Add(new JsonObject { ["name"] = "t0", ["op"] = "Placeholder",
            ["attr"] = new JsonObject { ["shape"] = new JsonObject { ["shape"] = Shape(network.Input) } } });
        for (int i = 0; i < network.Operations.Length; i++)
            writer.Add(network.Operations[i], $"t{i + 1}", made[network.Operations[i].Inputs[0]].Shape);
        var outputs = new JsonObject();
        foreach (int output in network.Outputs)
        {
            writer.Node("Identity", $"Identity_{output}", [$"t{output}"]);
            outputs[$"out{output}"] = new JsonObject { ["name"] = $"Identity_{output}:0" };
        }
        // In other files the nodes are in any order.
        JsonNode[] nodes = [.. writer._nodes.Select(n => n!.DeepClone())];
        Array.Reverse(nodes);
        return (new JsonObject
        {
            ["format"] = "graph-model",
            ["signature"] = new JsonObject { ["outputs"] = outputs },
            ["modelTopology"] = new JsonObject { ["node"] = new JsonArray(nodes) },
            ["weightsManifest"] = new JsonArray(new JsonObject { ["paths"] = new JsonArray("weights.bin"), ["weights"] = writer._weights }),
        }, [.. writer._bytes]);
    }

    public static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    private void Add(ForeignOperation o, string name, int[] from)
    {
        string[] read = [.. o.Inputs.Select(i => $"t{i}")];
        JsonObject window = new()
        {
            ["strides"] = List(1, o.StrideY, o.StrideX, 1),
            ["dilations"] = List(1, 1, 1, 1),
            ["padding"] = Text(o.Same ? "SAME" : "VALID"),
            ["data_format"] = Text("NHWC"),
        };
        switch (o.Kind)
        {
            case ForeignKind.Convolution or ForeignKind.Depthwise:
                List<string> inputs = [read[0], Floats(name + "/weights", [o.Height, o.Width, from[3], o.Channels], o.Weights(from[3]))];
                if (o.Biased)
                {
                    float[] bias = o.Bias(from[3]);
                    inputs.Add(Floats(name + "/bias", [bias.Length], bias));
                    string[] fused = o.Activation == "None" ? ["BiasAdd"] : ["BiasAdd", o.Activation];
                    window["fused_ops"] = new JsonObject { ["list"] =
                        new JsonObject { ["s"] = new JsonArray(
                        [.. fused.Select(f => JsonValue.Create(Convert.ToBase64String(Encoding.UTF8.GetBytes(f))))]) } };
                }
                Node((o.Kind, o.Biased) switch
                {
                    (ForeignKind.Convolution, true) => "_FusedConv2D",
                    (ForeignKind.Convolution, false) => "Conv2D",
                    (_, true) => "FusedDepthwiseConv2dNative",
                    _ => "DepthwiseConv2dNative",
                }, name, [.. inputs], window);
                break;
            case ForeignKind.MaxPool:
                window["ksize"] = List(1, o.Height, o.Width, 1);
                Node("MaxPool", name, read, window);
                break;
            case ForeignKind.Pad:
                Node("Pad", name, [read[0], Integers(name + "/paddings", [4, 2],
                    [.. Enumerable.Range(0, 8).Select(i => o.Sides[i / 2 + 4 * (i % 2)])])]);
                break;
            case ForeignKind.Resize:
                Node("ResizeBilinear", name, [read[0], Integers(name + "/size", [2], o.Sides)],
                    new JsonObject { ["half_pixel_centers"] = new JsonObject { ["b"] = true },
                    ["align_corners"] = new JsonObject { ["b"] = false } });
                break;
            case ForeignKind.Reshape:
                Reshape(o, name, read[0]);
                break;
            case ForeignKind.Concat:
                Node("ConcatV2", name, [.. read, Integers(name + "/axis", [], [o.Number])]);
                break;
            case ForeignKind.DepthToSpace:
                Node("DepthToSpace", name, read, new JsonObject { ["block_size"] = new JsonObject { ["i"] = $"{o.Number}" } });
                break;
            default:
                Node(o.Kind == ForeignKind.Add ? "AddV2" : o.Kind.ToString(), name, read);
                break;
        }
    }

    // Keras computes the first side from the input's batch: the first element of its shape, packed with the other sides.
    private void Reshape(ForeignOperation o, string name, string read)
    {
        Node("Shape", name + "/Shape", [read]);
        JsonObject masks = [];
        foreach (string mask in (string[])["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"])
            masks[mask] = new JsonObject { ["i"] = mask == "shrink_axis_mask" ? "1" : "0" };
        Node("StridedSlice", name + "/slice",
            [name + "/Shape", Integers(name + "/begin", [1], [0]), Integers(name + "/end", [1], [1]), Integers(name + "/step", [1], [1])],
                masks);
        string[] sides = [.. o.Sides[1..].Select((s, i) => Integers($"{name}/side{i}", [], [s]))];
        Node("Pack", name + "/pack", [name + "/slice", .. sides], new JsonObject { ["axis"] = new JsonObject { ["i"] = "0" } });
        Node("Reshape", name, [read, name + "/pack"]);
    }

    private void Node(string op, string name, string[] inputs, JsonObject? attributes = null) =>
        _nodes.Add(new JsonObject { ["name"] = name, ["op"] = op, ["input"] = new JsonArray([.. inputs.Select(i => JsonValue.Create(i))]),
        ["attr"] = attributes ?? [] });

    private string Floats(string name, int[] shape, float[] values)
    {
        var weight = new JsonObject { ["name"] = name, ["shape"] = Numbers(shape), ["dtype"] = "float32" };
        if (half)
            weight["quantization"] = new JsonObject { ["dtype"] = "float16", ["original_dtype"] = "float32" };
        return Weight(weight, TfLiteWriter.Bytes(values, half));
    }

    private string Integers(string name, int[] shape, int[] values) =>
        Weight(new JsonObject { ["name"] = name, ["shape"] = Numbers(shape), ["dtype"] = "int32" }, TfLiteWriter.Bytes(values));

    private string Weight(JsonObject weight, byte[] bytes)
    {
        _weights.Add(weight);
        _bytes.AddRange(bytes);
        string name = (string)weight["name"]!;
        _nodes.Add(new JsonObject { ["name"] = name, ["op"] = "Const", ["attr"] = new JsonObject() });
        return name;
    }

    private static JsonArray Numbers(int[] values) => new([.. values.Select(v => JsonValue.Create(v))]);

    private static JsonObject List(params int[] values) =>
        new() { ["list"] = new JsonObject { ["i"] = new JsonArray([.. values.Select(v => JsonValue.Create($"{v}"))]) } };

    private static JsonObject Text(string text) => new() { ["s"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) };

    // The batch size is open.
    private static JsonObject Shape(int[] shape) =>
        new() { ["dim"] = new JsonArray([.. shape.Select((s, i) => new JsonObject { ["size"] = $"{(i == 0 ? -1 : s)}" })]) };
}
