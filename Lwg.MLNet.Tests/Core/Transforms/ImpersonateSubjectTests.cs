using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Generation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests the stage that learns people: the estimator check, keys, and refused input.</summary>
[TestClass]
public sealed class ImpersonateSubjectTests
{
    private const int S = TestBody.Size;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ThePersonIsLearnedSavedAndLoaded(bool learned)
    {
        using LiquidWarpingGenerator? network = learned ? Tiny() : null;
        EstimatorCheck<Row, Shown>.Run(_context,
            _context.Transforms.ImpersonateSubject((TransferGenerator?)network
            ?? new TextureWarpGenerator(TestBody.Body), body: TestBody.Body), [Row.Make(1), Row.Make(2)], ("Smpl", [85]));
    }

    [TestMethod]
    public void AKeyDistinguishesPeople()
    {
        Row[] rows = [Row.Make(1, "anna"), Row.Make(2, "ben"), Row.Make(3, "ben")];
        var options = new ImpersonateSubjectOptions { KeyColumnName = "Who" };
        IEstimator<StageTransformer<ImpersonateSubjectOptions>> estimator =
            _context.Transforms.ImpersonateSubject(new TextureWarpGenerator(TestBody.Body), options, TestBody.Body);
        EstimatorCheck<Row, Shown>.Run(_context, estimator, rows, ("Smpl", [85]));
        var people = (ImpersonateSubjectTransformer)estimator.Fit(Data(rows));
        Assert.AreEqual((1, 2), (people.Subjects["anna"].Views.Count, people.Subjects["ben"].Views.Count));
        // Learning Ben alone gives the same picture as learning him with Anna.
        byte[] ben = Picture(people, Row.Make(4, "ben"));
        CollectionAssert.AreEqual(ben, Picture(
            _context.Transforms.ImpersonateSubject(new TextureWarpGenerator(TestBody.Body), body: TestBody.Body).Fit(Data(rows[1..])),
            Row.Make(4)));
        CollectionAssert.AreNotEqual(ben, Picture(people, Row.Make(4, "anna")));
        string message = Assert.ThrowsExactly<LwgException>(() => Picture(people, Row.Make(4, "carla"))).Message;
        StringAssert.Contains(message, "'carla'");
        StringAssert.Contains(message, "'anna', 'ben'");
    }

    [TestMethod]
    public void MotionsNeedNoPicture()
    {
        ITransformer person = _context.Transforms.ImpersonateSubject(new TextureWarpGenerator(TestBody.Body), body: TestBody.Body)
            .Fit(Data(Row.Make(1)));
        IDataView poses = _context.Data.LoadFromEnumerable([new Pose { Smpl = TestBody.Smpl(2) }]);
        using MLImage image = person.Transform(poses).GetColumn<MLImage>("TargetImage").Single();
        Assert.AreEqual((S, S), (image.Width, image.Height));
        float[] smpl = person.Transform(poses).GetColumn<float[]>("TargetSmpl").Single();
        CollectionAssert.AreEqual(TestBody.Smpl(1)[SmplLayout.ShapeOffset..], smpl[SmplLayout.ShapeOffset..], "the person's shape");
        CollectionAssert.AreEqual(TestBody.Smpl(2)[SmplLayout.PoseOffset..SmplLayout.ShapeOffset],
            smpl[SmplLayout.PoseOffset..SmplLayout.ShapeOffset], "the reference's pose");
    }

