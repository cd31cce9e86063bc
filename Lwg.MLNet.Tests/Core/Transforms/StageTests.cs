using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Runs the estimator check for every stage.</summary>
[TestClass]
public sealed class StageTests
{
    private const int S = TestBody.Size;

    private static int V => TestBody.Body.VertexCount;

    private static int F => TestBody.Body.FaceCount;

    private static readonly MLContext s_context = new(seed: 1);

    [TestMethod]
    public void LocateHeadAndBody() => EstimatorCheck<JointsRow, Boxes>.Run(
        s_context, s_context.Transforms.LocateHeadAndBody(imageSize: S),
        [.. Seeds.Select(i => new JointsRow { Joints2D = TestBody.Pose(TestBody.Smpl(i)).Keypoints2D })], ("Joints2D", [19, 2]));

    [TestMethod]
    public void RetargetSmpl() => EstimatorCheck<RetargetRow, Target>.Run(
        s_context, s_context.Transforms.RetargetSmpl(),
        [.. Seeds.Select(i => new RetargetRow { SourceSmpl = TestBody.Smpl(i), ReferenceSmpl = TestBody.Smpl(i + 10),
            ReferenceOrigin = TestBody.Smpl(9) })],
        ("SourceSmpl", [85]), ("ReferenceSmpl", [85]), ("ReferenceOrigin", [85]));

    [TestMethod]
    public void RetargetSmplToAPlace() => EstimatorCheck<PlaceRow, Target>.Run(
        s_context,
        s_context.Transforms.RetargetSmpl(
            new RetargetSmplOptions { Strategy = CameraStrategy.Copy, Place = PersonPlace.Feet, ReferenceSizeColumnName = "ReferenceSize",
            ReferenceCropTransformColumnName = "ReferenceCropTransform", ImageSize = S },
            TestBody.Body),
        [.. Seeds.Select(i => new PlaceRow
        {
            SourceSmpl = TestBody.Smpl(i), ReferenceSmpl = TestBody.Smpl(i + 10), ReferenceSize = [300, 200 + i],
            ReferenceCropTransform = [1.5f, 0, 20, 0, 1.5f, i], SourceCropTransform = [1.2f, 0, 30, 0, 1.2f, 10],
            SourcePhoto = TestBody.Picture(i, 160, 120),
        })],
        ("SourceSmpl", [85]), ("ReferenceSmpl", [85]), ("ReferenceSize", [2]), ("ReferenceCropTransform", [6]),
        ("SourceCropTransform", [6]));

    [TestMethod]
    public void PlacesGoWithACopiedCameraOnly()
    {
        foreach (RetargetSmplOptions options in (RetargetSmplOptions[])[new() { Place = PersonPlace.Height },
            new() { Place = (PersonPlace)7, Strategy = CameraStrategy.Copy }, new() { ImageSize = 1 }])
            Assert.Throws<ArgumentException>(() => s_context.Transforms.RetargetSmpl(options));
    }

    // The person's square also contains the room, and its key points are those of the larger square.
    [TestMethod]
    public void CropPersonMakesRoom()
    {
        PhotoRow row = new() { PhotoKeypoints = TestBody.Keypoints(TestBody.Smpl(0), 120), Photo = TestBody.Picture(0, 160, 120) };
        var options = new CropPersonOptions { PhotoKeypointsColumnName = "PhotoKeypoints", ImageSize = S };
        RoomRow none = new() { PhotoKeypoints = row.PhotoKeypoints, Photo = row.Photo, Room = new float[4] },
            wide = new() { PhotoKeypoints = row.PhotoKeypoints, Photo = row.Photo, Room = [-30, 190, 40, 100] };
        IDataView rows = s_context.Data.LoadFromEnumerable([none, wide]);
        var roomy = new CropPersonOptions { PhotoKeypointsColumnName = "PhotoKeypoints", RoomBoxColumnName = "Room", ImageSize = S };
        IDataView made = s_context.Transforms.CropPerson(roomy).Fit(rows).Transform(rows), plain = s_context.Transforms.CropPerson(options)
            .Fit(rows).Transform(rows);
        float[][] crops = [.. made.GetColumn<float[]>("CropTransform")], keypoints = [.. made.GetColumn<float[]>("Keypoints")];
        CollectionAssert.AreEqual(plain.GetColumn<float[]>("CropTransform").First(), crops[0], "No room is asked for.");
        CropTransform square = CropTransform.FromSpan(crops[1]);
        Assert.IsLessThan(-30 + 1, square.C);
        Assert.IsGreaterThan(190 - 1, square.C + square.A * S);
        for (int k = 0; k < 51; k += 3)
        {
            (float x, float y) = square.Apply(keypoints[1][k], keypoints[1][k + 1]);
            Assert.AreEqual(row.PhotoKeypoints[k], x, 1e-2f);
            Assert.AreEqual(row.PhotoKeypoints[k + 1], y, 1e-2f);
        }
        IDataView bad = s_context.Data.LoadFromEnumerable(
            [new RoomRow { PhotoKeypoints = row.PhotoKeypoints, Photo = row.Photo, Room = [5, 1, 0, 9] }]);
        StringAssert.Contains(Assert.Throws<LwgException>(() =>
            s_context.Transforms.CropPerson(roomy).Fit(bad).Transform(bad).GetColumn<float[]>("CropTransform").ToArray()).Message, "Room");
    }

