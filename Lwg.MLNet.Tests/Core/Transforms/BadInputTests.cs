using Lwg.MLNet.Body;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests that errors in rows, columns and bodies name the stage and the column.</summary>
[TestClass]
public sealed class BadInputTests
{
    private const int S = TestBody.Size;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void SmplNumbersThatAreNotFiniteAreRefusedAndTheNextRowWorks(float bad)
    {
        float[] good = TestBody.Smpl(1), wrong = TestBody.Smpl(2);
        wrong[7] = bad;
        IDataView data = Rows(new SmplRow { Smpl = good });
        using PredictionEngine<SmplRow, VerticesRow> engine = _context.Model.CreatePredictionEngine<SmplRow,
            VerticesRow>(_context.Transforms.PoseBody(body: Fixture.Body).Fit(data));
        for (int n = 0; n < 2; n++)
            Names(Assert.ThrowsExactly<LwgException>(() => engine.Predict(new SmplRow { Smpl = wrong })), "PoseBody", "Smpl", "element 7");
        Assert.HasCount(3 * Fixture.Body.VertexCount, engine.Predict(new SmplRow { Smpl = good }).Vertices);
    }

    [TestMethod]
    public void KeyPointsWithoutAPersonAreRefused()
    {
        foreach ((Action<float[]> spoil, string says) in new (Action<float[]>, string)[]
        {
            (k => k[3] = float.NaN, "finite"),
            (k => k[5] = 7, "confidence 7"),
            (k => k[0] = 10_000, "outside the picture"),
            (k => Enumerable.Range(0, 17).ToList().ForEach(i => k[3 * i + 2] = 0), "No person"),
        })
        {
            float[] keypoints = TestBody.Keypoints(TestBody.Smpl(1), S);
            spoil(keypoints);
            IDataView data = Rows(new PersonRow { Keypoints = keypoints, Image = TestBody.Picture(1) });
            Names(Assert.ThrowsExactly<KeypointInputException>(() =>
                First<float[]>(_context.Transforms.FitSmplToKeypoints(), data, "Smpl")), "FitSmplToKeypoints", "Keypoints", says);
            var crop = new CropPersonOptions { PhotoColumnName = "Image", PhotoKeypointsColumnName = "Keypoints",
                OutputColumnName = "Square", KeypointsColumnName = "SquareKeypoints", ImageSize = S };
            Names(Assert.ThrowsExactly<KeypointInputException>(() =>
                First<float[]>(_context.Transforms.CropPerson(crop), data, "CropTransform")), "CropPerson", "Keypoints", says);
        }
    }

    [TestMethod]
    public void ADisposedImageIsNamedWithStageAndColumn()
    {
        MLImage image = TestBody.Picture(1);
        IDataView data = Rows(new PersonRow { Keypoints = TestBody.Keypoints(TestBody.Smpl(1), S), Image = image });
        image.Dispose();
        var crop = new CropPersonOptions { PhotoColumnName = "Image", PhotoKeypointsColumnName = "Keypoints", OutputColumnName = "Square",
            KeypointsColumnName = "SquareKeypoints", ImageSize = S };
        Names(Assert.ThrowsExactly<ImageInputException>(() => First<float[]>(_context.Transforms.CropPerson(crop), data, "CropTransform")),
            "CropPerson", "Image", "disposed");
    }

    [TestMethod]
    public void APersonOfAFewPixelsIsRefused()
    {
        float[] keypoints = [.. Enumerable.Range(0, 17).SelectMany(k => new[] { 0.3f + 0.01f * k, 0.1f + 0.05f * k, 1 })];
        IDataView data = Rows(new PersonRow { Keypoints = keypoints, Image = TestBody.Picture(1) });
        var crop = new CropPersonOptions { PhotoColumnName = "Image", PhotoKeypointsColumnName = "Keypoints", OutputColumnName = "Square",
            KeypointsColumnName = "SquareKeypoints", ImageSize = S };
        Names(Assert.ThrowsExactly<KeypointInputException>(() =>
            First<float[]>(_context.Transforms.CropPerson(crop), data, "CropTransform")), "CropPerson", "Keypoints", "at least 10");
    }

    [TestMethod]
    public void TooFewKeyPointsForAFitAreRefused()
    {
        float[] keypoints = TestBody.Keypoints(TestBody.Smpl(1), S);
        for (int i = 5; i < 17; i++)
            keypoints[3 * i + 2] = 0;
        IDataView data = Rows(new PersonRow { Keypoints = keypoints, Image = TestBody.Picture(1) });
        Names(Assert.ThrowsExactly<KeypointInputException>(() => First<float[]>(_context.Transforms.FitSmplToKeypoints(), data, "Smpl")),
            "FitSmplToKeypoints", "Keypoints", "5 key points");
    }

