using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Tests a folder of photographs with a blank one and one that is not a picture.</summary>
[TestClass]
public sealed class BadRowsTests
{
    private const int Width = 160, Height = 120, Size = 64;

    private readonly MLContext _context = new(seed: 1);

    [TestMethod]
    public void ThreePhotographsWithABlankOneGiveTwoPicturesAndOneStatus()
    {
        IDataView made = Run(Pipeline(UnclearPerson.Report),
            Photos(("anna.png", Somebody(80)), ("blank.png", new PixelBuffer(Width, Height)), ("ben.png", Somebody(72))));
        Assert.AreEqual(2, made.GetColumn<MLImage>("TargetPhoto").Count(p => p is not null));
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1 }, made.GetColumn<uint>("SourcePersonStatus").ToArray());
        IDataView texts = Run(_context.Transforms.Conversion.MapKeyToValue("Text", "SourcePersonStatus"), made);
        CollectionAssert.AreEqual(new[] { "Found", "Nobody", "Found" }, texts.GetColumn<string>("Text").ToArray());
    }

    [TestMethod]
    public void UnreadablePicturesAreSkippedAndLogged()
    {
        var log = new List<string>();
        _context.Log += (_, e) => log.Add(e.Message);
        var photos = Photos(("anna.png", Somebody(80)), ("ben.png", Somebody(72))).ToList();
        photos.Insert(1, KeyValuePair.Create("broken.png", new byte[] { 1, 2, 3 }));
        IDataView made = Run(Pipeline(UnclearPerson.Report), photos);
        Assert.AreEqual("+-+", string.Concat(made.GetColumn<MLImage>("TargetPhoto").Select(p => p is null ? '-' : '+')));
        CollectionAssert.AreEqual(new uint[] { 1, 0, 1 }, made.GetColumn<uint>("SourcePersonStatus").ToArray());
        Assert.ContainsSingle(log.Where(m =>
            m.Contains("row 1 is skipped", StringComparison.Ordinal) && m.Contains("'broken.png'", StringComparison.Ordinal)),
            string.Join("\n", log));

        string message = Assert.ThrowsExactly<ImageInputException>(() =>
            Run(Pipeline(UnclearPerson.Refuse), photos).GetColumn<MLImage>("TargetPhoto").ToList()).Message;
        foreach (string part in (string[])["Row 1", "of 'FindPerson'", "column 'SourcePhoto'", "'broken.png'"])
            StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void ARefusedRowIsNamedWithTheMethodAndTheOption()
    {
        var photos = Photos(("anna.png", Somebody(80)), ("blank.png", new PixelBuffer(Width, Height)));
        string message = Assert.ThrowsExactly<PersonNotFoundException>(() =>
            Run(Pipeline(UnclearPerson.Refuse), photos).GetColumn<MLImage>("TargetPhoto").ToList()).Message;
        foreach (string part in (string[])["Row 1 (the first is 0): Stage 'EstimateSmpl' of 'FindPerson'", "'SourcePhoto'",
            "OnUnclear = UnclearPerson.Report among the options of FindPerson"])
            StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void AMissingColumnIsNamedWithTheExistingOnesAndItsStage()
    {
        IDataView photos = Run(_context.Transforms.CopyColumns("SourcePhoto", "Photo"), Photos(("anna.png", Somebody(80))));
        IDataView found = Run(_context.Transforms.FindPerson(new FindPersonOptions { ImageSize = Size }, new SilhouetteEstimator()),
            photos);
        string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _context.Transforms.ImitateMotion(new TextureWarpGenerator(BodyModel.Default), new ImitateMotionOptions { ImageSize = Size })
            .Fit(found)).Message;
        foreach (string part in (string[])["Stage 'RetargetSmpl' of 'ImitateMotion'", "'ReferenceSmpl'", "PairWithMotion", "SourceSmpl"])
            StringAssert.Contains(message, part);
        message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _context.Transforms.FindPerson(new SilhouetteEstimator()).Fit(_context.Data.LoadPhotos(["anna.png"]))).Message;
        foreach (string part in (string[])["'SourcePhoto'", "CopyColumns", "The columns are Name, Photo."])
            StringAssert.Contains(message, part);
    }

    [TestMethod]
    public void ChainsPassOnTheirResultsAlone()
    {
        IDataView photos = Run(_context.Transforms.CopyColumns("SourcePhoto", "Photo"), Photos(("anna.png", Somebody(80))));
        Assert.AreEqual("Name, Photo, ViewAngles, ViewTranslation, SourcePhoto, SourceImage, SourceCropTransform, SourceSmpl, "
            + "SourceEstimatedKeypoints, SourceUnrefinedSmpl, SourceEstimatedBox, SourcePersonMask, SourceConfidence, "
            + "SourcePersonStatus, SourcePeopleCount", Names(false));
        StringAssert.Contains(Names(true), "SourcePhotoPersonStatus");
        IDataView view = Run(_context.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
            new SynthesizeViewOptions { ImageSize = Size, TranslationColumnName = null }), Run(Find(false), photos));
        string[] made = [.. view.Schema.Where(c => !c.IsHidden).Select(c => c.Name)];
        Assert.AreEqual("TargetImage", made[^1]);
        CollectionAssert.DoesNotContain(made, "SourceVertices");
        Assert.AreEqual(1, view.GetColumn<MLImage>("TargetImage").Count());

        string Names(bool keep) => string.Join(", ", Run(Find(keep), photos).Schema.Select(c => c.Name));

        IEstimator<ITransformer> Find(bool keep) =>
            _context.Transforms.FindPerson(new FindPersonOptions { ImageSize = Size, KeepIntermediate = keep }, new SilhouetteEstimator());
    }

    [TestMethod]
    public void NumbersOfAPersonHaveNames()
    {
        IDataView photos = Run(_context.Transforms.CopyColumns("SourcePhoto", "Photo"), Photos(("anna.png", Somebody(80))));
        DataViewSchema schema = Run(_context.Transforms.FindPerson(new FindPersonOptions { ImageSize = Size }, new SilhouetteEstimator()),
            photos).Schema;
        string[] smpl = SlotNames("SourceSmpl"), keypoints = SlotNames("SourceEstimatedKeypoints");
        Assert.AreEqual((85, "camera.scale", "pose.pelvis.x", "pose.right hand.z", "shape.9"),
            (smpl.Length, smpl[0], smpl[3], smpl[74], smpl[84]));
        Assert.AreEqual((51, "nose.x", "nose.confidence", "right ankle.confidence"),
            (keypoints.Length, keypoints[0], keypoints[2], keypoints[50]));

        string[] SlotNames(string column)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            schema[column].GetSlotNames(ref names);
            return [.. names.DenseValues().Select(n => n.ToString())];
        }
    }

    [TestMethod]
    public void ASchemaWithNamesIsLoadedThroughTheCheck()
    {
        IDataView photos = Run(_context.Transforms.CopyColumns("SourcePhoto", "Photo"), Photos(("anna.png", Somebody(80))));
        IDataView found = Run(_context.Transforms.FindPerson(new FindPersonOptions { ImageSize = Size }, new SilhouetteEstimator()),
            photos);
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "model.zip");
        _context.Model.Save(_context.Transforms.PoseBody("Source").Fit(found), found.Schema, file);
        ITransformer model = PersonTransfer.LoadModel(_context, file, out DataViewSchema? schema);
        Assert.IsTrue(schema!["SourcePersonStatus"].Type is KeyDataViewType { Count: 5 });
        Assert.IsNotNull(schema["SourceSmpl"].Annotations.Schema.GetColumnOrNull("SlotNames"));
        Assert.HasCount(1, model.Transform(found).GetColumn<float[]>("SourceVertices").ToList());
    }

    private IEstimator<ITransformer> Pipeline(UnclearPerson onUnclear) => _context.Transforms.CopyColumns("SourcePhoto", "Photo")
        .Append(_context.Transforms.FindPerson(new FindPersonOptions { ImageSize = Size, OnUnclear = onUnclear },
        new SilhouetteEstimator()))
        .Append(_context.Transforms.SynthesizeView(new TextureWarpGenerator(BodyModel.Default),
        new SynthesizeViewOptions { ImageSize = Size, OnUnclear = onUnclear, TranslationColumnName = null }))
        .Append(_context.Transforms.ComposeIntoImage(
        new ComposeIntoImageOptions { PhotoColumnName = "SourcePhoto", ImageColumnName = "TargetImage",
        CropTransformColumnName = "SourceCropTransform", ImageSize = Size, StatusColumnNames = ["SourcePersonStatus"] }));

    private IDataView Run(IEstimator<ITransformer> pipeline, IEnumerable<KeyValuePair<string, byte[]>> photos) =>
        Run(pipeline, _context.Data.PairWithViews(_context.Data.LoadPhotos(photos), _context.Data.LoadTurntable(1)));

    private static IDataView Run(IEstimator<ITransformer> pipeline, IDataView data) => pipeline.Fit(data).Transform(data);

    private static IEnumerable<KeyValuePair<string, byte[]>> Photos(params (string Name, PixelBuffer Picture)[] photos)
    {
        foreach ((string name, PixelBuffer picture) in photos)
        {
            using var png = new MemoryStream();
            ImageCodec.EncodePng(picture, png);
            yield return KeyValuePair.Create(name, png.ToArray());
        }
    }

    private static PixelBuffer Somebody(int height) =>
        SilhouetteEstimator.Paint(SilhouetteEstimator.Standing(90, 60, height, Width), Width, Height).Picture;
}