    [TestMethod]
    public void PoseBody() => EstimatorCheck<SmplRow, Posed>.Run(
        s_context, s_context.Transforms.PoseBody(body: TestBody.Body), [.. Seeds.Select(i => new SmplRow { Smpl = TestBody.Smpl(i) })],
        ("Smpl", [85]));

    [TestMethod]
    public void RotateBody() => EstimatorCheck<ViewRow, View>.Run(
        s_context, s_context.Transforms.RotateBody(),
        [.. Seeds.Select(i => new ViewRow { SourceVertices = TestBody.Pose(TestBody.Smpl(i)).Vertices, ViewAngles = [0, 30 * i, 5],
            ViewTranslation = [0, 0.1f, 0] })],
        ("SourceVertices", [V, 3]), ("ViewAngles", [3]), ("ViewTranslation", [3]));

    [TestMethod]
    public void RenderBodyMesh() => EstimatorCheck<MeshRow, Rendered>.Run(
        s_context, s_context.Transforms.RenderBodyMesh(
        new RenderBodyMeshOptions { ImageSize = S, WithPartMap = true, WithFrontMap = true, WithHeadMap = true }, TestBody.Body),
        [.. Seeds.Select(i => new MeshRow { Vertices = TestBody.Pose(TestBody.Smpl(i)).Vertices, Camera = [0.85f, 0, 0.14f] })],
            ("Vertices", [V, 3]), ("Camera", [3]));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ComputeTransformationFlow(bool onlyVisible) => EstimatorCheck<FlowRow, Flow>.Run(
        s_context, s_context.Transforms.ComputeTransformationFlow(onlyVisible: onlyVisible),
        [.. Seeds.Select(i => new FlowRow
        {
            SourcePoints = TestBody.Render(TestBody.Smpl(9)).Points, SourceFaceIndex = TestBody.Render(TestBody.Smpl(9)).FaceIndex,
            TargetFaceIndex = TestBody.Render(TestBody.Smpl(i)).FaceIndex, TargetWeights = TestBody.Render(TestBody.Smpl(i)).Weights,
        })],
        ("SourcePoints", [F, 3, 2]), ("SourceFaceIndex", [S, S]), ("TargetFaceIndex", [S, S]), ("TargetWeights", [S, S, 3]));

    [TestMethod]
    public void AssembleBackgroundInput() => EstimatorCheck<SourceRow, Background>.Run(
        s_context, s_context.Transforms.AssembleBackgroundInput(kernel: 5), [.. Seeds.Select(SourceRow.Make)],
        ("SourceCondition", [3, S, S]));

    [TestMethod]
    public void AssembleForegroundInput() => EstimatorCheck<SourceRow, Foreground>.Run(
        s_context, s_context.Transforms.AssembleForegroundInput(), [.. Seeds.Select(SourceRow.Make)], ("SourceCondition", [3, S, S]));

    [TestMethod]
    public void AssembleTransferInput() => EstimatorCheck<TransferRow, Transfer>.Run(
        s_context, s_context.Transforms.AssembleTransferInput(),
        [.. Seeds.Select(i => new TransferRow { SourceImage = TestBody.Picture(i / 2), T = TestFlow(i),
            TargetCondition = TestBody.Render(TestBody.Smpl(i)).Condition })],
        ("T", [S, S, 2]), ("TargetCondition", [3, S, S]));

    [TestMethod]
    public void GenerateTransfer() => EstimatorCheck<GenerateRow, Generated>.Run(
        s_context, s_context.Transforms.GenerateTransfer(new TextureWarpGenerator(TestBody.Body),
        new GenerateTransferOptions { WithLayers = true }),
        [.. Seeds.Take(2).Select(i => new GenerateRow
        {
            SourceImage = TestBody.Picture(1), SourcePoints = TestBody.Render(TestBody.Smpl(9)).Points,
            SourceFaceIndex = TestBody.Render(TestBody.Smpl(9)).FaceIndex,
            TargetFaceIndex = TestBody.Render(TestBody.Smpl(i)).FaceIndex, TargetWeights = TestBody.Render(TestBody.Smpl(i)).Weights,
        })],
        ("SourcePoints", [F, 3, 2]), ("SourceFaceIndex", [S, S]), ("TargetFaceIndex", [S, S]), ("TargetWeights", [S, S, 3]));

