using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Tests.Generation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Warping;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests appearance transfer, new views and backgrounds: the estimator check, refused input, and expected results.</summary>
[TestClass]
public sealed class JobTests
{
    private const int S = TestBody.Size;

    private static readonly MLContext s_context = new(seed: 1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ComputeAppearanceFlow(bool onlyVisible) => EstimatorCheck<FlowRow, Flows>.Run(
        s_context, s_context.Transforms.ComputeAppearanceFlow(
        new ComputeAppearanceFlowOptions { Parts = ["upper"], OnlyVisible = onlyVisible }, TestBody.Body),
        [.. Enumerable.Range(1, 2).Select(FlowRow.Make)],
        ("SourceFaceIndex", [S, S]), ("SourceWeights", [S, S, 3]), ("ReferencePoints", [TestBody.Body.FaceCount, 3, 2]),
        ("ReferenceFaceIndex", [S, S]));

    [TestMethod]
    public void TransferAppearance() => EstimatorCheck<PairRow, Result>.Run(
        s_context, s_context.Transforms.TransferAppearance(new TextureWarpGenerator(TestBody.Body),
        new TransferAppearanceOptions { ImageSize = S, WithLayers = true, BackgroundColor = new Rgb(10, 200, 30) }, TestBody.Body),
        [.. Pairs], ("SourceSmpl", [85]), ("ReferenceSmpl", [85]));

    [TestMethod]
    [DataRow(FrontWarpMode.Blend)]
    [DataRow(FrontWarpMode.AsPublished)]
    public void TransferAppearanceByALearnedGenerator(FrontWarpMode kept)
    {
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash)));
        EstimatorCheck<PairRow, Result>.Run(
            s_context, s_context.Transforms.TransferAppearance(generator,
            new TransferAppearanceOptions { ImageSize = S, WithLayers = true, KeptParts = kept }, TestBody.Body),
            [.. Pairs], ("SourceSmpl", [85]), ("ReferenceSmpl", [85]));
    }

    [TestMethod]
    [DataRow(ViewPose.Source)]
    [DataRow(ViewPose.TPose)]
    public void SynthesizeView(ViewPose pose) => EstimatorCheck<ViewRow, Result>.Run(
        s_context, s_context.Transforms.SynthesizeView(new TextureWarpGenerator(TestBody.Body),
        new SynthesizeViewOptions { ImageSize = S, Pose = pose, WithLayers = true, BackgroundImageColumnName = "Backdrop" }, TestBody.Body),
        [.. Views], ("SourceSmpl", [85]), ("ViewAngles", [3]), ("ViewTranslation", [3]));

    [TestMethod]
    public void SynthesizeViewByALearnedGenerator()
    {
        BodyModel body = BodyModel.Default;
        using var generator = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(body.Hash)));
        EstimatorCheck<ViewRow, Result>.Run(
            s_context, s_context.Transforms.SynthesizeView(generator,
            new SynthesizeViewOptions { ImageSize = S, WithLayers = true, OnlyVisible = true }, body),
            [.. Views], ("SourceSmpl", [85]), ("ViewAngles", [3]), ("ViewTranslation", [3]));
    }

    // Transferred parts are warped onto themselves, with the warp's errors at the rim (see TransferTruthTests: 0.15 and 0.03); kept parts
    // are unchanged.
    [TestMethod]
    public void ASwapWithTheSamePersonChangesNothing()
    {
        foreach (SamplePerson person in SamplePerson.All)
        {
            PaintedPerson painted = PaintedPeople.Source(person);
            MLImage picture = ImageCodec.ToImage(painted.Image, painted.Size, painted.Size);
            foreach ((string parts, double within, double whole) in new[] { ("body", 0.12, 0.03), ("head", 0.02, 0.01) })
            {
                float[] result = Swap(picture, painted.Smpl, picture, painted.Smpl, [parts], painted.Size);
                double error = PictureError.MeanAbsolute(result, painted.Image, painted.Silhouette),
                    all = PictureError.MeanAbsolute(result, painted.Image);
                Assert.IsLessThan(within, error, $"mean error within the person, of 2; {person.Name}, {parts}");
                Assert.IsLessThan(whole, all, $"mean error of the whole picture, of 2; {person.Name}, {parts}");
            }
        }
    }

    [TestMethod]
    public void KeptPartsKeepTheirPixelsAndOthersComeFromTheReference()
    {
        PaintedPerson anna = PaintedPeople.Source(SamplePerson.All[0]), ben = PaintedPeople.Source(SamplePerson.All[1]);
        int size = anna.Size, n = size * size;
        MLImage source = ImageCodec.ToImage(anna.Image, size, size), reference = ImageCodec.ToImage(ben.Image, size, size);
        float[] result = Swap(source, anna.Smpl, reference, ben.Smpl, ["lower"], size);
        float[] kept = [.. anna.Map.FaceIndex.Select(f => f >= 0 && !IsLower(f) ? 1f : 0)],
            taken = [.. anna.Map.FaceIndex.Select(f => f >= 0 && IsLower(f) ? 1f : 0)];
        float[] toKept = new float[n], toTaken = new float[n];
        DistanceMap.Compute(size, kept, 1, toKept);
        DistanceMap.Compute(size, taken, 1, toTaken);
        int untouched = 0;
        for (int i = 0; i < n; i++)
        {
            // Pixels nearer to the upper half, by more than the seam of one pixel, equal the source: hair, arms and wall too, up to 8-bit
            // rounding.
            if (toTaken[i] - toKept[i] < 1)
                continue;
            untouched++;
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(anna.Image[c * n + i], result[c * n + i], 0.009, $"pixel {i}");
        }
        Assert.IsGreaterThan(n / 3, untouched);
        double[] own = Mean(anna.Image, anna.Map.FaceIndex), borrowed = Mean(ben.Image, ben.Map.FaceIndex),
            worn = Mean(result, anna.Map.FaceIndex);
        double to = Distance(worn, borrowed), from = Distance(worn, own);
        Assert.IsLessThan(0.3 * from, to, "The trousers have the reference's colour.");

        static bool IsLower(int face) =>
            (BodyPart)BodyModel.Default.Surface.Part[face] is BodyPart.LeftLeg or BodyPart.RightLeg or BodyPart.LeftFoot
            or BodyPart.RightFoot;

        double[] Mean(float[] image, int[] faces)
        {
            int[] pixels = [.. Enumerable.Range(0, n)
                .Where(i => faces[i] >= 0 && (BodyPart)BodyModel.Default.Surface.Part[faces[i]] is BodyPart.LeftLeg or BodyPart.RightLeg)];
            return [.. Enumerable.Range(0, 3).Select(c => pixels.Average(i => (double)image[c * n + i]))];
        }

        static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
    }

    [TestMethod]
    public void AnUnturnedViewIsTheSourceAndAFullTurnChangesNothing()
    {
        PaintedPerson anna = PaintedPeople.Source(SamplePerson.All[0]);
        int size = anna.Size;
        float[] own = anna.Image;
        float[][] views = View(anna, [0, 0, 0], [0, 360, 0], [-720, 0, 360], [0, 180, 0], [0, 20, 0]);
        for (int i = 0; i < own.Length; i++)
            Assert.AreEqual(own[i], views[0][i], 0.005, "the photograph, to the rounding of 8 bits");
        CollectionAssert.AreEqual(views[0], views[1]);
        CollectionAssert.AreEqual(views[0], views[2]);
        CollectionAssert.AreNotEqual(views[0], views[4]);
        // The silhouette from behind is the mirror image about the origin's column.
        Assert.IsGreaterThan(0.02, PictureError.MeanAbsolute(views[0], views[3], anna.Silhouette));
    }

    [TestMethod]
    public void ATurnedBodyIsWhereTheTruthIs()
    {
        // Turning the vertices about the origin equals turning the root about the pelvis and a translation: the masks must agree.
        PaintedPerson anna = PaintedPeople.Source(SamplePerson.All[0]);
        IDataView data = Rows(anna, [0, 90, 0]);
        float[] condition = s_context.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
            new SynthesizeViewOptions { ImageSize = anna.Size, KeepIntermediate = true }).Fit(data).Transform(data)
            .GetColumn<float[]>("TargetCondition").First();
        float[] smpl = [.. anna.Smpl];
        var posed = new PosedBody(BodyModel.Default);
        BodyModel.Default.Pose(smpl, posed);
        float[] joint = posed.Joints[..3], turned = new float[3], turn = new float[9], root = new float[9], both = new float[9];
        BodyView.Rotate(joint, [0, 90, 0], default, turned);
        // A quarter turn about y in columns: x becomes -z, z becomes x.
        turn = [0, 0, -1, 0, 1, 0, 1, 0, 0];
        Rotations.FromAxisAngle(smpl.AsSpan(3, 3), root);
        Rotations.Multiply(turn, root, both);
        Rotations.ToAxisAngle(both, smpl.AsSpan(3, 3));
        (smpl[1], smpl[2]) = (smpl[1] + turned[0] - joint[0], smpl[2] + turned[1] - joint[1]);
        float[] truth = BodyMap.Render(smpl, anna.Size).Silhouette;
        int n = truth.Length, wrong = Enumerable.Range(0, n).Count(i => truth[i] == condition[2 * n + i]);
        Assert.IsLessThanOrEqualTo(3, wrong, "pixels whose rounding falls on the other side");
    }

    [TestMethod]
    public void BackgroundsAreReplaced()
    {
        PaintedPerson anna = PaintedPeople.Source(SamplePerson.All[0]);
        IDataView data = Rows(anna, [0, 0, 0]);
        byte[] corner = Corner(new SynthesizeViewOptions { ImageSize = anna.Size, BackgroundColor = new Rgb(10, 200, 30) });
        CollectionAssert.AreEqual((byte[])[30, 200, 10], corner);
        CollectionAssert.AreEqual((byte[])[9, 90, 90],
            Corner(new SynthesizeViewOptions { ImageSize = anna.Size, BackgroundImageColumnName = "Backdrop" }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            s_context.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
            new SynthesizeViewOptions { BackgroundColor = new Rgb(1, 2, 3), BackgroundImageColumnName = "Backdrop" }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            s_context.Transforms.AssembleTransferInput(new AssembleTransferInputOptions { ReferenceFlowColumnName = "ReferenceT" }));

        byte[] Corner(SynthesizeViewOptions options) =>
            s_context.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default), options).Fit(data).Transform(data)
            .GetColumn<MLImage>("TargetImage").First().Pixels[..3].ToArray();
    }

    [TestMethod]
    public void PartsThatAreNotThereAreRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<BodyMismatchException>(() =>
            s_context.Transforms.TransferAppearance(new TextureWarpGenerator(BodyModel.Default),
            new TransferAppearanceOptions { Parts = ["wings"] })).Message, "'wings'");
        string message = Assert.ThrowsExactly<BodyMismatchException>(() =>
            s_context.Transforms.TransferAppearance(new TextureWarpGenerator(Fixture.SurfacedBody), body: Fixture.SurfacedBody)).Message;
        StringAssert.Contains(message, "'ComputeAppearanceFlow'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() =>
            s_context.Transforms.TransferAppearance(new TextureWarpGenerator(BodyModel.Default),
            new TransferAppearanceOptions { Parts = [] })).Message, "head");
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() =>
            s_context.Transforms.TransferAppearance(new ConstantGenerator(BodyModel.Default))).Message, "one person only");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            s_context.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
            new SynthesizeViewOptions { Pose = (ViewPose)7 }));
    }

    [TestMethod]
    public void ATurntableGoesOnceRound()
    {
        IDataView table = s_context.Data.LoadTurntable(4, tilt: 10);
        CollectionAssert.AreEqual((float[])[-10, 0, 0, -10, 90, 0, -10, 180, 0, -10, 270, 0], table.GetColumn<float[]>("ViewAngles")
            .SelectMany(a => a).ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => s_context.Data.LoadTurntable(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => s_context.Data.LoadTurntable(3, float.NaN));
        // As documented for the angles: leaning back moves the head away, and the front turns to the person's left, which is the viewer's
        // right.
        float[] head = new float[3], front = new float[3];
        BodyView.Rotate([0, -1, 0], [10, 0, 0], default, head);
        BodyView.Rotate([0, 0, -1], [0, 10, 0], default, front);
        Assert.IsTrue(head[2] > 0 && front[0] > 0);
    }

    [TestMethod]
    public void MotionsFollowEachOtherAndEachHasItsOwnOrigin()
    {
        MotionClip walk = MotionClip.Load("walk"), wave = MotionClip.Load("wave");
        IDataView both = s_context.Data.LoadMotions([walk, wave]);
        int[] motion = [.. both.GetColumn<int>("ReferenceMotion")], frame = [.. both.GetColumn<int>("ReferenceFrame")];
        float[][] smpl = [.. both.GetColumn<float[]>("ReferenceSmpl")], origin = [.. both.GetColumn<float[]>("ReferenceOrigin")];
        Assert.HasCount(walk.FrameCount + wave.FrameCount, motion);
        Assert.AreEqual((1, 0), (motion[walk.FrameCount], frame[walk.FrameCount]));
        CollectionAssert.AreEqual(smpl[0], origin[walk.FrameCount - 1]);
        CollectionAssert.AreEqual(smpl[walk.FrameCount], origin[^1]);
        var slow = new MotionClip("slow", walk.FramesPerSecond / 2, walk.Poses);
        float[][] followed = [.. s_context.Data.LoadMotions([walk, slow]).GetColumn<float[]>("ReferenceSmpl")];
        Assert.HasCount(walk.FrameCount + 2 * (walk.FrameCount - 1) + 1, followed,
            "The slow one takes the first one's rate: a new frame between any two.");
        // Every other frame has a pose of the walk; quaternions in single precision are exact to about 1e-6.
        for (int i = 0; i < walk.FrameCount; i++)
        {
            for (int k = SmplLayout.PoseOffset; k < SmplLayout.PoseOffset + SmplLayout.PoseCount; k++)
                Assert.AreEqual(followed[i][k], followed[walk.FrameCount + 2 * i][k], 1e-4f, $"frame {i}, number {k}");
        }
        Assert.ThrowsExactly<ArgumentException>(() => s_context.Data.LoadMotions([]));
    }

    private static float[] Swap(MLImage source, float[] sourceSmpl, MLImage reference, float[] referenceSmpl, string[] parts, int size)
    {
        IDataView data = s_context.Data.LoadFromEnumerable(
            [new PaintedPairRow { SourceImage = source, SourceSmpl = sourceSmpl, ReferenceImage = reference,
                ReferenceSmpl = referenceSmpl }]);
        return Tensor(s_context.Transforms.TransferAppearance(new TextureWarpGenerator(BodyModel.Default),
            new TransferAppearanceOptions { ImageSize = size, Parts = parts }).Fit(data).Transform(data)).Single();
    }

    private static float[][] View(PaintedPerson person, params float[][] angles)
    {
        IDataView data = Rows(person, angles);
        return Tensor(s_context.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
            new SynthesizeViewOptions { ImageSize = person.Size }).Fit(data).Transform(data));
    }

    private static IDataView Rows(PaintedPerson person, params float[][] angles) =>
        s_context.Data.LoadFromEnumerable(angles.Select(a => new PaintedViewRow
    {
        SourceImage = ImageCodec.ToImage(person.Image, person.Size, person.Size), SourceSmpl = person.Smpl, ViewAngles = a,
        Backdrop = Plain(person.Size),
    }));

    private static MLImage Plain(int size) =>
        MLImage.CreateFromPixels(size, size, MLPixelFormat.Bgra32,
        [.. Enumerable.Range(0, size * size).SelectMany(_ => (byte[])[9, 90, 90, 255])]);

    private static float[][] Tensor(IDataView data)
    {
        return [.. data.GetColumn<MLImage>("TargetImage").Select(image =>
        {
            float[] tensor = new float[3 * image.Width * image.Height];
            ImageCodec.ToTensor(image, tensor);
            return tensor;
        })];
    }

    private static IEnumerable<PairRow> Pairs => new[] { 1, 2 }.Select(i => new PairRow
    {
        SourceImage = TestBody.Picture(1), SourceSmpl = TestBody.Smpl(9), ReferenceImage = TestBody.Picture(i),
        ReferenceSmpl = TestBody.Smpl(i),
    });

    private static IEnumerable<ViewRow> Views => new[] { 1, 2 }.Select(i => new ViewRow
    {
        SourceImage = TestBody.Picture(1), SourceSmpl = TestBody.Smpl(9), ViewAngles = [5, 60 * i, 0], ViewTranslation = [0.05f, 0, 0],
        Backdrop = TestBody.Picture(7),
    });

    private sealed class FlowRow
    {
        [VectorType(S, S)] public int[] SourceFaceIndex { get; set; } = [];
        [VectorType(S, S, 3)] public float[] SourceWeights { get; set; } = [];
        [VectorType] public float[] ReferencePoints { get; set; } = [];
        [VectorType(S, S)] public int[] ReferenceFaceIndex { get; set; } = [];

        public static FlowRow Make(int seed)
        {
            TestBody.Maps source = TestBody.Render(TestBody.Smpl(seed)), reference = TestBody.Render(TestBody.Smpl(seed + 5));
            return new FlowRow { SourceFaceIndex = source.FaceIndex, SourceWeights = source.Weights, ReferencePoints = reference.Points,
                ReferenceFaceIndex = reference.FaceIndex };
        }
    }

    private sealed class Flows { public float[] T { get; set; } = []; public float[] ReferenceT { get; set; } =
        []; public float[] KeptMap { get; set; } = []; }

    private sealed class PairRow
    {
        [VectorType(85)] public float[] SourceSmpl { get; set; } = [];
        [VectorType(85)] public float[] ReferenceSmpl { get; set; } = [];
        [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!;
        [ImageType(S, S)] public MLImage ReferenceImage { get; set; } = null!;
    }

    private sealed class ViewRow
    {
        [VectorType(85)] public float[] SourceSmpl { get; set; } = [];
        [VectorType(3)] public float[] ViewAngles { get; set; } = new float[3];
        [VectorType(3)] public float[] ViewTranslation { get; set; } = new float[3];
        [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!;
        [ImageType(S, S)] public MLImage Backdrop { get; set; } = null!;
    }

    private sealed class PaintedPairRow
    {
        [VectorType(85)] public float[] SourceSmpl { get; set; } = [];
        [VectorType(85)] public float[] ReferenceSmpl { get; set; } = [];
        [ImageType(PaintedPeople.Size, PaintedPeople.Size)] public MLImage SourceImage { get; set; } = null!;
        [ImageType(PaintedPeople.Size, PaintedPeople.Size)] public MLImage ReferenceImage { get; set; } = null!;
    }

    private sealed class PaintedViewRow
    {
        [VectorType(85)] public float[] SourceSmpl { get; set; } = [];
        [VectorType(3)] public float[] ViewAngles { get; set; } = new float[3];
        [VectorType(3)] public float[] ViewTranslation { get; set; } = new float[3];
        [ImageType(PaintedPeople.Size, PaintedPeople.Size)] public MLImage SourceImage { get; set; } = null!;
        [ImageType(PaintedPeople.Size, PaintedPeople.Size)] public MLImage Backdrop { get; set; } = null!;
    }

    private sealed class Result { [ImageType(S, S)] public MLImage TargetImage { get; set; } =
        null!; public float[] TargetMask { get; set; } = []; }
}
