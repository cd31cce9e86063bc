using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Lwg.MLNet.Transforms.Imaging;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests data with a photograph as the only column, and data without one.</summary>
[TestClass]
public sealed class PhotographAloneTests
{
    private const int Width = 160, Height = 120, Size = 64;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void AModelWhoseInputIsAPhotographCanBeSaved()
    {
        IDataView photos = Photos();
        using var estimator = new LearnedSmplEstimator(SmallPersonNetwork.Package());
        ITransformer found = _context.Transforms.FindPerson(new FindPersonOptions { Prefix = "", ImageSize = Size }, estimator).Fit(photos);
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "model.zip");
        PersonTransfer.SaveModel(_context, found, photos.Schema, file);
        ITransformer loaded = PersonTransfer.LoadModel(_context, file, out DataViewSchema? schema);
        Assert.IsNull(schema);
        Assert.AreEqual(found.GetOutputSchema(photos.Schema).ToString(), loaded.GetOutputSchema(photos.Schema).ToString());

        IDataView paired = _context.Data.PairWithViews(photos, _context.Data.LoadTurntable(1));
        PersonTransfer.SaveModel(_context, found, paired.Schema, file);
        PersonTransfer.LoadModel(_context, file, out schema);
        Assert.IsNotNull(schema!.GetColumnOrNull("ViewAngles"));
    }

    [TestMethod]
    public void ALearnedPersonNeedsOnlyMotions()
    {
        TransformerChain<StageTransformer<ImpersonateSubjectOptions>> chain =
            _context.Transforms.FindPerson(new FindPersonOptions { Prefix = "", ImageSize = Size }, new SilhouetteEstimator())
            .Append(_context.Transforms.ImpersonateSubject(new TextureWarpGenerator(BodyModel.Default))).Fit(Photos());
        IDataView motion = _context.Data.TakeRows(_context.Data.LoadMotion("squat"), 2),
            poses = _context.Transforms.CopyColumns("Smpl", "ReferenceSmpl").Fit(motion).Transform(motion);
        Assert.AreEqual(2, chain.LastTransformer.Transform(poses).GetColumn<MLImage>("TargetImage").Count());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Transform(poses)).Message, "LastTransformer");
    }

    [TestMethod]
    public void AChainThatLetsMotionsPassTransformsThemAsAWhole()
    {
        ITransformer chain = _context.Transforms.FindPerson(new FindPersonOptions { Prefix = "", ImageSize = Size, LetsMotionsPass = true },
            new SilhouetteEstimator())
            .Append(_context.Transforms.ImpersonateSubject(new TextureWarpGenerator(BodyModel.Default))).Fit(Photos());
        IDataView motion = _context.Data.TakeRows(_context.Data.LoadMotion("squat"), 2),
            poses = _context.Transforms.CopyColumns("Smpl", "ReferenceSmpl").Fit(motion).Transform(motion);
        IDataView whole = chain.Transform(poses),
            last = ((TransformerChain<StageTransformer<ImpersonateSubjectOptions>>)chain).LastTransformer.Transform(poses);
        Assert.AreEqual(last.Schema.ToString(), whole.Schema.ToString());
        Assert.AreEqual(last.Schema.ToString(), chain.GetOutputSchema(poses.Schema).ToString());
        byte[][] expected = Pictures(last);
        CollectionAssert.AreEqual(expected[1], Pictures(whole)[1]);
        PredictionEngine<Pose, Shown> engine = _context.Model.CreatePredictionEngine<Pose, Shown>(chain);
        float[] expectedSmpl = [.. last.GetColumn<float[]>("TargetSmpl").Skip(1).First()];
        float[] shown = engine.Predict(new Pose { Smpl = [.. poses.GetColumn<float[]>("Smpl").Skip(1).First()] }).TargetSmpl;
        CollectionAssert.AreEqual(expectedSmpl, shown);
        // Photographs are still processed; if a row has neither, the stage that needs the missing column reports an error.
        Assert.IsNotNull(chain.GetOutputSchema(Photos().Schema).GetColumnOrNull("Image"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Transform(motion)).Message, "Smpl");

        byte[][] Pictures(IDataView data) => [.. data.GetColumn<MLImage>("TargetImage").Select(image =>
        {
            using (image)
                return image.Pixels.ToArray();
        })];
    }

    private IDataView Photos() => _context.Data.LoadFromEnumerable(
        [new Row { Photo = ImageCodec.ToImage(
            SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(90, 60, 80, Width), Width, Height).Picture) }]);

    private sealed class Pose
    {
        [VectorType(85)]
        public required float[] Smpl { get; set; }
    }

    private sealed class Shown
    {
        public float[] TargetSmpl { get; set; } = [];
    }

    private sealed class Row
    {
        [AnySizeImage]
        public required MLImage Photo { get; set; }
    }
}
