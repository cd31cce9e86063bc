using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Persistence;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// The stages of Liquid Warping GAN as extensions of the ML.NET catalog. The column names of a person consist of a prefix (Source,
/// Reference, Target) and a part (Image, Smpl, Vertices, Condition...). With the default names, the stages can be chained.
/// </summary>
public static class LwgTransformsCatalog
{
    /// <summary>Crops the square around a person from a picture. From prefix + Photo and prefix + PhotoKeypoints [17,3] it creates prefix
    /// + Image, CropTransform [6] and Keypoints [17,3].</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    /// <param name="imageSize">S, the size of the square image, 32 to 2048 pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image size is out of range.</exception>
    public static StageEstimator<CropPersonOptions> CropPerson(this TransformsCatalog catalog, string prefix = "", int imageSize = 256) =>
        catalog.CropPerson(new CropPersonOptions
        {
            OutputColumnName = prefix + "Image",
            CropTransformColumnName = prefix + "CropTransform",
            KeypointsColumnName = prefix + "Keypoints",
            PhotoColumnName = prefix + "Photo",
            PhotoKeypointsColumnName = prefix + "PhotoKeypoints",
            ImageSize = imageSize,
        });

    /// <summary>Crops the square around a person from a picture.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image; key points [17,3], box [4] or projected joints [19,2], Single |
    /// | Output | image S x S, CropTransform [6], and key points in the square [17,3] |
    /// | Additional packages | Microsoft.ML.ImageAnalytics |
    /// </remarks>
    public static StageEstimator<CropPersonOptions> CropPerson(this TransformsCatalog catalog, CropPersonOptions options) =>
        new(new CropPersonTransformer(EnvironmentOf(catalog), options));

    /// <summary>Inserts a square result into the full picture.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="outputColumnName">The column of the full output picture.</param>
    /// <param name="imageColumnName">The column of the square image to insert.</param>
    /// <param name="photoColumnName">The column of the full input picture.</param>
    /// <param name="cropTransformColumnName">The column of the transform [6] from CropPerson.</param>
    /// <param name="imageSize">S, the size of the square when it was cropped, 32 to 2048 pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image size is out of range.</exception>
    public static StageEstimator<ComposeIntoImageOptions> ComposeIntoImage(
        this TransformsCatalog catalog,
        string outputColumnName = "TargetPhoto",
        string imageColumnName = "TargetImage",
        string photoColumnName = "SourcePhoto",
        string cropTransformColumnName = "SourceCropTransform",
        int imageSize = 256) =>
        catalog.ComposeIntoImage(new ComposeIntoImageOptions
        {
            OutputColumnName = outputColumnName,
            ImageColumnName = imageColumnName,
            PhotoColumnName = photoColumnName,
            CropTransformColumnName = cropTransformColumnName,
            ImageSize = imageSize,
        });

    /// <summary>Inserts a square result into the full picture.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image (full picture), image (square), CropTransform [6], Single |
    /// | Output | image of the full picture's size |
    /// | Additional packages | Microsoft.ML.ImageAnalytics |
    /// </remarks>
    public static StageEstimator<ComposeIntoImageOptions> ComposeIntoImage(this TransformsCatalog catalog,
        ComposeIntoImageOptions options) => new(new ComposeIntoImageTransformer(EnvironmentOf(catalog), options));

    /// <summary>Fits a body to marked key points. From prefix + Keypoints [17,3] and prefix + Image it creates prefix + Smpl [85] and
    /// prefix + FitError.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <param name="drawToSilhouette">Whether the body's outline is also fitted to the person's silhouette in the image.</param>
    /// <exception cref="Lwg.MLNet.BodyMismatchException">The body has no key points.</exception>
    public static StageEstimator<FitSmplToKeypointsOptions> FitSmplToKeypoints(this TransformsCatalog catalog, string prefix = "",
        BodyModel? body = null, bool drawToSilhouette = false) =>
        catalog.FitSmplToKeypoints(
            new FitSmplToKeypointsOptions
            {
                OutputColumnName = prefix + "Smpl",
                ErrorColumnName = prefix + "FitError",
                KeypointsColumnName = prefix + "Keypoints",
                ImageColumnName = prefix + "Image",
                DrawToSilhouette = drawToSilhouette,
            },
            body);

    /// <summary>Fits a body to marked key points.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.BodyMismatchException">The body has no key points.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | key points [17,3], Single; square image |
    /// | Output | Smpl [85] and the error, Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics |
    /// </remarks>
    public static StageEstimator<FitSmplToKeypointsOptions> FitSmplToKeypoints(this TransformsCatalog catalog,
        FitSmplToKeypointsOptions options, BodyModel? body = null) =>
        new(new FitSmplToKeypointsTransformer(EnvironmentOf(catalog), options, body ?? BodyModel.Default));

    /// <summary>Detects a person's key points with a given pose network. From prefix + Photo it creates prefix + PhotoKeypoints [17,3],
    /// which CropPerson reads, and prefix + PersonScore.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="onnxFile">The ONNX file of the network: heat maps, SimCC or YOLO-pose, detected from its outputs.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    /// <exception cref="Lwg.MLNet.ModelFileException">The network is missing, damaged, or of an unknown family.</exception>
    public static StageEstimator<DetectKeypointsOptions> DetectKeypoints(this TransformsCatalog catalog, string onnxFile,
        string prefix = "") =>
        catalog.DetectKeypoints(
            new DetectKeypointsOptions { OutputColumnName = prefix + "PhotoKeypoints", ScoreColumnName = prefix + "PersonScore",
            ImageColumnName = prefix + "Photo" }, onnxFile);