    [TestMethod]
    public void BadDataAreRefused()
    {
        IEstimator<StageTransformer<ImpersonateSubjectOptions>> estimator =
            _context.Transforms.ImpersonateSubject(new TextureWarpGenerator(TestBody.Body), body: TestBody.Body);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => estimator.Fit(Data())).Message, "no row");
        StringAssert.Contains(Assert.ThrowsExactly<ImageInputException>(() =>
            estimator.Fit(Data(Row.Make(1), new Row { Smpl = TestBody.Smpl(2) }))).Message, "'Image'");
        IDataView withoutPictures = _context.Data.LoadFromEnumerable([new Pose { Smpl = TestBody.Smpl(2) }]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(withoutPictures)).Message, "'Image'");
        float[] broken = TestBody.Smpl(2);
        broken[7] = float.NaN;
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(() =>
            estimator.Fit(Data(new Row { Image = TestBody.Picture(1), Smpl = broken }))).Message, "'Smpl'");
        Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.ImpersonateSubject(new TextureWarpGenerator(BodyModel.Default),
            new ImpersonateSubjectOptions { Strategy = CameraStrategy.Smooth }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.ImpersonateSubject(new ConstantGenerator(TestBody.Body), body: TestBody.Body));
        Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.ImpersonateSubject(new TextureWarpGenerator(TestBody.Body),
            new ImpersonateSubjectOptions { Tuner = new Renamer() }, TestBody.Body));
        using var quantized = Lwg.MLNet.Models.OwnModels.OpenGenerator(
            new NetworkRuntimeOptions { Precision = NetworkPrecision.Quantized });
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.ImpersonateSubject(quantized, new ImpersonateSubjectOptions { Tuner = new Renamer() })).Message,
            "full precision");
        using LiquidWarpingGenerator network = Tiny();
        Assert.ThrowsExactly<BodyMismatchException>(() => _context.Transforms.ImpersonateSubject(network));
    }

    [TestMethod]
    public void TwoPeopleWithoutAKeyCauseAWarning()
    {
        Assert.IsEmpty(Warnings(Plain(1, 200), Plain(1, 190)));
        StringAssert.Contains(Warnings(Plain(1, 250), Plain(1, 10)).Single(), "KeyColumnName");
    }

    [TestMethod]
    public void ATunerTunesTheGeneratorThatIsSaved()
    {
        using LiquidWarpingGenerator network = Tiny();
        var person = (ImpersonateSubjectTransformer)_context.Transforms.ImpersonateSubject(network,
            new ImpersonateSubjectOptions { Tuner = new Renamer() }, TestBody.Body).Fit(Data(Row.Make(1)));
        Assert.AreEqual("tuned on 1", person.Network!.Package.Manifest.Notes);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            _context.Transforms.ImpersonateSubject(new TextureWarpGenerator(TestBody.Body),
            new ImpersonateSubjectOptions { CancellationToken = stopped.Token }, TestBody.Body).Fit(Data(Row.Make(1))));
    }

    private static LiquidWarpingGenerator Tiny() => new(TinyGenerator.Package(TinyGenerator.Manifest(TestBody.Body.Hash)));

    private IDataView Data(params Row[] rows) => _context.Data.LoadFromEnumerable(rows);

    private byte[] Picture(ITransformer model, Row row)
    {
        using MLImage image = model.Transform(Data(row)).GetColumn<MLImage>("TargetImage").Single();
        return image.Pixels.ToArray();
    }

    private static List<string> Warnings(params Row[] rows)
    {
        var context = new MLContext(seed: 1);
        var warnings = new List<string>();
        context.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        context.Transforms.ImpersonateSubject(new TextureWarpGenerator(BodyModel.Default)).Fit(context.Data.LoadFromEnumerable(rows));
        return warnings;
    }

    /// <summary>Creates a person of one grey in front of another.</summary>
    private static Row Plain(int pose, byte grey)
    {
        BodyMap map = BodyMap.Render(TestBody.Smpl(pose), S);
        byte[] pixels = [.. map.FaceIndex.SelectMany(f => (byte[])(f >= 0 ? [grey, grey, grey, 255] : [128, 128, 128, 255]))];
        return new Row { Image = MLImage.CreateFromPixels(S, S, MLPixelFormat.Bgra32, pixels), Smpl = TestBody.Smpl(pose) };
    }

    private sealed class Renamer : ISubjectTuner
    {
        public ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects,
            CancellationToken cancellationToken) =>
            TinyGenerator.Package(generator.Manifest with { Notes = $"tuned on {subjects.Count}" });
    }

    private sealed class Row
    {
        [ImageType(S, S)]
        public MLImage Image { get; set; } = null!;

        [VectorType(85)]
        public float[] Smpl { get; set; } = [];

        public string Who { get; set; } = "";

        public static Row Make(int seed, string who = "") =>
            new() { Image = TestBody.Picture(seed), Smpl = TestBody.Smpl(seed), Who = who };
    }

    private sealed class Pose
    {
        [VectorType(85)]
        public float[] Smpl { get; set; } = [];
    }

    private sealed class Shown
    {
        [ImageType(S, S)]
        public MLImage TargetImage { get; set; } = null!;

        public float[] TargetSmpl { get; set; } = [];
    }
}
