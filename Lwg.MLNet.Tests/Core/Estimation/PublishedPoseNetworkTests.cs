using System.Runtime.InteropServices;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using static Lwg.MLNet.Tests.Networks.OnnxBytes;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Tests stand-ins with the inputs and outputs of common pose networks and constant results.</summary>
[TestClass]
public class PublishedPoseNetworkTests
{
    private const int Side = 64, HalfType = 10, Int32Type = 6, TextType = 8;

    // A person in pixels of the input.
    private static readonly float[] s_x = [.. Enumerable.Range(0, 17).Select(k => 20f + k)],
        s_y = [.. Enumerable.Range(0, 17).Select(k => 10f + 2 * k)];

    [TestMethod]
    [DataRow(133)]
    [DataRow(26)]
    [DataRow(17)]
    public void BinsAndMapsOfMorePointsAreReadForTheFirst17(int count)
    {
        float[] columns = new float[count * 2 * Side], rows = new float[count * 2 * Side], maps = new float[count * 16 * 16];
        for (int k = 0; k < count; k++)
        {
            (float x, float y) = k < 17 ? (s_x[k], s_y[k]) : (1, 1);
            columns[k * 2 * Side + (int)(2 * x)] = rows[k * 2 * Side + (int)(2 * y)] = 0.9f;
            maps[k * 256 + (int)(y / 4) * 16 + (int)(x / 4)] = 0.9f;
        }
        IsThere(Network(FloatType, [-1, 3, Side, Side], ("simcc_x", [1, count, 2 * Side], columns),
            ("simcc_y", [1, count, 2 * Side], rows)), PoseFamily.SimCC, 0.9f, 0.9f, tolerance: 0.6f);
        IsThere(Network(FloatType, [1, 3, Side, Side], ("output", [1, count, 16, 16], maps)), PoseFamily.HeatMaps, 0.9f, 0.9f,
            tolerance: 4.6f);
    }

    [TestMethod]
    public void YoloWithSuppressionInsideHasTheClassBeforeTheKeypoints()
    {
        // Box, score, class, key points; entries of another class, or empty ones, are ignored.
        float[] people = [.. Person(0.95f, 1, 9), .. Person(0.8f, 0, 0), .. Person(0.5f, 0, 5), .. new float[57]];
        IsThere(Network(FloatType, [1, 3, Side, Side], ("output0", [1, 4, 57], people)), PoseFamily.Yolo, 0.8f, 0.9f);
    }

    [TestMethod]
    public void TheSeventhYoloMultipliesTwoScores()
    {
        float[] people = [.. Person(0.9f, 0.3f, 9), .. Person(0.8f, 0.75f, 0), .. Person(0.5f, 0.9f, 5)];
        IsThere(Network(FloatType, [1, 3, Side, Side], ("output", [1, 3, 57], people)), PoseFamily.Yolo, 0.6f, 0.9f);
    }

    [TestMethod]
    public void RtmoHasBoxesApartAndReadsPlainBytes()
    {
        float[] boxes = [0, 0, 9, 9, 0.3f, 0, 0, 9, 9, 0.85f], points = [.. Points(7), .. Points(0)];
        IsThere(Network(FloatType, [-1, 3, Side, Side], ("dets", [1, 2, 5], boxes), ("keypoints", [1, 2, 17, 3], points)), PoseFamily.Rtmo,
            0.85f, 0.9f);
    }

    [TestMethod]
    [DataRow(Int32Type, false)]
    [DataRow(ByteType, false)]
    [DataRow(Int32Type, true)]
    [DataRow(FloatType, true)]
    public void MoveNetTellsSharesWithTheRowFirst(int type, bool open)
    {
        float[] one = [.. Enumerable.Range(0, 17).SelectMany(k => new[] { s_y[k] / Side, s_x[k] / Side, 0.9f })];
        long[] input = open ? [1, -1, -1, 3] : [1, Side, Side, 3];
        KeypointDetectorOptions? options = open ? new() { InputWidth = Side, InputHeight = Side } : null;
        IsThere(Network(type, input, ("output_0", [1, 1, 17, 3], one)), PoseFamily.MoveNet, 0.9f, 0.9f, options);
        float[] several = new float[6 * 56];
        one.CopyTo(several, 2 * 56);
        (several[55], several[2 * 56 + 55]) = (0.4f, 0.7f);
        IsThere(Network(type, input, ("output_0", [1, 6, 56], several)), PoseFamily.MoveNet, 0.7f, 0.9f, options);
    }

