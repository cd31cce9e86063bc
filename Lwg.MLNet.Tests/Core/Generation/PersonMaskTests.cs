using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Warping;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Tests a person in front of pure green who is slimmer than the body and has a gap: with the mask, no green background counts
/// as the person; without it, some does.</summary>
[TestClass]
public sealed class PersonMaskTests
{
    private const int S = PaintedPeople.Size, Plane = S * S;

    private static readonly SamplePerson s_person = SamplePerson.All[0];
    private static readonly PaintedPerson s_painted = PaintedPeople.Source(s_person);
    private static readonly BodyMap s_target = PaintedPeople.Target(s_person, "dance", 0.5).Map;
    private static readonly float[] s_mask = MaskOf();
    private static readonly float[] s_image = OnGreen();

    [TestMethod]
    public void TheTextureWarpShowsNoBackground()
    {
        Assert.AreEqual(0, Green(Warp(s_mask)), "with the mask");
        Assert.IsGreaterThan(20, Green(Warp([])), "without");
        CollectionAssert.AreEqual(Warp(s_mask).Image, Warp(s_mask).Image);
        CollectionAssert.AreEqual(Warp([]).Color, Warp(new float[Plane]).Color, "A mask that does not fit the body moves nothing.");

        static TransferResult Warp(float[] mask)
        {
            var result = new TransferResult(S);
            using ITransferWorker worker = PaintedPeople.Generator.CreateWorker(S);
            worker.Prepare(Frame(mask));
            worker.Generate(PaintedPeople.TargetFrame(s_target), result);
            return result;
        }
    }