    [TestMethod]
    public void CropPerson() => EstimatorCheck<PhotoRow, Cropped>.Run(
        s_context, s_context.Transforms.CropPerson(imageSize: S),
        [.. Seeds.Select(i => new PhotoRow { Photo = TestBody.Picture(i, 160, 120),
            PhotoKeypoints = TestBody.Keypoints(TestBody.Smpl(i), 120) })], ("PhotoKeypoints", [17, 3]));

    [TestMethod]
    public void ComposeIntoImage() => EstimatorCheck<ComposeRow, Composed>.Run(
        s_context, s_context.Transforms.ComposeIntoImage(imageSize: S),
        [.. Seeds.Select(i => new ComposeRow { SourcePhoto = TestBody.Picture(1, 160, 120), TargetImage = TestBody.Picture(i),
            SourceCropTransform = [1.5f, 0, 20, 0, 1.5f, 10] })],
        ("SourceCropTransform", [6]));

    [TestMethod]
    public void FitSmplToKeypoints() => EstimatorCheck<KeypointRow, Fitted>.Run(
        s_context,
        s_context.Transforms.FitSmplToKeypoints(
        new FitSmplToKeypointsOptions { ScoutIterations = 1, Finalists = 1, MaximumIterations = 1 }),
        [.. Seeds.Take(2).Select(i => new KeypointRow { Image = TestBody.Picture(1),
            Keypoints = TestBody.Keypoints(TestBody.Smpl(i), S) })], ("Keypoints", [17, 3]));