    /// <summary>Detects a person's key points with a given pose network.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and the input and output format of the network.</param>
    /// <param name="onnxFile">The ONNX file of the network, or a model folder.</param>
    /// <param name="runtime">The settings of the network; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.ModelFileException">The network is missing, damaged, or of an unknown family.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image; optional box [4], Single |
    /// | Output | key points [17,3] and the person's score, Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics, Microsoft.ML.OnnxRuntime |
    /// </remarks>
    public static StageEstimator<DetectKeypointsOptions> DetectKeypoints(this TransformsCatalog catalog, DetectKeypointsOptions options,
        string onnxFile, Lwg.MLNet.Networks.NetworkRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(new DetectKeypointsTransformer(EnvironmentOf(catalog), options,
            KeypointDetector.Load(onnxFile, options.Network, ContextRuntime.Of(EnvironmentOf(catalog), runtime))));
    }

    /// <summary>Estimates the pose, shape and camera of the person in prefix + Image, which CropPerson creates. The result is prefix +
    /// Smpl [85].</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="estimator">The estimator, for example the built-in one or an imported HMR.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    /// <param name="body">The body model to fit to the key points and mask of estimators that return them; null for the built-in
    /// one.</param>
    public static StageEstimator<EstimateSmplOptions> EstimateSmpl(this TransformsCatalog catalog, SmplEstimator estimator,
        string prefix = "", BodyModel? body = null) =>
        catalog.EstimateSmpl(EstimateSmplOptions.For(prefix), estimator, body);

    /// <summary>Estimates the pose, shape and camera of a person.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <param name="estimator">The estimator.</param>
    /// <param name="body">The body model to fit to the key points and mask of estimators that return them; null for the built-in
    /// one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image; optional key points [17,3] or box [4], Single |
    /// | Output | Smpl [85]; key points [17,3] if the estimator returns them; for estimators that find people also UnrefinedSmpl [85],
    /// EstimatedBox [4], PersonMask [M,M], Confidence, all Single, PersonStatus, a key with names, and PeopleCount, Int32 |
    /// | Additional packages | Microsoft.ML.ImageAnalytics, Microsoft.ML.OnnxRuntime |
    /// </remarks>
    public static StageEstimator<EstimateSmplOptions> EstimateSmpl(this TransformsCatalog catalog, EstimateSmplOptions options,
        SmplEstimator estimator, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return new(new EstimateSmplTransformer(EnvironmentOf(catalog), options, estimator, body));
    }

    /// <summary>
    /// Finds the person in a photograph without any other input. From prefix + Photo, of any size, it creates prefix + Image (the square
    /// around the person), prefix + CropTransform, prefix + Smpl, and the other results of
    /// <see cref="EstimateSmpl(TransformsCatalog, SmplEstimator, string, BodyModel?)"/> for that square.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="estimator">An estimator that finds people, such as the built-in one.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    /// <param name="imageSize">S, the side of the square, 32 to 2048 pixels.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">The estimator does not return key points and a mask, or the image size is out of
    /// range.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image of any size |
    /// | Output | image S x S, CropTransform [6], Smpl and UnrefinedSmpl [85], EstimatedKeypoints [17,3], EstimatedBox [4], PersonMask
    /// [M,M], Confidence, all Single, PersonStatus, a key with names, PeopleCount, Int32; optional the first estimate, on the whole
    /// photograph, in columns prefix + Photo... |
    /// | Additional packages | Microsoft.ML.ImageAnalytics, Microsoft.ML.OnnxRuntime |
    /// </remarks>
    public static IEstimator<ITransformer> FindPerson(this TransformsCatalog catalog, SmplEstimator estimator, string prefix = "Source",
        int imageSize = 256, BodyModel? body = null) =>
        catalog.FindPerson(new FindPersonOptions { Prefix = prefix, ImageSize = imageSize }, estimator, body);