    [TestMethod]
    public void ASharpenedNetworkReadsNoBackgroundAsThePerson()
    {
        using var network = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(BodyModel.Default.Hash)));
        int small = network.Package.Manifest.ImageSize;
        var picker = new PixelPicker(S, small);
        int[] smallFaces = new int[small * small];
        picker.Pick(s_painted.Map.FaceIndex, 1, smallFaces);
        using var view = new SourceView(PaintedPeople.Generator, network, picker, new InputAssembler(small));
        // A view is reused for other sources: nothing of one source may show in the next.
        (float[] mask, bool clean)[] takes = [([], false), (s_mask, true), ([], false), (s_mask, true)];
        foreach ((float[] mask, bool clean) in takes)
        {
            TransferFrame frame = Frame(mask);
            view.Take(frame.SourceImage, frame.SourcePoints, frame.SourceFaceIndex, mask);
            int[] green = [Green(view.PersonPicture, s_painted.Map.FaceIndex), Green(view.SmallPersonPicture, smallFaces),
                Green(view.Inputs.Person, smallFaces)];
            Assert.AreEqual(clean, green.All(g => g == 0), $"{string.Join(", ", green)} green pixels");
            CollectionAssert.AreEqual(s_image, view.Picture, "The background is read from the plain picture.");
        }
    }

    [TestMethod]
    public void ASubjectShowsNoBackgroundAlsoWhenItIsSaved()
    {
        var masked = new SubjectView([.. s_painted.Smpl], s_image) { PersonMask = s_mask };
        // The second view has no mask, and shows the person on grey.
        PaintedPerson other = PaintedPeople.Target(s_person, "turn", 0.5);
        Subject subject = Subject.Learn(BodyModel.Default, [masked, new SubjectView([.. other.Smpl], other.Image)], S);
        Assert.AreEqual(0, Green(Show(subject)));
        Assert.IsGreaterThan(20, Green(Show(Subject.Learn(BodyModel.Default, [masked with { PersonMask = null }], S))));
        using var stream = new MemoryStream();
        subject.Save(stream);
        stream.Position = 0;
        Subject loaded = Subject.Load(stream, "test");
        Assert.IsNull(loaded.Views[1].PersonMask);
        CollectionAssert.AreEqual(Show(subject).Image, Show(loaded).Image);
        Assert.ThrowsExactly<ArgumentException>(() => Subject.Learn(BodyModel.Default, [masked with { PersonMask = new float[7] }], S));

        static TransferResult Show(Subject subject)
        {
            var result = new TransferResult(S);
            using ITransferWorker worker = new SubjectGenerator(subject, BodyModel.Default).CreateWorker(S);
            worker.Generate(PaintedPeople.TargetFrame(s_target), result);
            return result;
        }
    }

    [TestMethod]
    public void ANetworksInputsShowNoBackgroundUnlessItIsComposedAsPublished()
    {
        using var network = new LiquidWarpingGenerator(TinyGenerator.Package(TinyGenerator.Manifest(BodyModel.Default.Hash)));
        Made with = Make("SourcePersonMask", FrontWarpMode.Blend), without = Make(null, FrontWarpMode.Blend),
            published = Make("SourcePersonMask", FrontWarpMode.AsPublished);
        int[] faces = s_painted.Map.FaceIndex;
        Assert.AreEqual(0, Green(with.SourceForegroundInput, faces));
        Assert.IsGreaterThan(20, Green(without.SourceForegroundInput, faces));
        // A sample half a pixel inside the silhouette is mixed with the pixel next to the body, as in the training.
        float[] beside = new float[Plane];
        GridSampler.Sample([.. faces.Select(f => f >= 0 ? 0f : 1)], 1, S, S, with.T, network.Shape.AlignCorners, beside);
        int[] within = [.. beside.Select(b => b == 0 ? 0 : -1)];
        Assert.AreEqual(0, Green(with.TargetWarped, within));
        Assert.IsGreaterThan(20, Green(without.TargetWarped, within));
        CollectionAssert.AreEqual(without.SourceForegroundInput, published.SourceForegroundInput);
        CollectionAssert.AreEqual(without.TargetWarped, published.TargetWarped);
        for (int i = 0; i < Plane; i++)
        {
            if (faces[i] < 0)
                Assert.AreEqual(without.SourceForegroundInput[i], with.SourceForegroundInput[i],
                    "Beside the body all is as in the training.");
        }

        Made Make(string? mask, FrontWarpMode mode)
        {
            var context = new MLContext(seed: 1);
            var schema = SchemaDefinition.Create(typeof(Row));
            schema["SourcePersonMask"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, S, S);
            using MLImage image = ImageCodec.ToImage(s_image, S, S);
            IDataView rows = context.Data.LoadFromEnumerable(
                [new Row { SourceSmpl = s_painted.Smpl, ReferenceSmpl = PaintedPeople.TargetSmpl(s_person, "dance", 0.5),
                    SourcePersonMask = s_mask, SourceImage = image }], schema);
            var options = new ImitateMotionOptions { KeepIntermediate = true, ImageSize = S, Strategy = CameraStrategy.Source,
                Sharp = false, FrontWarp = mode, PersonMaskColumnName = mask };
            IDataView made = context.Transforms.ImitateMotion(network, options).Fit(rows).Transform(rows);
            return new Made(made.GetColumn<float[]>("SourceForegroundInput").Single(), made.GetColumn<float[]>("TargetWarped").Single(),
                made.GetColumn<float[]>("T").Single());
        }
    }

    private static TransferFrame Frame(float[] mask) => new()
    {
        SourceImage = s_image, SourcePoints = s_painted.Map.Points, SourceFaceIndex = s_painted.Map.FaceIndex, SourcePersonMask = mask,
    };

    /// <summary>Returns a mask narrower than the painted person, with a gap in the middle of the body, where the silhouette without a
    /// mask counts as the person.</summary>
    private static float[] MaskOf()
    {
        float[] mask = [.. s_painted.Map.Silhouette];
        new Morphology(S, S).Erode(mask, 3, mask);
        int[] rows = [.. Enumerable.Range(0, Plane).Where(i => mask[i] == 1).Select(i => i / S)];
        int middle = rows[rows.Length / 3], centre = (int)Enumerable.Range(0, S).Where(x => mask[middle * S + x] == 1).Average();
        for (int y = middle - 5; y < middle + 5; y++)
        {
            for (int x = centre - 4; x < centre + 4; x++)
                mask[y * S + x] = 0;
        }
        return mask;
    }

    private static float[] OnGreen()
    {
        float[] image = [.. s_painted.Image];
        for (int i = 0; i < Plane; i++)
        {
            if (s_mask[i] == 0)
                (image[i], image[Plane + i], image[2 * Plane + i]) = (-1, 1, -1);
        }
        return image;
    }

    /// <summary>Counts the green pixels of the person.</summary>
    private static int Green(TransferResult result) =>
        Enumerable.Range(0, Plane).Count(i => result.Mask[i] < 0.1f && IsGreen(result.Color, i, Plane));

    private static int Green(float[] picture, int[] faceIndex) =>
        Enumerable.Range(0, faceIndex.Length).Count(i => faceIndex[i] >= 0 && IsGreen(picture, i, faceIndex.Length));

    private static bool IsGreen(float[] picture, int i, int n) => picture[n + i] > Math.Max(picture[i], picture[2 * n + i]) + 0.4f;

    private sealed record Made(float[] SourceForegroundInput, float[] TargetWarped, float[] T);

    private sealed class Row
    {
        [VectorType(85)] public float[] SourceSmpl { get; set; } = [];

        [VectorType(85)] public float[] ReferenceSmpl { get; set; } = [];

        public float[] SourcePersonMask { get; set; } = [];

        [ImageType(S, S)] public MLImage SourceImage { get; set; } = null!;
    }
}
