using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Motion imitation as an ordinary ML.NET pipeline: this is the file to read if you want to use the library.</summary>
internal static class Imitation
{
    /// <summary>
    /// From a photograph and a pose to the photograph in which the person has that pose. Every row has both, the same photograph again and
    /// again; still the person is cut out, fitted and drawn once only: a stage whose inputs hold what they held in the row before does not
    /// compute again.
    /// So one model holds the whole way, and who loads it needs to know nothing but its columns.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="size">S, the side of the person's square.</param>
    /// <param name="models">Generator, body, and perhaps an estimator.</param>
    /// <param name="marked">Whether key points say where the person is; else the estimator finds out.</param>
    /// <param name="camera">Where the person is put.</param>
    /// <param name="backdrop">What is behind the person.</param>
    /// <param name="place">With a copied camera: how the reference's place is brought into the photograph.</param>
    public static IEstimator<ITransformer> Pipeline(MLContext mlContext, int size, ModelChoice models, bool marked, CameraStrategy camera,
        Backdrop backdrop, PersonPlace? place = null) =>
        // SourcePhoto becomes SourceImage, the square around the person, and SourceSmpl, the body in it.
        Person(mlContext, "Source", size, models, marked, place is null ? null : "SourceRoomBox")
            // With ReferenceSmpl they become TargetImage, the person in the reference's pose...
            .Append(mlContext.Transforms.ImitateMotion(
                models.Generator, new ImitateMotionOptions
                {
                    ImageSize = size,
                    Strategy = camera,
                    Place = place,
                    ReferenceSizeColumnName = place is null ? null : "ReferenceSize",
                    WithLayers = true,
                    // The contact sheet shows the condition map and the warp.
                    KeepIntermediate = true,
                    AsPublished = models.AsPublished,
                    FrontWarp = models.FrontWarp,
                    PersonMaskColumnName = models.MaskColumn("Source", marked),
                    BackgroundColor = backdrop.Color,
                    BackgroundImageColumnName = backdrop.ColumnName,
                }, models.Body))
            // ...and that is put back into the photograph: TargetPhoto.
            .Append(mlContext.Transforms.ComposeIntoImage(imageSize: size));

    /// <summary>The square around the person of prefix + Photo, prefix + Image, and the body in it, prefix + Smpl: by key points, or by the
    /// estimator.</summary>
    /// <remarks>Key points are worth more than what our estimator tells; an HMR that was asked for looks at the square around
    /// them.</remarks>
    /// <param name="mlContext">The context.</param>
    /// <param name="prefix">What the columns' names begin with.</param>
    /// <param name="size">S, the side of the square.</param>
    /// <param name="models">Body, and perhaps an estimator.</param>
    /// <param name="marked">Whether key points say where the person is.</param>
    /// <param name="room">The column of a further box that the square must hold; null for none.</param>
    public static IEstimator<ITransformer> Person(MLContext mlContext, string prefix, int size, ModelChoice models, bool marked,
        string? room = null)
    {
        var catalog = mlContext.Transforms;
        var crop = new CropPersonOptions
        {
            OutputColumnName = prefix + "Image",
            CropTransformColumnName = prefix + "CropTransform",
            KeypointsColumnName = prefix + "Keypoints",
            PhotoColumnName = prefix + "Photo",
            PhotoKeypointsColumnName = marked ? prefix + "PhotoKeypoints" : null,
            Joints2DColumnName = marked ? null : prefix + "PhotoJoints2D",
            RoomBoxColumnName = room,
            ImageSize = size,
        };
        if (marked && models.FitsKeypoints)
        {
            IEstimator<ITransformer> fit = catalog.CropPerson(crop)
                .Append(catalog.FitSmplToKeypoints(prefix, models.Body, drawToSilhouette: true));
            // The network still tells the mask.
            return models.MasksMarked ? fit.Append(catalog.EstimateSmpl(MaskOf(prefix), models.Estimator, models.Body)) : fit;
        }
        if (marked)
        {
            return catalog.CropPerson(crop).Append(catalog.EstimateSmpl(
                new EstimateSmplOptions { OutputColumnName = prefix + "Smpl", ImageColumnName = prefix + "Image",
                KeypointsColumnName = prefix + "Keypoints" }, models.Estimator));
        }
        if (models.FindsPeople)
        {
            return catalog.FindPerson(
                new FindPersonOptions
                {
                    Prefix = prefix,
                    ImageSize = size,
                    BoxColumnName = models.HasBox && prefix == "Source" ? "SourcePhotoBox" : null,
                    RoomBoxColumnName = room,
                    OnUnclear = models.AcceptsUnclear ? UnclearPerson.Accept : UnclearPerson.Refuse,
                    Finding = new PersonFindingOptions { FitCutOff = models.AcceptsUnclear, PersonIndex = prefix == "Source"
                    ? models.PersonIndex : null },
                },
                models.Estimator, models.Body);
        }
        // Nobody marked the person: a first estimate over the whole photograph says where to look closer.
        return catalog.EstimateSmpl(new EstimateSmplOptions { OutputColumnName = prefix + "PhotoSmpl", ImageColumnName = prefix + "Photo" },
            models.Estimator)
            .Append(catalog.PoseBody(prefix + "Photo", body: models.Body))
            .Append(catalog.CropPerson(crop))
            .Append(catalog.EstimateSmpl(models.Estimator, prefix));
    }