    /// <summary>Finds the person in a photograph.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names, the location of the person, and the handling of rows without a clear person.</param>
    /// <param name="estimator">An estimator that finds people.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">The estimator does not return key points and a mask, or an option is not allowed.</exception>
    public static IEstimator<ITransformer> FindPerson(this TransformsCatalog catalog, FindPersonOptions options, SmplEstimator estimator,
        BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Prefix);
        ArgumentNullException.ThrowIfNull(options.Finding);
        ArgumentNullException.ThrowIfNull(estimator);
        if (!estimator.EstimatesKeypoints || estimator.MaskSize == 0)
            throw new ArgumentException("Finding a person needs an estimator that returns key points and a mask.", nameof(estimator));
        string prefix = options.Prefix;
        bool reports = options.OnUnclear != UnclearPerson.Refuse;
        var chain = new StageChain(nameof(FindPerson), [], LeavesOutUnreadable: options.OnUnclear == UnclearPerson.Report,
            SkippedWithout: options.LetsMotionsPass ? prefix + "Photo" : null);
        EstimateSmplOptions first = EstimateSmplOptions.For(prefix, "Photo"), second = EstimateSmplOptions.For(prefix);
        IReadOnlyList<string> firstLook =
        [
            first.OutputColumnName, first.EstimatedKeypointsColumnName, first.UnrefinedColumnName, first.EstimatedBoxColumnName,
            first.PersonMaskColumnName, first.ConfidenceColumnName,
            first.StatusColumnName, first.PeopleCountColumnName,
        ];
        bool looksAgain = estimator is IPersonObserverSource;
        return new EstimatorChain<ITransformer>()
            .Append(catalog.EstimateSmpl(first.With(reports ? UnclearPerson.Report
            : UnclearPerson.Refuse, options.InPhoto, options.BoxColumnName), estimator, body).In(chain))
            .Append(catalog.CropPerson(new CropPersonOptions
            {
                OutputColumnName = prefix + "Image",
                CropTransformColumnName = prefix + "CropTransform",
                PhotoColumnName = prefix + "Photo",
                BoxColumnName = prefix + "PhotoEstimatedBox",
                RoomBoxColumnName = options.RoomBoxColumnName,
                WholeWithoutBox = reports,
                ImageSize = options.ImageSize,
            }).In(chain))
            .Append(catalog.EstimateSmpl(
                second.With(
                    options.OnUnclear,
                    options.InSquare,
                    earlierStatusColumnName: reports ? first.StatusColumnName : null,
                    earlierKeypointsColumnName: looksAgain ? first.EstimatedKeypointsColumnName : null,
                    earlierCropTransformColumnName: looksAgain ? prefix + "CropTransform" : null),
                estimator,
                body).In(chain).Hiding(options.KeepIntermediate ? [] : firstLook));
    }

    /// <summary>Computes the target's SMPL parameters [85]: the reference's pose, the source's shape, and a camera chosen by
    /// strategy.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="outputColumnName">The output column.</param>
    /// <param name="sourceColumnName">The column of the source's SMPL parameters [85].</param>
    /// <param name="referenceColumnName">The column of the reference's SMPL parameters [85].</param>
    /// <param name="originColumnName">The column of the reference's SMPL parameters [85] in its first frame; read by
    /// <see cref="CameraStrategy.Smooth"/> only.</param>
    /// <param name="strategy">How the camera of the target is chosen.</param>
    /// <exception cref="ArgumentOutOfRangeException">The strategy is unknown.</exception>
    public static StageEstimator<RetargetSmplOptions> RetargetSmpl(
        this TransformsCatalog catalog,
        string outputColumnName = "TargetSmpl",
        string sourceColumnName = "SourceSmpl",
        string referenceColumnName = "ReferenceSmpl",
        string originColumnName = "ReferenceOrigin",
        CameraStrategy strategy = CameraStrategy.Smooth) =>
        catalog.RetargetSmpl(new RetargetSmplOptions
        {
            OutputColumnName = outputColumnName,
            SourceColumnName = sourceColumnName,
            ReferenceColumnName = referenceColumnName,
            OriginColumnName = originColumnName,
            Strategy = strategy,
        });

    /// <summary>Computes the target's SMPL parameters.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <param name="body">The body model; null for the built-in one. Only <see cref="RetargetSmplOptions.Place"/> needs it.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | source and reference [85], for Smooth the reference's first frame [85], Single; with Place the source's picture, its crop
    /// transform [6], and optional the reference's size [2] and crop transform [6] |
    /// | Output | target [85], Single |
    /// | Additional packages | none |
    /// </remarks>
    public static StageEstimator<RetargetSmplOptions> RetargetSmpl(this TransformsCatalog catalog, RetargetSmplOptions options,
        BodyModel? body = null) => new(new RetargetSmplTransformer(EnvironmentOf(catalog), options, body));

    /// <summary>Poses a body. From prefix + Smpl [85] it creates prefix + Vertices [V,3], Joints3D [19,3], Joints2D [19,2], Camera [3],
    /// Pose [72] and Shape [10].</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="outputPrefix">The prefix of the output columns.</param>
    /// <param name="inputColumnName">The column of the SMPL parameters [85]; null for prefix + Smpl.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    public static StageEstimator<PoseBodyOptions> PoseBody(this TransformsCatalog catalog, string outputPrefix = "",
        string? inputColumnName = null, BodyModel? body = null) =>
        catalog.PoseBody(new PoseBodyOptions { OutputPrefix = outputPrefix, InputColumnName = inputColumnName }, body);

    /// <summary>Poses a body.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | SMPL parameters [85], Single |
    /// | Output | Vertices [V,3], Joints3D [19,3], Joints2D [19,2], Camera [3], Pose [72], Shape [10], Single |
    /// | Additional packages | none |
    /// </remarks>
    public static StageEstimator<PoseBodyOptions> PoseBody(this TransformsCatalog catalog, PoseBodyOptions options,
        BodyModel? body = null) =>
        new(new PoseBodyTransformer(EnvironmentOf(catalog), options, body ?? BodyModel.Default));

    /// <summary>Rotates a body to show it from another side.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="outputColumnName">The column of the vertices in the new view [V,3].</param>
    /// <param name="inputColumnName">The column of the vertices [V,3].</param>
    /// <param name="anglesColumnName">The column of the angles about x, y and z [3], in degrees.</param>
    /// <param name="translationColumnName">The column of the translation after the rotation [3], in metres; null for none.</param>
    public static StageEstimator<RotateBodyOptions> RotateBody(
        this TransformsCatalog catalog,
        string outputColumnName = "TargetVertices",
        string inputColumnName = "SourceVertices",
        string anglesColumnName = "ViewAngles",
        string? translationColumnName = "ViewTranslation") =>
        catalog.RotateBody(new RotateBodyOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            AnglesColumnName = anglesColumnName,
            TranslationColumnName = translationColumnName,
        });

    /// <summary>Rotates a body to show it from another side.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names.</param>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | vertices [V,3], angles [3] in degrees, translation [3], Single |
    /// | Output | vertices [V,3], Single |
    /// | Additional packages | none |
    /// </remarks>
    public static StageEstimator<RotateBodyOptions> RotateBody(this TransformsCatalog catalog, RotateBodyOptions options) =>
        new(new RotateBodyTransformer(EnvironmentOf(catalog), options));

    /// <summary>Renders the mesh of a body. From prefix + Vertices [V,3] and Camera [3] it creates prefix + FaceIndex [S,S], Weights
    /// [S,S,3], Points [F,3,2] and Condition [3,S,S].</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="outputPrefix">The prefix of the column names.</param>
    /// <param name="imageSize">S, the size of the maps, 32 to 2048 pixels.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image size is out of range.</exception>
    /// <exception cref="Lwg.MLNet.BodyMismatchException">The body has no texture coordinates.</exception>
    public static StageEstimator<RenderBodyMeshOptions> RenderBodyMesh(this TransformsCatalog catalog, string outputPrefix = "",
        int imageSize = 256, BodyModel? body = null) =>
        catalog.RenderBodyMesh(new RenderBodyMeshOptions { OutputPrefix = outputPrefix, ImageSize = imageSize }, body);

    /// <summary>Renders the mesh of a body.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.BodyMismatchException">The body has no texture coordinates, or lacks data for a requested
    /// map.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | vertices [V,3], camera [3], Single |
    /// | Output | FaceIndex [S,S] Int32; Weights [S,S,3], Points [F,3,2], Condition [3,S,S] and optional maps, Single |
    /// | Additional packages | none |
    /// </remarks>
    public static StageEstimator<RenderBodyMeshOptions> RenderBodyMesh(this TransformsCatalog catalog, RenderBodyMeshOptions options,
        BodyModel? body = null) =>
        new(new RenderBodyMeshTransformer(EnvironmentOf(catalog), options, body ?? BodyModel.Default));

    /// <summary>Measures the achievable quality of a transfer before it is computed: SurfaceShown, the share of the target's surface that
    /// is visible in the source. Mask, key points and thresholds are optional.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="sourcePrefix">The prefix of the source columns.</param>
    /// <param name="targetPrefix">The prefix of the target columns.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    public static StageEstimator<MeasureTransferQualityOptions> MeasureTransferQuality(this TransformsCatalog catalog,
        string sourcePrefix = "Source", string targetPrefix = "Target", BodyModel? body = null) =>
        catalog.MeasureTransferQuality(
        new MeasureTransferQualityOptions { SourceFaceIndexColumnName = sourcePrefix + "FaceIndex",
        TargetFaceIndexColumnName = targetPrefix + "FaceIndex" }, body);

    /// <summary>Measures the achievable quality of a transfer before it is computed, and marks or rejects rows below the
    /// thresholds.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and thresholds.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | face index maps [S,S], Int32; optional a mask [M,M], key points [17,3] with the body's [19,2], Single |
    /// | Output | up to three measures, Single; Acceptable, 1 or 0, Single |
    /// | Additional packages | none |
    /// </remarks>
    public static StageEstimator<MeasureTransferQualityOptions> MeasureTransferQuality(this TransformsCatalog catalog,
        MeasureTransferQualityOptions options, BodyModel? body = null) =>
        new(new MeasureTransferQualityTransformer(EnvironmentOf(catalog), options, body ?? BodyModel.Default));

    /// <summary>Computes the boxes of head and body. From prefix + Joints2D [19,2] it creates prefix + HeadBox [4] and BodyBox [4],
    /// (minX, maxX, minY, maxY) in pixels.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="outputPrefix">The prefix of the column names.</param>
    /// <param name="imageSize">S, the size of the pictures, 32 to 2048 pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The image size is out of range.</exception>
    public static StageEstimator<LocateHeadAndBodyOptions> LocateHeadAndBody(this TransformsCatalog catalog, string outputPrefix = "",
        int imageSize = 256) =>
        catalog.LocateHeadAndBody(new LocateHeadAndBodyOptions
        {
            HeadBoxColumnName = outputPrefix + "HeadBox",
            BodyBoxColumnName = outputPrefix + "BodyBox",
            Joints2DColumnName = outputPrefix + "Joints2D",
            ImageSize = imageSize,
        });

    /// <summary>Computes the boxes of head and body.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | key points [19,2], Single |
    /// | Output | HeadBox [4] and BodyBox [4], Single |
    /// | Additional packages | none |
    /// </remarks>
    public static StageEstimator<LocateHeadAndBodyOptions> LocateHeadAndBody(this TransformsCatalog catalog,
        LocateHeadAndBodyOptions options) => new(new LocateHeadAndBodyTransformer(EnvironmentOf(catalog), options));

    /// <summary>Computes the transformation flow [S,S,2] from the source's points and the target's face index and weight maps.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="outputColumnName">The column of the output flow.</param>
    /// <param name="sourcePrefix">The prefix of the source columns.</param>
    /// <param name="targetPrefix">The prefix of the target columns.</param>
    /// <param name="onlyVisible">Whether faces that are not visible in the source are omitted.</param>
    public static StageEstimator<ComputeTransformationFlowOptions> ComputeTransformationFlow(
        this TransformsCatalog catalog, string outputColumnName = "T", string sourcePrefix = "Source", string targetPrefix = "Target",
        bool onlyVisible = false) =>
        catalog.ComputeTransformationFlow(new ComputeTransformationFlowOptions
        {
            OutputColumnName = outputColumnName,
            SourcePointsColumnName = sourcePrefix + "Points",
            SourceFaceIndexColumnName = sourcePrefix + "FaceIndex",
            TargetFaceIndexColumnName = targetPrefix + "FaceIndex",
            TargetWeightsColumnName = targetPrefix + "Weights",
            OnlyVisible = onlyVisible,
        });

    /// <summary>Computes the transformation flow.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | the source's Points [F,3,2] (and FaceIndex [S,S]), the target's FaceIndex [S,S] and Weights [S,S,3] |
    /// | Output | T [S,S,2], optional SeenMap [1,S,S], Single |
    /// | Additional packages | none |
    /// </remarks>
    public static StageEstimator<ComputeTransformationFlowOptions> ComputeTransformationFlow(this TransformsCatalog catalog,
        ComputeTransformationFlowOptions options) => new(new ComputeTransformationFlowTransformer(EnvironmentOf(catalog), options));

    /// <summary>Computes the flows of appearance transfer: T of the source on its kept parts, ReferenceT on the parts from the reference,
    /// and KeptMap [1,S,S].</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings; null for the defaults.</param>
    /// <param name="body">The body model, which must have parts; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.BodyMismatchException">The body has no parts, or lacks a named part.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | the source's FaceIndex [S,S] and Weights [S,S,3], the reference's Points [F,3,2] (and FaceIndex [S,S]) |
    /// | Output | T and ReferenceT [S,S,2], KeptMap [1,S,S], Single |
    /// | Additional packages | none |
    /// </remarks>
    public static StageEstimator<ComputeAppearanceFlowOptions> ComputeAppearanceFlow(this TransformsCatalog catalog,
        ComputeAppearanceFlowOptions? options = null, BodyModel? body = null) =>
        new(new ComputeAppearanceFlowTransformer(EnvironmentOf(catalog), options ?? new ComputeAppearanceFlowOptions(), body
        ?? BodyModel.Default));

    /// <summary>Assembles the background input. From prefix + Image and prefix + Condition [3,S,S] it creates prefix + BackgroundInput
    /// [4,S,S].</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    /// <param name="kernel">The side of the square erosion kernel: 15 in training, 13 at inference, larger for loose clothes; odd, 1 to
    /// 255.</param>
    /// <exception cref="ArgumentOutOfRangeException">The kernel is even or out of range.</exception>
    public static StageEstimator<AssembleBackgroundInputOptions> AssembleBackgroundInput(this TransformsCatalog catalog,
        string prefix = "Source", int kernel = 13) =>
        catalog.AssembleBackgroundInput(new AssembleBackgroundInputOptions
        {
            OutputColumnName = prefix + "BackgroundInput",
            ImageColumnName = prefix + "Image",
            ConditionColumnName = prefix + "Condition",
            Kernel = kernel,
        });

    /// <summary>Assembles the background input.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image S x S, condition map [3,S,S]; optional person mask [M,M] |
    /// | Output | [4,S,S], Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics |
    /// </remarks>
    public static StageEstimator<AssembleBackgroundInputOptions> AssembleBackgroundInput(this TransformsCatalog catalog,
        AssembleBackgroundInputOptions options) => new(new AssembleBackgroundInputTransformer(EnvironmentOf(catalog), options));

    /// <summary>Assembles the foreground input. From prefix + Image and prefix + Condition [3,S,S] it creates prefix + ForegroundInput
    /// [6,S,S] and prefix + CropMask [1,S,S].</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    public static StageEstimator<AssembleForegroundInputOptions> AssembleForegroundInput(this TransformsCatalog catalog,
        string prefix = "Source") =>
        catalog.AssembleForegroundInput(new AssembleForegroundInputOptions
        {
            OutputColumnName = prefix + "ForegroundInput",
            CropMaskColumnName = prefix + "CropMask",
            ImageColumnName = prefix + "Image",
            ConditionColumnName = prefix + "Condition",
        });

    /// <summary>Assembles the foreground input.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names.</param>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image S x S, condition map [3,S,S]; optional person mask [M,M] |
    /// | Output | [6,S,S] and the crop mask [1,S,S], Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics |
    /// </remarks>
    public static StageEstimator<AssembleForegroundInputOptions> AssembleForegroundInput(this TransformsCatalog catalog,
        AssembleForegroundInputOptions options) => new(new AssembleForegroundInputTransformer(EnvironmentOf(catalog), options));

    /// <summary>Assembles the transfer input. From the source image, T and the target's condition map it creates prefix + Warped [3,S,S],
    /// TransferInput [6,S,S] and CropMask [1,S,S].</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">The prefix of the target columns.</param>
    /// <param name="imageColumnName">The column of the source image, S x S.</param>
    /// <param name="flowColumnName">The column of the transformation flow [S,S,2].</param>
    /// <param name="alignCorners">Whether -1 and 1 are the centres of the outermost pixels (the 2019 models) or their outer edges; it
    /// depends on the generator.</param>
    public static StageEstimator<AssembleTransferInputOptions> AssembleTransferInput(
        this TransformsCatalog catalog, string prefix = "Target", string imageColumnName = "SourceImage", string flowColumnName = "T",
        bool alignCorners = true) =>
        catalog.AssembleTransferInput(new AssembleTransferInputOptions
        {
            OutputColumnName = prefix + "TransferInput",
            WarpedColumnName = prefix + "Warped",
            CropMaskColumnName = prefix + "CropMask",
            ImageColumnName = imageColumnName,
            FlowColumnName = flowColumnName,
            ConditionColumnName = prefix + "Condition",
            AlignCorners = alignCorners,
        });

    /// <summary>Assembles the transfer input.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image S x S, T [S,S,2], the target's condition map [3,S,S]; optional a second image with its flow, a mask and a condition
    /// map of each |
    /// | Output | Warped [3,S,S], TransferInput [6,S,S], CropMask [1,S,S], Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics |
    /// </remarks>
    public static StageEstimator<AssembleTransferInputOptions> AssembleTransferInput(this TransformsCatalog catalog,
        AssembleTransferInputOptions options) => new(new AssembleTransferInputTransformer(EnvironmentOf(catalog), options));

    /// <summary>Generates the picture of the source person in the target pose, TargetImage.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="generator">The generator: a learned one, or a <see cref="TextureWarpGenerator"/>, which needs no training.</param>
    /// <param name="options">Column names and settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | depends on the generator: see the options |
    /// | Output | image S x S; optional colour [3,S,S], mask [1,S,S], background [3,S,S], Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics |
    /// </remarks>
    public static StageEstimator<GenerateTransferOptions> GenerateTransfer(this TransformsCatalog catalog, TransferGenerator generator,
        GenerateTransferOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new(new GenerateTransferTransformer(EnvironmentOf(catalog), options ?? new GenerateTransferOptions(), generator));
    }

    /// <summary>
    /// Recovers bodies and flow (Liquid Warping GAN, section 3.1) for pairs. From SourceImage, SourceSmpl, ReferenceImage and
    /// ReferenceSmpl it creates the columns for training: both background inputs, the source's foreground input, the reference's transfer
    /// input, T, both crop masks, and the reference's head and body boxes.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | two images S x S, Smpl [85] of each, Single |
    /// | Output | SourceBackgroundInput and ReferenceBackgroundInput [4,S,S], SourceForegroundInput and ReferenceTransferInput [6,S,S], T
    /// [S,S,2], crop masks [1,S,S], ReferenceHeadBox and ReferenceBodyBox [4], Single; optional intermediate columns |
    /// | Additional packages | Microsoft.ML.ImageAnalytics |
    /// </remarks>
    public static IEstimator<ITransformer> RecoverBodyFlow(this TransformsCatalog catalog, RecoverBodyFlowOptions? options = null,
        BodyModel? body = null)
    {
        options ??= new RecoverBodyFlowOptions();
        var chain = new StageChain(nameof(RecoverBodyFlow));
        return new EstimatorChain<ITransformer>()
            .Append(catalog.PoseBody("Source", body: body).In(chain))
            .Append(catalog.PoseBody("Reference", body: body).In(chain))
            .Append(catalog.RenderBodyMesh("Source", options.ImageSize, body).In(chain))
            .Append(catalog.RenderBodyMesh("Reference", options.ImageSize, body).In(chain))
            .Append(catalog.LocateHeadAndBody("Reference", options.ImageSize).In(chain))
            .Append(catalog.ComputeTransformationFlow(targetPrefix: "Reference", onlyVisible: options.OnlyVisible).In(chain))
            .Append(catalog.AssembleBackgroundInput("Source", options.BackgroundKernel).In(chain))
            .Append(catalog.AssembleBackgroundInput("Reference", options.BackgroundKernel).In(chain))
            .Append(catalog.AssembleForegroundInput().In(chain))
            .Append(catalog.AssembleTransferInput("Reference", alignCorners: options.AlignCorners).In(chain).Hiding(options.Intermediate));
    }

    /// <summary>Imitates motion: the source person takes the pose of the reference. From SourceImage, SourceSmpl, ReferenceSmpl (and
    /// ReferenceOrigin for the smooth camera) it creates TargetImage; an option keeps the columns of the intermediate stages.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="generator">The generator: a learned one, or a <see cref="TextureWarpGenerator"/>, which needs no training.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image S x S, Smpl [85] of source and reference, for the smooth camera the reference's first frame [85], Single; optional
    /// a mask [M,M], a background image S x S |
    /// | Output | TargetImage S x S, TargetSmpl [85], Single; optional intermediate columns, colour [3,S,S], mask [1,S,S], background
    /// [3,S,S], Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics; Microsoft.ML.OnnxRuntime with a learned generator |
    /// </remarks>
    public static IEstimator<ITransformer> ImitateMotion(
        this TransformsCatalog catalog, TransferGenerator generator, ImitateMotionOptions? options = null, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        options ??= new ImitateMotionOptions();
        generator = options.Choose(generator, body ?? BodyModel.Default);
        StageChain chain = options.Chain(nameof(ImitateMotion), "Source");
        return new EstimatorChain<ITransformer>()
            .Append(catalog.RetargetSmpl(
                new RetargetSmplOptions
                {
                    Strategy = options.Strategy,
                    Place = options.Place,
                    ReferenceSizeColumnName = options.ReferenceSizeColumnName,
                    ReferenceCropTransformColumnName = options.ReferenceCropTransformColumnName,
                    ImageSize = options.ImageSize,
                },
                body).In(chain))
            .Append(catalog.PoseBody("Source", body: body).In(chain))
            .Append(catalog.PoseBody("Target", body: body).In(chain))
            .Append(catalog.RenderBodyMesh("Source", options.ImageSize, body).In(chain))
            .Append(catalog.RenderBodyMesh(
                new RenderBodyMeshOptions { OutputPrefix = "Target", ImageSize = options.ImageSize,
                WithFrontMap = HasFront(options, generator, options.ModeOf(options.FrontWarp)) }, body).In(chain))
            .Append(catalog.MakePicture(chain, options, options.ModeOf(options.FrontWarp), generator));
    }

    /// <summary>
    /// Transfers appearance: the source keeps its pose and face, and wears the clothes of the reference (Liquid Warping GAN, section
    /// 3.3). From SourceImage, SourceSmpl, ReferenceImage and ReferenceSmpl it creates TargetImage; an option keeps the columns of the
    /// intermediate stages.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="generator">The generator: a learned one, or a <see cref="TextureWarpGenerator"/>, which needs no training.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="body">The body model, which must have parts; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.BodyMismatchException">The body has no parts, or lacks a named part.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | two images S x S, Smpl [85] of each, Single; optional a mask of each [M,M], [R,R], a background image S x S |
    /// | Output | TargetImage S x S; optional intermediate columns, colour [3,S,S], mask [1,S,S], background [3,S,S], Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics; Microsoft.ML.OnnxRuntime with a learned generator |
    /// </remarks>
    public static IEstimator<ITransformer> TransferAppearance(
        this TransformsCatalog catalog, TransferGenerator generator, TransferAppearanceOptions? options = null, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        options ??= new TransferAppearanceOptions();
        options.CheckPublished(generator);
        bool alignCorners = options.AlignCorners ?? generator.AlignCorners ?? true;
        FrontWarpMode kept = options.ModeOf(options.KeptParts);
        // As published, only the front of the source's own face is kept.
        bool frontOnly = kept == FrontWarpMode.AsPublished && !generator.ForAppearance().KeepsVisibleFace;
        string? source = ForPerson(options, options.PersonMaskColumnName, kept),
            reference = ForPerson(options, options.ReferencePersonMaskColumnName, kept);
        StageChain chain = options.Chain(nameof(TransferAppearance), "Source", "Reference");
        return new EstimatorChain<ITransformer>()
            .Append(catalog.PoseBody("Source", body: body).In(chain))
            .Append(catalog.PoseBody("Reference", body: body).In(chain))
            .Append(catalog.RenderBodyMesh(
            new RenderBodyMeshOptions { OutputPrefix = "Source", ImageSize = options.ImageSize, WithFrontMap = frontOnly }, body).In(chain))
            .Append(catalog.RenderBodyMesh("Reference", options.ImageSize, body).In(chain))
            .Append(NeededStages.Chain(
                options.KeepIntermediate,
                catalog.GenerateTransfer(
                    generator,
                    new GenerateTransferOptions
                    {
                        WithReference = true,
                        TargetWeightsColumnName = "SourceWeights",
                        FrontMapColumnName = frontOnly ? "SourceFrontMap" : "KeptMap",
                        WarpedColumnName = frontOnly ? null : "TargetWarped",
                        FrontWarp = kept,
                        WithLayers = options.WithLayers,
                        PersonMaskColumnName = options.PersonMaskColumnName,
                        ReferencePersonMaskColumnName = options.ReferencePersonMaskColumnName,
                        BackgroundFill = options.BackgroundFill,
                        BackgroundColor = options.BackgroundColor,
                        BackgroundImageColumnName = options.BackgroundImageColumnName,
                    }).In(chain).Hiding(options.Intermediate),
                catalog.ComputeAppearanceFlow(
                    new ComputeAppearanceFlowOptions
                    {
                        Parts = options.Parts,
                        OnlyVisible = options.OnlyVisible,
                        OnlyVisibleAsPublished = options.AsPublished,
                        AlignCorners = options.KeptAlignCorners ?? (options.AsPublished || alignCorners),
                    },
                    body).In(chain),
                catalog.AssembleBackgroundInput(BackgroundOf(options, generator)).In(chain),
                catalog.AssembleForegroundInput(ForegroundOf("Source", source)).In(chain),
                catalog.AssembleForegroundInput(ForegroundOf("Reference", reference)).In(chain),
                catalog.AssembleTransferInput(new AssembleTransferInputOptions
                {
                    // The target is the source in its own pose.
                    ConditionColumnName = "SourceCondition",
                    ReferenceImageColumnName = "ReferenceImage",
                    ReferenceFlowColumnName = "ReferenceT",
                    PersonMaskColumnName = source,
                    ReferencePersonMaskColumnName = reference,
                    AlignCorners = alignCorners,
                }).In(chain)));
    }

    /// <summary>
    /// Synthesizes new views: the source person seen from another side. From SourceImage, SourceSmpl, ViewAngles [3] and ViewTranslation
    /// [3] (see mlContext.Data.LoadTurntable) it creates TargetImage; an option keeps the columns of the intermediate stages.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="generator">The generator: a learned one, or a <see cref="TextureWarpGenerator"/>, which needs no training.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | No |
    /// | Input | image S x S, Smpl [85], angles [3] in degrees, translation [3] in metres, Single; optional a mask [M,M], a background
    /// image S x S |
    /// | Output | TargetImage S x S; optional intermediate columns, colour [3,S,S], mask [1,S,S], background [3,S,S], Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics; Microsoft.ML.OnnxRuntime with a learned generator |
    /// </remarks>
    public static IEstimator<ITransformer> SynthesizeView(
        this TransformsCatalog catalog, TransferGenerator generator, SynthesizeViewOptions? options = null, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        options ??= new SynthesizeViewOptions();
        if (!Enum.IsDefined(options.Pose))
            throw new ArgumentOutOfRangeException(nameof(options), options.Pose,
                $"The pose must be one of {string.Join(", ", Enum.GetNames<ViewPose>())}.");
        // Backgrounds other than a filled one need the unmodified mask of the network.
        bool? sharp = options.BackgroundOrDefault == TransferBackground.Generated ? options.Sharp : options.Sharp ?? false;
        generator = options.Choose(generator, body ?? BodyModel.Default, sharp, options.FrontWarp);
        StageChain chain = options.Chain(nameof(SynthesizeView), "Source");
        EstimatorChain<ITransformer> stages =
            new EstimatorChain<ITransformer>().Append<ITransformer>(catalog.PoseBody("Source", body: body).In(chain));
        string upright = "SourceVertices";
        if (options.Pose == ViewPose.TPose)
        {
            upright = "UprightVertices";
            stages = stages.Append<ITransformer>(
                catalog.RetargetSmpl(new RetargetSmplOptions { OutputColumnName = "UprightSmpl", TPose = true }).In(chain))
                .Append<ITransformer>(catalog.PoseBody("Upright", body: body).In(chain));
        }
        return stages
            .Append(catalog.RotateBody("TargetVertices", upright, options.AnglesColumnName, options.TranslationColumnName).In(chain))
            .Append(catalog.RenderBodyMesh("Source", options.ImageSize, body).In(chain))
            .Append(catalog.RenderBodyMesh(
                new RenderBodyMeshOptions { OutputPrefix = "Target", CameraColumnName = "SourceCamera", ImageSize = options.ImageSize,
                WithFrontMap = HasFront(options, generator, options.ModeOf(options.FrontWarp)) }, body).In(chain))
            .Append(catalog.MakePicture(chain, options, options.ModeOf(options.FrontWarp), generator, options.BackgroundOrDefault));
    }

    // Chains the stages from the rendered source and target to the picture of one person: T and the network inputs that the generator
    // reads, and the generator.
    private static IEstimator<ITransformer> MakePicture(
        this TransformsCatalog catalog, StageChain chain, TransferChainOptions options, FrontWarpMode frontWarp,
        TransferGenerator generator, TransferBackground background = TransferBackground.Generated)
    {
        // The face is warped only where it is visible in the source.
        string? seen = generator.KeepsVisibleFace || frontWarp != FrontWarpMode.Blend ? null : "SeenMap";
        string? person = ForPerson(options, options.PersonMaskColumnName, frontWarp);
        bool keepsNear = options.KeepsNearSource && !options.AsPublished && frontWarp != FrontWarpMode.AsPublished
            && background == TransferBackground.Generated;
        IStage generate = catalog.GenerateTransfer(
            generator,
            new GenerateTransferOptions
            {
                WithLayers = options.WithLayers,
                FrontWarp = frontWarp,
                PersonMaskColumnName = options.PersonMaskColumnName,
                SeenMapColumnName = seen,
                Background = background,
                KeepsNearSource = keepsNear,
                MovesContactShadows = keepsNear && options.MovesContactShadows && options.BackgroundColor is null
                && options.BackgroundImageColumnName is null,
                BackgroundFill = options.BackgroundFill,
                BackgroundColor = options.BackgroundColor,
                BackgroundImageColumnName = options.BackgroundImageColumnName,
            }).In(chain).Hiding(options.Intermediate);
        return NeededStages.Chain(
            options.KeepIntermediate,
            generate,
            catalog.ComputeTransformationFlow(
            new ComputeTransformationFlowOptions { OnlyVisible = options.OnlyVisible, OnlyVisibleAsPublished = options.AsPublished,
            SeenMapColumnName = seen }).In(chain),
            catalog.AssembleBackgroundInput(BackgroundOf(options, generator)).In(chain),
            catalog.AssembleForegroundInput(ForegroundOf("Source", person)).In(chain),
            catalog.AssembleTransferInput(new AssembleTransferInputOptions { PersonMaskColumnName = person,
            AlignCorners = options.AlignCorners ?? generator.AlignCorners ?? true }).In(chain));
    }

    // For generators that do not keep the face, the front map is created even if no stage reads it. With AsPublished and no front warp it
    // is omitted, so a body without a marked front can be used.
    private static bool HasFront(TransferChainOptions options, TransferGenerator generator, FrontWarpMode mode) =>
        !generator.KeepsVisibleFace && !(options.AsPublished && mode == FrontWarpMode.None);

    // Composition as published does not use masks for the person.
    private static string? ForPerson(TransferChainOptions options, string? mask, FrontWarpMode mode) =>
        options.AsPublished || mode == FrontWarpMode.AsPublished ? null : mask;

    private static AssembleForegroundInputOptions ForegroundOf(string prefix, string? mask) => new()
    {
        OutputColumnName = prefix + "ForegroundInput",
        CropMaskColumnName = prefix + "CropMask",
        ImageColumnName = prefix + "Image",
        ConditionColumnName = prefix + "Condition",
        PersonMaskColumnName = mask,
        // As in training.
        ShowBesideBody = false,
    };

    private static AssembleBackgroundInputOptions BackgroundOf(TransferChainOptions options, TransferGenerator generator) => new()
    {
        Kernel = options.KernelFor(generator),
        PersonMaskColumnName = options.PersonMaskColumnName,
    };

    /// <summary>
    /// Learns one person, or several with a key column, from pictures. Fit reads Image and Smpl of every row, one row per picture. The
    /// fitted stage needs no picture: it reads Smpl as the pose to imitate and creates TargetImage, the person in that pose, and
    /// TargetSmpl.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="generator">The generator for regions that no picture shows: a learned one, or a <see cref="TextureWarpGenerator"/>,
    /// which needs no training.</param>
    /// <param name="options">Column names and settings; null for the defaults.</param>
    /// <param name="body">The body model; null for the built-in one.</param>
    /// <exception cref="ArgumentException">An option is not allowed, or the generator has an unsupported type.</exception>
    /// <exception cref="Lwg.MLNet.BodyMismatchException">The generator reads maps of another body.</exception>
    /// <remarks>
    /// | | |
    /// |---|---|
    /// | Trains on the data? | Yes: one shape per person, the texture of all views, the background |
    /// | Input | in Fit image S x S and Smpl [85], Single, optional a mask [M,M]; in Transform Smpl [85]; optional a key, text |
    /// | Output | image S x S; Smpl [85], Single |
    /// | Additional packages | Microsoft.ML.ImageAnalytics; Microsoft.ML.OnnxRuntime with a learned generator |
    /// </remarks>
    public static IEstimator<StageTransformer<ImpersonateSubjectOptions>> ImpersonateSubject(
        this TransformsCatalog catalog, TransferGenerator generator, ImpersonateSubjectOptions? options = null, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(generator);
        return new ImpersonateSubjectEstimator(EnvironmentOf(catalog), options ?? new ImpersonateSubjectOptions(), body
            ?? BodyModel.Default, generator);
    }

    /// <summary>Returns the runtime settings of networks for a context: they run on its GpuDeviceId, or on the CPU if none is set. If the
    /// GPU is missing and FallbackToCpu is set, they run on the CPU, and mlContext.Log reports that once.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    public static Lwg.MLNet.Networks.NetworkRuntimeOptions NetworkRuntime(this TransformsCatalog catalog) =>
        ContextRuntime.Of(EnvironmentOf(catalog));

    private static IHostEnvironment EnvironmentOf(TransformsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        MLNetVersion.Require();
        return catalog.GetEnvironment();
    }
}
