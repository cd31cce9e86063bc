using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Tests that pose networks of every family find painted spots, with letterbox, boxes and strides.</summary>
[TestClass]
public sealed class KeypointDetectorTests
{
    private const int W = 96, H = 128;

    // The spots of the colours in a picture of 320 x 150.
    private static readonly (float X, float Y) s_red = (101.5f, 62), s_green = (233, 91.5f);

    private static PixelBuffer Picture =>
        PoseNetworks.Spots(320, 150, deviation: 14, (s_red.X, s_red.Y, 0, 1), (s_green.X, s_green.Y, 1, 0.8f));

    [TestMethod]
    [DataRow(InputFit.Letterbox, PeakRefinement.QuarterShift)]
    [DataRow(InputFit.Letterbox, PeakRefinement.Parabola)]
    [DataRow(InputFit.Stretch, PeakRefinement.Parabola)]
    public void HeatMaps(InputFit fit, PeakRefinement refinement)
    {
        using KeypointDetector detector = Open(PoseNetworks.HeatMaps(W, H), PoseNetworks.Plain with { Fit = fit, Refinement = refinement });
        Assert.AreEqual((PoseFamily.HeatMaps, W, H), (detector.Family, detector.InputWidth, detector.InputHeight));
        // A cell is 4 pixels of the input, 13 of the picture. The error is up to a quarter of a cell with the quarter shift, and a
        // twentieth with the parabola for a spot one cell wide.
        float cell = PoseNetworks.Stride * 320f / W;
        AreAtTheSpots(detector, Picture, [], cell * (refinement == PeakRefinement.QuarterShift ? 0.3f : 0.08f));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void SimCC(bool rowsFirst)
    {
        using KeypointDetector detector = Open(PoseNetworks.SimCC(W, H, rowsFirst), PoseNetworks.Plain);
        Assert.AreEqual(PoseFamily.SimCC, detector.Family);
        // A bin is half a pixel of the input, and a pixel 3.3 of the picture.
        AreAtTheSpots(detector, Picture, [], 2.5f);
    }

    [TestMethod]
    public void SquareInputsHaveTheirColumnsFirst()
    {
        using KeypointDetector detector = Open(PoseNetworks.SimCC(96, 96), PoseNetworks.Plain);
        AreAtTheSpots(detector, Picture, [], 2.5f);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void YoloTakesTheBestPersonOutOfTheLetterbox(bool transposed)
    {
        float[] Person(float x, float y) => [.. Enumerable.Range(0, 17).SelectMany(k => new[] { x + k, y - k, k / 16f })];
        using KeypointDetector detector =
            Open(PoseNetworks.Yolo(64, transposed, (0.3f, Person(5, 30)), (0.9f, Person(30, 32)), (0.7f, Person(40, 40))));
        Assert.AreEqual(PoseFamily.Yolo, detector.Family);
        using KeypointDetection detection = detector.CreateWorker();
        float[] keypoints = new float[51];
        Assert.AreEqual(0.9f, detection.Detect(Picture, [], keypoints));
        // 320 x 150 becomes 64 x 30 with 17 rows above.
        for (int k = 0; k < 17; k++)
        {
            Assert.AreEqual(5 * (30 + k), keypoints[3 * k], 1e-3f, $"x of {k}");
            Assert.AreEqual(5 * (32 - k - 17), keypoints[3 * k + 1], 1e-3f, $"y of {k}");
            // y = -5 is just above the picture, and allowed; positions farther outside are not.
            Assert.AreEqual(5 * (32 - k - 17) < -32 ? 0 : k / 16f, keypoints[3 * k + 2], 1e-6f, $"confidence of {k}");
        }
    }

    [TestMethod]
    public void TheBoxSelectsThePerson()
    {
        // A brighter red spot elsewhere.
        PixelBuffer picture = PoseNetworks.Spots(320, 150, 14, (s_red.X, s_red.Y, 0, 0.7f), (s_green.X, s_green.Y, 1, 0.8f),
            (30, 120, 0, 1));
        using KeypointDetector detector =
            Open(PoseNetworks.HeatMaps(W, H), PoseNetworks.Plain with { Refinement = PeakRefinement.Parabola });
        using KeypointDetection detection = detector.CreateWorker();
        float[] keypoints = new float[51];
        detection.Detect(picture, [], keypoints);
        Assert.IsLessThan(40f, keypoints[0], "The whole picture's brightest red is the other one.");
        AreAtTheSpots(detector, picture, [70, 260, 30, 120], 1);
        Assert.ThrowsExactly<ArgumentException>(() => detection.Detect(picture, [50, 50, 30, 120], keypoints));
    }

    [TestMethod]
    public void GridsOfBothKindsAreRead()
    {
        // A peak in cell (10, 20) of 24 x 32 cells.
        float[] maps = new float[17 * 24 * 32], keypoints = new float[51];
        for (int k = 0; k < 17; k++)
            maps[k * 24 * 32 + 20 * 24 + 10] = 0.5f;
        Assert.AreEqual(0.5f, PoseOutputs.FromHeatMaps(maps, 24, 32, W, H, PeakRefinement.QuarterShift, HeatMapGrid.Strides, keypoints));
        Assert.AreEqual((40.5f, 80.5f, 0.5f), (keypoints[0], keypoints[1], keypoints[2]));
        PoseOutputs.FromHeatMaps(maps, 24, 32, W, H, PeakRefinement.QuarterShift, HeatMapGrid.Corners, keypoints);
        Assert.AreEqual(10 * 95f / 23 + 0.5f, keypoints[3], 1e-4f);
        Assert.AreEqual(20 * 127f / 31 + 0.5f, keypoints[4], 1e-4f);

        maps[20 * 24 + 11] = 0.3f;
        maps[19 * 24 + 10] = 0.25f;
        PoseOutputs.FromHeatMaps(maps, 24, 32, W, H, PeakRefinement.QuarterShift, HeatMapGrid.Strides, keypoints);
        Assert.AreEqual((41.5f, 79.5f), (keypoints[0], keypoints[1]), "A quarter of a cell is a pixel here.");
        PoseOutputs.FromHeatMaps(maps, 24, 32, W, H, PeakRefinement.Parabola, HeatMapGrid.Strides, keypoints);
        Assert.AreEqual(40.5f + 4 * 0.5f * 0.3f / 0.7f, keypoints[0], 1e-4f);
        Assert.AreEqual(80.5f - 4 * 0.5f * 0.25f / 0.75f, keypoints[1], 1e-4f);

        float[] bins = new float[17 * 50];
        bins[7] = 3;
        PoseOutputs.FromBins(bins, bins, 17, 25, 50, keypoints);
        Assert.AreEqual((4f, 7.5f, 1f), (keypoints[0], keypoints[1], keypoints[2]), "Bins that are no probabilities are limited.");
        bins.AsSpan().Fill(float.NaN);
        Assert.AreEqual(0f, PoseOutputs.FromBins(bins, bins, 17, 25, 50, keypoints), "What is no number is no confidence.");
    }

    [TestMethod]
    [DataRow(ChannelOrder.Rgb)]
    [DataRow(ChannelOrder.Bgr)]
    public void ColoursAreNormalisedAsImageNetsByDefault(ChannelOrder order)
    {
        var picture = new PixelBuffer(64, 64);
        for (int i = 0; i < 64 * 64; i++)
            (picture.Data[3 * i], picture.Data[3 * i + 1], picture.Data[3 * i + 2]) = (200, 100, 50);
        using KeypointDetector detector = Open(PoseNetworks.Channels(32), new KeypointDetectorOptions { Order = order });
        using KeypointDetection detection = detector.CreateWorker();
        float[] keypoints = new float[51];
        detection.Detect(picture, [], keypoints);
        float[] normal = [(200 - 123.675f) / 58.395f, (100 - 116.28f) / 57.12f, (50 - 103.53f) / 57.375f];
        for (int k = 0; k < 3; k++)
            Assert.AreEqual(0.5f + 0.1f * normal[order == ChannelOrder.Rgb ? k : 2 - k], keypoints[3 * k + 2], 1e-5f, $"channel {k}");
    }

    [TestMethod]
    public void BeyondThePictureIsPadding()
    {
        // A dark picture 32 x 8 in an input of 32 x 32: the maximum is in the bright padding, outside the picture, so there is no person.
        using KeypointDetector detector = Open(PoseNetworks.Channels(32), PoseNetworks.Plain with { Padding = 200 });
        using KeypointDetection detection = detector.CreateWorker();
        float[] keypoints = new float[51];
        StringAssert.Contains(Assert.ThrowsExactly<KeypointInputException>(() =>
            detection.Detect(new PixelBuffer(32, 8), [], keypoints)).Message, "No person");
    }

    [TestMethod]
    public void OpenSidesRequireASize()
    {
        byte[] onnx = PoseNetworks.HeatMaps(W, H, openSides: true);
        StringAssert.Contains(Refused(onnx), "InputWidth");
        using KeypointDetector detector =
            Open(onnx, PoseNetworks.Plain with { InputWidth = W, InputHeight = H, Refinement = PeakRefinement.Parabola });
        AreAtTheSpots(detector, Picture, [], 1.1f);
        StringAssert.Contains(Refused(PoseNetworks.HeatMaps(W, H), new KeypointDetectorOptions { InputWidth = 64 }),
            "96 pixels, but 64 were asked for");
    }

    [TestMethod]
    public void BlueFirst()
    {
        using KeypointDetector detector =
            Open(PoseNetworks.HeatMaps(W, H, blueFirst: true),
            PoseNetworks.Plain with { Order = ChannelOrder.Bgr, Refinement = PeakRefinement.Parabola });
        AreAtTheSpots(detector, Picture, [], 1.1f);
    }

    [TestMethod]
    public void OtherNetworksAreRefused()
    {
        StringAssert.Contains(Refused(PoseNetworks.HeatMaps(W, H, keypoints: 16)), "'output' [1,16,32,24]");
        StringAssert.Contains(Refused(PoseNetworks.HeatMaps(W, H), new KeypointDetectorOptions { Family = PoseFamily.Yolo }),
            "Yolo was asked for");
        StringAssert.Contains(Refused("no network"u8.ToArray()), "not a network that can be run");
        StringAssert.Contains(Refused(OnnxRun.File(PatchDiscriminator.Build(4), FormulaWeights.For(PatchDiscriminator.Build(4)))),
            "a picture [1,3,H,W] or [1,H,W,3] is needed");
        Assert.ThrowsExactly<ModelFileException>(() => KeypointDetector.Load("nowhere.onnx"));
        Assert.ThrowsExactly<ModelFileException>(() => new KeypointDetector(TinyEstimator.Package()));
        byte[] good = PoseNetworks.HeatMaps(W, H);
        foreach (KeypointDetectorOptions bad in (KeypointDetectorOptions[])[new() { Mean = [1, 2] }, new() { Deviation = [1, 0, 1] },
            new() { MinimumScore = 2 }, new() { Padding = 300 }, new() { BoxMargin = float.NaN }, new() { InputWidth = 7 },
            new() { Fit = (InputFit)9 }])
            Assert.Throws<ArgumentException>(() => Open(good, bad), bad.ToString());
    }

    [TestMethod]
    public void NoKeypointsMeanNoPerson()
    {
        using KeypointDetector detector = Open(PoseNetworks.HeatMaps(W, H), PoseNetworks.Plain);
        using KeypointDetection detection = detector.CreateWorker();
        Assert.ThrowsExactly<KeypointInputException>(() => detection.Detect(new PixelBuffer(320, 150), [], new float[51]));
        // The green spot is fainter: with the option it is absent.
        using KeypointDetector strict = Open(PoseNetworks.HeatMaps(W, H), PoseNetworks.Plain with { MinimumConfidence = 0.7f });
        using KeypointDetection strictDetection = strict.CreateWorker();
        float[] keypoints = new float[51];
        strictDetection.Detect(Picture, [], keypoints);
        Assert.IsGreaterThan(0.7f, keypoints[2]);
        Assert.AreEqual(0f, keypoints[5]);
    }

    private static void AreAtTheSpots(KeypointDetector detector, PixelBuffer picture, float[] box, float tolerance)
    {
        using KeypointDetection detection = detector.CreateWorker();
        float[] keypoints = new float[51];
        float score = detection.Detect(picture, box, keypoints);
        Assert.IsTrue(score is > 0.4f and <= 1, $"score {score}");
        for (int k = 0; k < 17; k++)
        {
            (float x, float y) = k % 2 == 0 ? s_red : s_green;
            double distance = Math.Sqrt(Math.Pow(keypoints[3 * k] - x, 2) + Math.Pow(keypoints[3 * k + 1] - y, 2));
            Assert.IsLessThan(tolerance * Math.Sqrt(2), distance,
                $"key point {k} at ({keypoints[3 * k]}, {keypoints[3 * k + 1]}), not ({x}, {y})");
        }
    }

    private static KeypointDetector Open(byte[] onnx, KeypointDetectorOptions? options = null) =>
        new(KeypointDetector.PackageOf(onnx, "none", "tiny.onnx"), options);

    private static string Refused(byte[] onnx, KeypointDetectorOptions? options = null) =>
        Assert.ThrowsExactly<ModelFileException>(() => Open(onnx, options)).Message;
}