    // The mask of a person whose key points are given; pose and shape come from these, so what the network says of them has names of its
    // own.
    private static EstimateSmplOptions MaskOf(string prefix) => new()
    {
        OutputColumnName = prefix + "SeenSmpl",
        EstimatedKeypointsColumnName = prefix + "SeenKeypoints",
        UnrefinedColumnName = prefix + "SeenUnrefinedSmpl",
        EstimatedBoxColumnName = prefix + "SeenBox",
        PersonMaskColumnName = prefix + "PersonMask",
        ConfidenceColumnName = prefix + "Confidence",
        StatusColumnName = prefix + "PersonStatus",
        PeopleCountColumnName = prefix + "PeopleCount",
        ImageColumnName = prefix + "Image",
        KeypointsColumnName = prefix + "Keypoints",
        OnUnclear = UnclearPerson.Report,
        Finding = new PersonFindingOptions { Refine = false },
    };

    /// <summary>The photograph, paired with every frame of a motion.</summary>
    public static IDataView Rows(MLContext mlContext, SourceRow source, Backdrop backdrop, int size, IDataView motion) =>
        mlContext.Data.PairWithMotion(Source(mlContext, source, backdrop, size), motion);

    /// <summary>The photograph, and the picture that it is put before where there is one.</summary>
    public static IDataView Source(MLContext mlContext, SourceRow source, Backdrop backdrop, int size) => backdrop.Picture is null
        ? mlContext.Data.LoadFromEnumerable([source])
        : mlContext.Data.LoadFromEnumerable([new BackdropRow(source, backdrop, size)]);

    /// <summary>The pose of a person in another photograph, as the one row of a motion.</summary>
    public static MotionRow PoseOf(MLContext mlContext, MarkedPhoto reference, int size, ModelChoice models)
    {
        IDataView photo = mlContext.Data.LoadFromEnumerable([new ReferenceRow(reference)]);
        ITransformer fit = Person(mlContext, "Reference", size, models, reference.Keypoints is not null).Fit(photo);
        IDataView found = fit.Transform(photo);
        float[] smpl = found.GetColumn<float[]>("ReferenceSmpl").Single();
        // A motion's cameras are those of whole pictures.
        SmplEstimation.ToPicture(new Smpl(smpl), CropTransform.FromSpan(found.GetColumn<float[]>("ReferenceCropTransform").Single()), size,
            Math.Max(reference.Picture.Width, reference.Picture.Height));
        return new MotionRow { ReferenceSmpl = smpl, ReferenceOrigin = smpl };
    }

    /// <summary>Saves the model, whole or not at all.</summary>
    public static void Save(MLContext mlContext, ITransformer model, DataViewSchema inputSchema, string path) =>
        PersonTransfer.SaveModel(mlContext, model, inputSchema, path);

    /// <summary>Loads a model.</summary>
    /// <exception cref="LwgException">It is missing, damaged, or has other stages than this library's.</exception>
    public static ITransformer Load(MLContext mlContext, string path) => PersonTransfer.LoadModel(mlContext, path, out _);
}
