using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests rows without a person in the chains that make pictures: the other rows are the same as without them.</summary>
[TestClass]
public sealed class LeftOutRowsTests
{
    private const int Width = 160, Height = 120, Size = 64;

    private readonly MLContext _context = new(seed: 1);

    private static IEnumerable<object[]> Jobs =>
    [
        [new Job("ImitateMotion", (t, on) =>
            t.ImitateMotion(new TextureWarpGenerator(BodyModel.Default),
            new ImitateMotionOptions { ImageSize = Size, OnUnclear = on, Strategy = CameraStrategy.Source }))],
        [new Job("TransferAppearance", (t, on) =>
            t.TransferAppearance(new TextureWarpGenerator(BodyModel.Default),
            new TransferAppearanceOptions { ImageSize = Size, OnUnclear = on }))],
        [new Job("SynthesizeView", (t, on) =>
            t.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
            new SynthesizeViewOptions { ImageSize = Size, OnUnclear = on, Pose = ViewPose.TPose, TranslationColumnName = null }))],
    ];

    [TestMethod]
    [DynamicData(nameof(Jobs))]
    public void TwoPicturesAndOneStatus(Job job)
    {
        // The rows around the blank one are equal, so the cached values of the source must survive the row between them.
        IDataView data = Rows(Somebody(80), null, Somebody(80), Somebody(72));
        ITransformer model = Chain(job, UnclearPerson.Report).Fit(data);
        CheckRows(model.Transform(data));

        using var saved = new TemporaryFolder();
        string file = Path.Combine(saved.Path, "model.zip");
        _context.Model.Save(Chain(job, UnclearPerson.Report, withPerson: false).Fit(Found(data)), Found(data).Schema, file);
        CheckRows(_context.Model.Load(file, out _).Transform(Found(data)));

        void CheckRows(IDataView made)
        {
            byte[]?[] pictures = [.. made.GetColumn<MLImage>("TargetImage").Select(i => i?.Pixels.ToArray())];
            Assert.IsNull(pictures[1]);
            byte[]?[] alone = [.. new[] { 80, 72 }.Select(height =>
                Chain(job, UnclearPerson.Refuse).Fit(data).Transform(Rows(Somebody(height))).GetColumn<MLImage>("TargetImage")
                .Single().Pixels.ToArray())];
            CollectionAssert.AreEqual(alone[0], pictures[0]);
            CollectionAssert.AreEqual(alone[0], pictures[2]);
            CollectionAssert.AreEqual(alone[1], pictures[3]);
            // All columns can also be read at once: omitted values are 0.
            foreach (DataViewSchema.Column column in made.Schema.Where(c =>
                !c.IsHidden && c.Type is VectorDataViewType { ItemType: NumberDataViewType { RawType: var raw } } && raw == typeof(float)
                && c.Name.StartsWith("Target", StringComparison.Ordinal)))
                Assert.IsTrue(made.GetColumn<float[]>(column.Name).ElementAt(1).All(v => v == 0), column.Name);
            CollectionAssert.AreEqual(new uint[] { 1, 2, 1, 1 }, made.GetColumn<uint>("SourcePersonStatus").ToArray());
        }
    }

    [TestMethod]
    [DynamicData(nameof(Jobs))]
    public void WhereTheyAreNotLeftOutTheyAreErrors(Job job)
    {
        IDataView data = Rows(Somebody(80), null);
        ITransformer model = Chain(job, UnclearPerson.Refuse).Fit(data);
        Assert.ThrowsExactly<PersonNotFoundException>(() => model.Transform(data).GetColumn<MLImage>("TargetImage").ToList());
    }

    [TestMethod]
    public void AStatusThatIsMissingIsNamed()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new SmplRow()]);
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _context.Transforms.PoseBody(new PoseBodyOptions { OutputPrefix = "Source", StatusColumnNames = ["PersonStatus"] })
            .Fit(data)).Message;
        StringAssert.Contains(message, "Stage 'PoseBody' needs a column 'PersonStatus'");
        Assert.ThrowsExactly<ArgumentException>(() =>
            _context.Transforms.PoseBody(new PoseBodyOptions { OutputPrefix = "Source", StatusColumnNames = [""] }));
    }

    private IEstimator<ITransformer> Chain(Job job, UnclearPerson onUnclear, bool withPerson = true)
    {
        IEstimator<ITransformer> chain = job.Make(_context.Transforms, onUnclear);
        return withPerson ? new EstimatorChain<ITransformer>().Append(Find("Source", onUnclear)).Append(Find("Reference", onUnclear))
            .Append(chain) : chain;
    }

    private IDataView Found(IDataView data) =>
        new EstimatorChain<ITransformer>().Append(Find("Source", UnclearPerson.Report)).Append(Find("Reference", UnclearPerson.Report))
        .Fit(data).Transform(data);

    private IEstimator<ITransformer> Find(string prefix, UnclearPerson onUnclear) =>
        _context.Transforms.FindPerson(new FindPersonOptions { Prefix = prefix, ImageSize = Size, OnUnclear = onUnclear },
        new SilhouetteEstimator());

    private IDataView Rows(params MLImage?[] photos) => _context.Data.LoadFromEnumerable(
        photos.Select(p => new PhotoRow { SourcePhoto = p
        ?? ImageCodec.ToImage(new PixelBuffer(Width, Height)), ReferencePhoto = Somebody(70) }).ToList());

    private static MLImage Somebody(int height) =>
        ImageCodec.ToImage(SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(90, 60, height, Width), Width, Height).Picture);

    public sealed record Job(string Name, Func<TransformsCatalog, UnclearPerson, IEstimator<ITransformer>> Make)
    {
        public override string ToString() => Name;
    }

    private sealed class PhotoRow
    {
        [ImageType(Height, Width)]
        public required MLImage SourcePhoto { get; set; }

        [ImageType(Height, Width)]
        public required MLImage ReferencePhoto { get; set; }

        [VectorType(3)]
        public float[] ViewAngles { get; set; } = [0, 30, 0];
    }

    private sealed class SmplRow
    {
        [VectorType(85)]
        public float[] SourceSmpl { get; set; } = new float[85];
    }
}