    [TestMethod]
    public void SixteenKeyPointsAreASchemaError()
    {
        IDataView data = Rows(new SixteenRow { Keypoints = new float[48], Image = TestBody.Picture(1) });
        Names(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.FitSmplToKeypoints().Fit(data)),
            "FitSmplToKeypoints", "Keypoints", "[17,3]");
    }

    [TestMethod]
    public void AColumnOfAnotherTypeIsASchemaError()
    {
        IDataView data = Rows(new WholeRow());
        Names(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _context.Transforms.PoseBody().Fit(data)), "PoseBody", "Smpl",
            "Single", "Int32");
    }

    [TestMethod]
    public void AnInvalidCropTransformIsRefused()
    {
        foreach ((float[] transform, string says) in new (float[], string)[] { (new float[6], "no inverse"),
            ([1, 0.5f, 0, 0.5f, 1, 0], "upright"), ([float.NaN, 0, 0, 0, 1, 0], "finite") })
        {
            IDataView data = Rows(new ComposeRow { SourcePhoto = TestBody.Picture(1), TargetImage = TestBody.Picture(2),
                SourceCropTransform = transform });
            Names(Assert.ThrowsExactly<LwgException>(() =>
                First<MLImage>(_context.Transforms.ComposeIntoImage(imageSize: S), data, "TargetPhoto")), "ComposeIntoImage",
                "SourceCropTransform", says);
        }
    }

    [TestMethod]
    public void AnEmptyBoxIsRefused()
    {
        IDataView data = Rows(new BoxRow { Photo = TestBody.Picture(1), Box = [5, 5, 9, 9] });
        var options = new CropPersonOptions { BoxColumnName = "Box", ImageSize = S };
        Names(Assert.ThrowsExactly<LwgException>(() => First<MLImage>(_context.Transforms.CropPerson(options), data, "Image")),
            "CropPerson", "Box", "empty");
    }

    [TestMethod]
    public void AnImageThatIsMissingOrOfAnotherSizeIsRefused()
    {
        var options = new CropPersonOptions { BoxColumnName = "Box", ImageSize = S };
        IDataView none = Rows(new BoxRow { Photo = null!, Box = [5, 50, 9, 90] });
        Names(Assert.ThrowsExactly<ImageInputException>(() => First<MLImage>(_context.Transforms.CropPerson(options), none, "Image")),
            "CropPerson", "Photo", "no image");

        IDataView other = Rows(new ComposeRow { SourcePhoto = TestBody.Picture(1), TargetImage = TestBody.Picture(2, S, S / 2),
            SourceCropTransform = [1, 0, 0, 0, 1, 0] });
        Names(Assert.ThrowsExactly<ImageInputException>(() =>
            First<MLImage>(_context.Transforms.ComposeIntoImage(imageSize: S), other, "TargetPhoto")), "ComposeIntoImage", "TargetImage",
            "square");
    }

    [TestMethod]
    public void ABodyThatLacksWhatAStageNeedsIsRefusedAtOnce()
    {
        Says(() => _context.Transforms.RenderBodyMesh(body: Fixture.Body), "RenderBodyMesh", "texture coordinates");
        Says(() => _context.Transforms.RenderBodyMesh(new RenderBodyMeshOptions { WithPartMap = true }, Fixture.SurfacedBody),
            "RenderBodyMesh", "parts");
        BodyModel head = Fixture.Body.WithSurfaceFiles(Fixture.PathOf("maps/mapper.txt"), head: Fixture.PathOf("maps/head.json"));
        Says(() => _context.Transforms.RenderBodyMesh(new RenderBodyMeshOptions { WithFrontMap = true }, head), "RenderBodyMesh",
            "facial front");
        Assert.IsNotNull(_context.Transforms.RenderBodyMesh(new RenderBodyMeshOptions { WithHeadMap = true }, head));
        Says(() => _context.Transforms.FitSmplToKeypoints(body: WithoutKeypoints(Fixture.Body.Data)), "FitSmplToKeypoints", "key points");

        static void Says(Func<object> make, string stage, string says) =>
            Names(Assert.ThrowsExactly<BodyMismatchException>(() => make()), stage, null, says);
    }

    [TestMethod]
    public void AMapperOfAnotherBodyIsRefused() =>
        StringAssert.Contains(Assert.ThrowsExactly<BodyMismatchException>(() =>
        BodyModel.Default.WithSurfaceFiles(Fixture.PathOf("maps/mapper.txt"))).Message, "760 faces");

    private static BodyModel WithoutKeypoints(BodyModelData data) => new(new BodyModelData
    {
        Template = data.Template,
        ShapeDirections = data.ShapeDirections,
        JointRegressor = data.JointRegressor,
        Parents = data.Parents,
        SkinningWeights = data.SkinningWeights,
        Faces = data.Faces,
    });

    private static void Names(Exception error, string stage, string? column, params string[] says)
    {
        StringAssert.Contains(error.Message, $"Stage '{stage}'");
        foreach (string part in column is null ? says : [$"'{column}'", .. says])
            StringAssert.Contains(error.Message, part);
    }

    private static T First<T>(IEstimator<ITransformer> estimator, IDataView data, string column) =>
        estimator.Fit(data).Transform(data).GetColumn<T>(column).First();

    private IDataView Rows<T>(T row) where T : class => _context.Data.LoadFromEnumerable([row]);

    private sealed class SmplRow { [VectorType(85)] public float[] Smpl { get; set; } = []; }

    private sealed class WholeRow { [VectorType(85)] public int[] Smpl { get; set; } = new int[85]; }

    private sealed class VerticesRow { public float[] Vertices { get; set; } = []; }

    private sealed class PersonRow { [VectorType(17, 3)] public float[] Keypoints { get; set; } =
        []; [ImageType(S, S)] public MLImage Image { get; set; } = null!; }

    private sealed class SixteenRow { [VectorType(16, 3)] public float[] Keypoints { get; set; } =
        []; [ImageType(S, S)] public MLImage Image { get; set; } = null!; }

    private sealed class BoxRow { [VectorType(4)] public float[] Box { get; set; } =
        []; [ImageType(S, S)] public MLImage Photo { get; set; } = null!; }

    private sealed class ComposeRow
    {
        [VectorType(6)] public float[] SourceCropTransform { get; set; } = [];
        [ImageType(S, S)] public MLImage SourcePhoto { get; set; } = null!;
        [ImageType(S, S)] public MLImage TargetImage { get; set; } = null!;
    }
}