    [TestMethod]
    public void ImitateMotion() => EstimatorCheck<ImitateRow, Imitated>.Run(
        s_context, s_context.Transforms.ImitateMotion(new TextureWarpGenerator(TestBody.Body),
        new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Strategy = CameraStrategy.Source }, TestBody.Body),
        [.. Seeds.Take(2).Select(i => new ImitateRow { SourceImage = TestBody.Picture(1), SourceSmpl = TestBody.Smpl(9),
            ReferenceSmpl = TestBody.Smpl(i) })],
        ("SourceSmpl", [85]), ("ReferenceSmpl", [85]));

    [TestMethod]
    public void RecoverBodyFlow() => EstimatorCheck<PairRow, BodyFlow>.Run(
        s_context, s_context.Transforms.RecoverBodyFlow(new RecoverBodyFlowOptions { ImageSize = S, BackgroundKernel = 5 }, TestBody.Body),
        [.. Seeds.Take(2).Select(i => new PairRow
        {
            SourceImage = TestBody.Picture(i), SourceSmpl = TestBody.Smpl(i), ReferenceImage = TestBody.Picture(i + 1),
            ReferenceSmpl = TestBody.Smpl(i + 1),
        })],
        ("SourceSmpl", [85]), ("ReferenceSmpl", [85]));

    private static IEnumerable<int> Seeds => Enumerable.Range(1, 3);

    private static float[] TestFlow(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 2 * S * S).Select(_ => 2.4f * random.NextSingle() - 1.2f)];
    }

    private sealed class JointsRow { public float[] Joints2D { get; set; } = []; }

    private sealed class Boxes { public float[] HeadBox { get; set; } = []; public float[] BodyBox { get; set; } = []; }

    private sealed class RetargetRow { public float[] SourceSmpl { get; set; } = []; public float[] ReferenceSmpl { get; set; } =
        []; public float[] ReferenceOrigin { get; set; } = []; }

    private sealed class PlaceRow
    {
        public float[] SourceSmpl { get; set; } = [];
        public float[] ReferenceSmpl { get; set; } = [];
        public float[] ReferenceSize { get; set; } = [];
        public float[] ReferenceCropTransform { get; set; } = [];
        public float[] SourceCropTransform { get; set; } = [];
        [ImageType(120, 160)] public MLImage SourcePhoto { get; set; } = null!;
    }

    private sealed class RoomRow
    {
        [VectorType(17, 3)] public float[] PhotoKeypoints { get; set; } = [];
        [VectorType(4)] public float[] Room { get; set; } = [];
        [ImageType(120, 160)] public MLImage Photo { get; set; } = null!;
    }

    private sealed class Target { public float[] TargetSmpl { get; set; } = []; }

    private sealed class SmplRow { public float[] Smpl { get; set; } = []; }

    private sealed class Posed { public float[] Vertices { get; set; } = []; public float[] Joints2D { get; set; } =
        []; public float[] Camera { get; set; } = []; }

    private sealed class ViewRow { public float[] SourceVertices { get; set; } = []; public float[] ViewAngles { get; set; } =
        []; public float[] ViewTranslation { get; set; } = []; }

    private sealed class View { public float[] TargetVertices { get; set; } = []; }

    private sealed class MeshRow { public float[] Vertices { get; set; } = []; public float[] Camera { get; set; } = []; }

    private sealed class Rendered { public int[] FaceIndex { get; set; } = []; public float[] Weights { get; set; } =
        []; public float[] PartMap { get; set; } = []; }

    private sealed class FlowRow
    {
        public float[] SourcePoints { get; set; } = [];
        public int[] SourceFaceIndex { get; set; } = [];
        public int[] TargetFaceIndex { get; set; } = [];
        public float[] TargetWeights { get; set; } = [];
    }

    private sealed class Flow { public float[] T { get; set; } = []; }

    private sealed class SourceRow
    {
        public float[] SourceCondition { get; set; } = [];
        [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!;

        public static SourceRow Make(int seed) =>
            new() { SourceCondition = TestBody.Render(TestBody.Smpl(seed)).Condition, SourceImage = TestBody.Picture(seed) };
    }

    private sealed class Background { public float[] SourceBackgroundInput { get; set; } = []; }

    private sealed class Foreground { public float[] SourceForegroundInput { get; set; } = []; public float[] SourceCropMask { get; set; } =
        []; }

    private sealed class TransferRow { public float[] T { get; set; } = []; public float[] TargetCondition { get; set; } =
        []; [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!; }

    private sealed class Transfer { public float[] TargetWarped { get; set; } = []; public float[] TargetTransferInput { get; set; } =
        []; public float[] TargetCropMask { get; set; } = []; }

    private sealed class GenerateRow
    {
        public float[] SourcePoints { get; set; } = [];
        public int[] SourceFaceIndex { get; set; } = [];
        public int[] TargetFaceIndex { get; set; } = [];
        public float[] TargetWeights { get; set; } = [];
        [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!;
    }

    private sealed class Generated { [ImageType(S, S)] public MLImage TargetImage { get; set; } =
        null!; public float[] TargetMask { get; set; } = []; }

    private sealed class PhotoRow { public float[] PhotoKeypoints { get; set; } =
        []; [ImageType(120, 160)] public MLImage Photo { get; set; } = null!; }

    private sealed class Cropped { [ImageType(S, S)] public MLImage Image { get; set; } =
        null!; public float[] CropTransform { get; set; } = []; public float[] Keypoints { get; set; } = []; }

    private sealed class ComposeRow { public float[] SourceCropTransform { get; set; } =
        []; [ImageType(120, 160)] public MLImage SourcePhoto { get; set; } =
            null!; [ImageType(S, S)] public MLImage TargetImage { get; set; } = null!; }

    private sealed class Composed { [ImageType(120, 160)] public MLImage TargetPhoto { get; set; } = null!; }

    private sealed class KeypointRow { public float[] Keypoints { get; set; } = []; [ImageType(S, S)] public MLImage Image { get; set; } =
        null!; }

    private sealed class Fitted { public float[] Smpl { get; set; } = []; public float FitError { get; set; } }

    private sealed class PairRow
    {
        public float[] SourceSmpl { get; set; } = [];
        public float[] ReferenceSmpl { get; set; } = [];
        [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!;
        [ImageType(S, S)] public MLImage ReferenceImage { get; set; } = null!;
    }

    private sealed class BodyFlow
    {
        public float[] T { get; set; } = [];
        public float[] SourceBackgroundInput { get; set; } = [];
        public float[] ReferenceBackgroundInput { get; set; } = [];
        public float[] SourceForegroundInput { get; set; } = [];
        public float[] ReferenceTransferInput { get; set; } = [];
        public float[] SourceCropMask { get; set; } = [];
        public float[] ReferenceCropMask { get; set; } = [];
        public float[] ReferenceHeadBox { get; set; } = [];
        public float[] ReferenceBodyBox { get; set; } = [];
    }

    private sealed class ImitateRow { public float[] SourceSmpl { get; set; } = []; public float[] ReferenceSmpl { get; set; } =
        []; [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!; }

    private sealed class Imitated { [ImageType(S, S)] public MLImage TargetImage { get; set; } =
        null!; public float[] TargetWarped { get; set; } = []; }
}
