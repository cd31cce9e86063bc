using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Stages;

namespace Microsoft.ML;

/// <summary>Stages that use the built-in networks and the best person estimator installed on the machine
/// (<see cref="PersonEstimators.Best"/>).</summary>
public static class LwgModelsCatalog
{
    /// <summary>Finds the person in prefix + Image, of any size, and estimates pose, shape and camera. Creates prefix + Smpl and
    /// UnrefinedSmpl [85], EstimatedKeypoints [17,3], EstimatedBox [4], PersonMask [M,M], Confidence, PersonStatus and
    /// PeopleCount.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime, or the installed estimator is damaged.</exception>
    public static StageEstimator<EstimateSmplOptions> EstimateSmpl(this TransformsCatalog catalog, string prefix = "") =>
        catalog.EstimateSmpl(PersonEstimators.Best(catalog.NetworkRuntime()), prefix);

    /// <summary>Estimates the pose, shape and camera of a person.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime, or the installed estimator is damaged.</exception>
    public static StageEstimator<EstimateSmplOptions> EstimateSmpl(this TransformsCatalog catalog, EstimateSmplOptions options) =>
        catalog.EstimateSmpl(options, PersonEstimators.Best(catalog.NetworkRuntime()));

    /// <summary>Finds the person in a photograph without any other input. From prefix + Photo, of any size, it creates prefix + Image
    /// (the square around the person), prefix + CropTransform, prefix + Smpl and prefix + PersonMask.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">The prefix of the column names.</param>
    /// <param name="imageSize">S, the side of the square, 32 to 2048 pixels.</param>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime, or the installed estimator is damaged.</exception>
    public static IEstimator<ITransformer> FindPerson(this TransformsCatalog catalog, string prefix = "Source", int imageSize = 256) =>
        catalog.FindPerson(PersonEstimators.Best(catalog.NetworkRuntime()), prefix, imageSize);

    /// <summary>Imitates motion with the built-in generator: the source person takes the pose of the reference. See
    /// <see cref="LwgTransformsCatalog"/> for the columns.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<ITransformer> ImitateMotion(this TransformsCatalog catalog, ImitateMotionOptions? options = null) =>
        catalog.ImitateMotion(Generator(catalog), options);

    /// <summary>Transfers appearance with the built-in generator: the source person wears the clothes of the reference. See
    /// <see cref="LwgTransformsCatalog"/> for the columns.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<ITransformer> TransferAppearance(this TransformsCatalog catalog, TransferAppearanceOptions? options = null) =>
        catalog.TransferAppearance(Generator(catalog), options);

    /// <summary>Synthesizes new views with the built-in generator. See <see cref="LwgTransformsCatalog"/> for the columns.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<ITransformer> SynthesizeView(this TransformsCatalog catalog, SynthesizeViewOptions? options = null) =>
        catalog.SynthesizeView(Generator(catalog), options);

    /// <summary>Generates the picture of the source person in the target pose with the built-in generator.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static StageEstimator<GenerateTransferOptions> GenerateTransfer(this TransformsCatalog catalog,
        GenerateTransferOptions? options = null) => catalog.GenerateTransfer(Generator(catalog), options);

    /// <summary>Learns people from pictures; the built-in generator fills in regions that no picture shows.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<StageTransformer<ImpersonateSubjectOptions>> ImpersonateSubject(this TransformsCatalog catalog,
        ImpersonateSubjectOptions? options = null) => catalog.ImpersonateSubject(Generator(catalog), options);

    private static LiquidWarpingGenerator Generator(TransformsCatalog catalog) => OwnModels.OpenGenerator(catalog.NetworkRuntime());
}
