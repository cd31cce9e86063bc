using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests the stage DetectKeypoints: the estimator check, the chain to a fitted body, rows without a person.</summary>
[TestClass]
public sealed class DetectKeypointsTests
{
    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void WholeImages() => Check(new DetectKeypointsOptions { Network = PoseNetworks.Plain });

    [TestMethod]
    public void InBoxes() => Check(
    new DetectKeypointsOptions { BoxColumnName = "Box", Network = PoseNetworks.Plain with { Refinement = PeakRefinement.Parabola } },
    ("Box", [4]));

    [TestMethod]
    public void DetectedPeopleAreCroppedAndFitted()
    {
        // A network that always returns the body's pose in a picture of 128 pixels.
        const int S = 128;
        float[] smpl = TestBody.Smpl(3);
        using var folder = new TemporaryFolder();
        string onnx = folder.Write("yolo.onnx", PoseNetworks.Yolo(S, transposed: false, (0.8f, TestBody.Keypoints(smpl, S))));
        IDataView data = _context.Data.LoadFromEnumerable([new PhotoRow { SourcePhoto = TestBody.Picture(1, S, S) }]);
        IEstimator<ITransformer> chain = _context.Transforms.DetectKeypoints(onnx, "Source")
            .Append(_context.Transforms.CropPerson("Source", S))
            .Append(_context.Transforms.FitSmplToKeypoints("Source", BodyModel.Default));
        IDataView fitted = chain.Fit(data).Transform(data);
        // The photograph is noise, but the key points are those of our own body: errors on the way would be several per cent.
        Assert.IsLessThan(0.03f, fitted.GetColumn<float>("SourceFitError").Single());
        Assert.AreEqual(0.8f, fitted.GetColumn<float>("SourcePersonScore").Single());
    }

    [TestMethod]
    public void ARowWithoutAPersonIsAnErrorOrMarked()
    {
        IDataView data = _context.Data.LoadFromEnumerable(
            [new Row { Image = ImageCodec.ToImage(new PixelBuffer(160, 120)), Box = [0, 160, 0, 120] }]);
        using var folder = new TemporaryFolder();
        string onnx = folder.Write("heat.onnx", PoseNetworks.HeatMaps(48, 64));
        string message = Assert.ThrowsExactly<KeypointInputException>(() =>
            Read(new DetectKeypointsOptions { Network = PoseNetworks.Plain })).Message;
        StringAssert.Contains(message, "Stage 'DetectKeypoints': column 'Image': No person was found");
        CollectionAssert.AreEqual(new float[51],
            Read(new DetectKeypointsOptions { RefuseMissingPerson = false, Network = PoseNetworks.Plain }));
        IDataView empty = _context.Data.LoadFromEnumerable([new Row { Image = Image(1), Box = [50, 40, 0, 120] }]);
        message = Assert.ThrowsExactly<LwgException>(() =>
            _context.Transforms.DetectKeypoints(new DetectKeypointsOptions { BoxColumnName = "Box" }, onnx).Fit(empty).Transform(empty)
            .GetColumn<float[]>("Keypoints").First()).Message;
        StringAssert.Contains(message, "column 'Box'");

        float[] Read(DetectKeypointsOptions options) =>
            _context.Transforms.DetectKeypoints(options, onnx).Fit(data).Transform(data).GetColumn<float[]>("Keypoints").First();
    }

    private void Check(DetectKeypointsOptions options, params (string, int[])[] shapes)
    {
        using var folder = new TemporaryFolder();
        string onnx = folder.Write("heat.onnx", PoseNetworks.HeatMaps(48, 64));
        Row[] rows = [.. Enumerable.Range(1, 3).Select(i => new Row { Image = Image(i), Box = [10, 110 + 10 * i, 5, 110] })];
        EstimatorCheck<Row, Found>.Run(_context, _context.Transforms.DetectKeypoints(options, onnx), rows, shapes);
    }

    private static MLImage Image(int i) =>
        ImageCodec.ToImage(PoseNetworks.Spots(160, 120, 8, (30 + 15 * i, 40, 0, 1), (90, 20 + 20 * i, 1, 0.9f)));

    private sealed class Row
    {
        [ImageType(120, 160)]
        public MLImage Image { get; set; } = null!;

        [VectorType(4)]
        public float[] Box { get; set; } = [];
    }

    private sealed class PhotoRow
    {
        [ImageType(128, 128)]
        public MLImage SourcePhoto { get; set; } = null!;
    }

    private sealed class Found { public float[] Keypoints { get; set; } = []; public float PersonScore { get; set; } }
}