    [TestMethod]
    [DataRow(HalfType, false)]
    [DataRow(ByteType, false)]
    [DataRow(ByteType, true)]
    [DataRow(FloatType, true)]
    public void InputsOfOtherNumbersAndLayoutsGetThePicture(int type, bool last)
    {
        // The score is half of the picture's mean: a picture of 51 has 51 as bytes, and 0.2 as YOLO's floats.
        float[] people = [.. Enumerable.Repeat(0f, 4), 0, .. Points(0)];
        byte[] onnx = Network(type, last ? [1, Side, Side, 3]
            : [1, 3, Side, Side], 0.5f / (type == ByteType ? 255 : 1), 4, ("output0", [1, 56, 1], people));
        using var detector = new KeypointDetector(KeypointDetector.PackageOf(onnx, "none", "tiny.onnx"),
            new KeypointDetectorOptions { MinimumScore = 0 });
        using KeypointDetection detection = detector.CreateWorker();
        var picture = new PixelBuffer(Side, Side);
        picture.Data.Fill(51);
        Assert.AreEqual(0.1f, detection.Detect(picture, [], new float[51]), 1e-4f);
    }

    [TestMethod]
    public void AnUnsupportedInputTypeIsRefusedByNameOnOpening()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("odd.onnx",
            Model(Node("Identity", ["input"], ["out"]), Input("input", TextType, 1, 3, Side, Side),
            Output("out", TextType, 1, 3, Side, Side)));
        string message = Assert.ThrowsExactly<ModelFileException>(() => KeypointDetector.Load(path)).Message;
        StringAssert.Contains(message, path);
        StringAssert.Contains(message, "'input' is of String");
        path = folder.Write("four.onnx", Network(FloatType, [4, 3, Side, Side], ("output0", [4, 56, 1], new float[4 * 56])));
        message = Assert.ThrowsExactly<ModelFileException>(() => KeypointDetector.Load(path)).Message;
        StringAssert.Contains(message, path);
        Assert.DoesNotContain("in memory", message);
    }

    private static float[] Points(float shift) => [.. Enumerable.Range(0, 17).SelectMany(k => new[] { s_x[k] + shift, s_y[k], 0.9f })];

    private static float[] Person(float score, float sixth, float shift) => [1, 2, 3, 4, score, sixth, .. Points(shift)];

    private static void IsThere(byte[] onnx, PoseFamily family, float score, float confidence, KeypointDetectorOptions? options = null,
        float tolerance = 1e-3f)
    {
        using var detector = new KeypointDetector(KeypointDetector.PackageOf(onnx, "none", "tiny.onnx"), options);
        Assert.AreEqual((family, Side, Side), (detector.Family, detector.InputWidth, detector.InputHeight));
        using KeypointDetection detection = detector.CreateWorker();
        float[] keypoints = new float[51];
        Assert.AreEqual(score, detection.Detect(new PixelBuffer(Side, Side), [], keypoints), 1e-4f);
        for (int k = 0; k < 17; k++)
        {
            Assert.AreEqual(s_x[k], keypoints[3 * k], tolerance, $"x of {k}");
            Assert.AreEqual(s_y[k], keypoints[3 * k + 1], tolerance, $"y of {k}");
            Assert.AreEqual(confidence, keypoints[3 * k + 2], 1e-5f, $"confidence of {k}");
        }
    }

    private static byte[] Network(int type, long[] input, params (string Name, long[] Shape, float[] Values)[] outputs) =>
        Network(type, input, 0, -1, outputs);

    // Creates a network that returns constants, plus a share of the input's mean on all values, or on one.
    private static byte[] Network(int type, long[] input, float share, int at, params (string Name, long[] Shape, float[] Values)[] outputs)
    {
        var graph = new List<byte[]>
        {
            Node("Cast", ["input"], ["floats"], Whole("to", FloatType)), Node("ReduceMean", ["floats"], ["mean"], Whole("keepdims", 0)),
            Input("input", type, input),
        };
        foreach ((string name, long[] shape, float[] values) in outputs)
        {
            float[] shares = new float[values.Length];
            if (at >= 0)
                shares[at] = share;
            graph.Add(Initializer(Content(name + "_values", FloatType, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray())));
            graph.Add(Initializer(Content(name + "_shares", FloatType, shape, MemoryMarshal.AsBytes(shares.AsSpan()).ToArray())));
            graph.Add(Node("Mul", ["mean", name + "_shares"], [name + "_part"]));
            graph.Add(Node("Add", [name + "_values", name + "_part"], [name]));
            graph.Add(Output(name, FloatType, shape));
        }
        return Model([.. graph]);
    }
}
