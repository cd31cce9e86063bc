using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Motion imitation as an ordinary ML.NET pipeline. Start here to use the library.</summary>
internal static class Imitation
{
    /// <summary>
    /// Builds the pipeline from a photograph and a pose to the photograph with the person in that pose. Every row contains both, and the
    /// photograph is the same in each. The person is still cropped, fitted and drawn only once, because a stage does not compute again if
    /// its inputs are those of the previous row. One model thus contains all stages, and its users need only its columns.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="size">S, the side of the person's square.</param>
    /// <param name="models">Generator, body, and optionally an estimator.</param>
    /// <param name="marked">Whether there are key points of the person; otherwise the estimator finds the person.</param>
    /// <param name="camera">How the person's position is chosen.</param>
    /// <param name="backdrop">The background.</param>
    /// <param name="place">With a copied camera: how the reference's position is mapped to the photograph.</param>
    public static IEstimator<ITransformer> Pipeline(MLContext mlContext, int size, ModelChoice models, bool marked, CameraStrategy camera,
        Backdrop backdrop, PersonPlace? place = null) =>
        // SourcePhoto gives SourceImage, the square around the person, and SourceSmpl, the SMPL parameters of the body in it.
        Person(mlContext, "Source", size, models, marked, place is null ? null : "SourceRoomBox")
            // With ReferenceSmpl they give TargetImage, the person in the reference's pose.
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
            // Puts TargetImage back into the photograph: TargetPhoto.
            .Append(mlContext.Transforms.ComposeIntoImage(imageSize: size));

    /// <summary>Builds the stages that crop the person of prefix + Photo to a square, prefix + Image, and compute the body in it, prefix
    /// + Smpl, from key points or with the estimator.</summary>
    /// <remarks>Key points are more precise than the built-in estimator, so they replace it; a selected HMR processes the square around
    /// them.</remarks>
    /// <param name="mlContext">The context.</param>
    /// <param name="prefix">The prefix of the columns' names.</param>
    /// <param name="size">S, the side of the square.</param>
    /// <param name="models">Body, and optionally an estimator.</param>
    /// <param name="marked">Whether there are key points of the person.</param>
    /// <param name="room">The column of another box that the square must contain; null for none.</param>
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
            // The network still computes the mask.
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
        // Without key points, a first estimate on the whole photograph locates the person.
        return catalog.EstimateSmpl(new EstimateSmplOptions { OutputColumnName = prefix + "PhotoSmpl", ImageColumnName = prefix + "Photo" },
            models.Estimator)
            .Append(catalog.PoseBody(prefix + "Photo", body: models.Body))
            .Append(catalog.CropPerson(crop))
            .Append(catalog.EstimateSmpl(models.Estimator, prefix));
    }

    // Computes the mask of a person with given key points. Pose and shape come from the key points, so the network's values for them go
    // to other columns.
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

    /// <summary>Pairs the photograph with every frame of a motion.</summary>
    public static IDataView Rows(MLContext mlContext, SourceRow source, Backdrop backdrop, int size, IDataView motion) =>
        mlContext.Data.PairWithMotion(Source(mlContext, source, backdrop, size), motion);

    /// <summary>Returns the photograph, with the background picture if there is one.</summary>
    public static IDataView Source(MLContext mlContext, SourceRow source, Backdrop backdrop, int size) => backdrop.Picture is null
        ? mlContext.Data.LoadFromEnumerable([source])
        : mlContext.Data.LoadFromEnumerable([new BackdropRow(source, backdrop, size)]);

    /// <summary>Computes the pose of a person in another photograph, as a motion of one row.</summary>
    public static MotionRow PoseOf(MLContext mlContext, MarkedPhoto reference, int size, ModelChoice models)
    {
        IDataView photo = mlContext.Data.LoadFromEnumerable([new ReferenceRow(reference)]);
        ITransformer fit = Person(mlContext, "Reference", size, models, reference.Keypoints is not null).Fit(photo);
        IDataView found = fit.Transform(photo);
        float[] smpl = found.GetColumn<float[]>("ReferenceSmpl").Single();
        // The cameras of a motion refer to whole pictures.
        SmplEstimation.ToPicture(new Smpl(smpl), CropTransform.FromSpan(found.GetColumn<float[]>("ReferenceCropTransform").Single()), size,
            Math.Max(reference.Picture.Width, reference.Picture.Height));
        return new MotionRow { ReferenceSmpl = smpl, ReferenceOrigin = smpl };
    }

    /// <summary>Saves the model atomically.</summary>
    public static void Save(MLContext mlContext, ITransformer model, DataViewSchema inputSchema, string path) =>
        PersonTransfer.SaveModel(mlContext, model, inputSchema, path);

    /// <summary>Loads a model.</summary>
    /// <exception cref="LwgException">The file is missing, damaged, or contains stages of other libraries.</exception>
    public static ITransformer Load(MLContext mlContext, string path) => PersonTransfer.LoadModel(mlContext, path, out _);
}
