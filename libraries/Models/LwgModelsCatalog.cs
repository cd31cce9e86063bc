using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Stages;

namespace Microsoft.ML;

/// <summary>Stages with the library's own networks, and with the best estimator of people that the machine has
/// (<see cref="PersonEstimators.Best"/>).</summary>
public static class LwgModelsCatalog
{
    /// <summary>
    /// Finds the person in prefix + Image, of any size, and estimates pose, shape and camera: becomes prefix + Smpl [85],
    /// EstimatedKeypoints [17,3], EstimatedBox [4], PersonMask, Confidence, PersonStatus.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">What the names of the columns begin with.</param>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static StageEstimator<EstimateSmplOptions> EstimateSmpl(this TransformsCatalog catalog, string prefix = "") =>
        catalog.EstimateSmpl(PersonEstimators.Best(catalog.NetworkRuntime()), prefix);

    /// <summary>Estimates pose, shape and camera of a person.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static StageEstimator<EstimateSmplOptions> EstimateSmpl(this TransformsCatalog catalog, EstimateSmplOptions options) =>
        catalog.EstimateSmpl(options, PersonEstimators.Best(catalog.NetworkRuntime()));

    /// <summary>
    /// Finds the person in a photograph of whom nothing is known: prefix + Photo, of any size, becomes prefix + Image, the square around
    /// the person, prefix + CropTransform, prefix + Smpl, prefix + PersonMask.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">What the names of the columns begin with.</param>
    /// <param name="imageSize">S, the side of the square, 32 to 2048 pixels.</param>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<ITransformer> FindPerson(this TransformsCatalog catalog, string prefix = "Source", int imageSize = 256) =>
        catalog.FindPerson(PersonEstimators.Best(catalog.NetworkRuntime()), prefix, imageSize);

    /// <summary>Motion imitation by the library's own generator: the source person does what the reference does. See
    /// <see cref="LwgTransformsCatalog"/> for the columns.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<ITransformer> ImitateMotion(this TransformsCatalog catalog, ImitateMotionOptions? options = null) =>
        catalog.ImitateMotion(Generator(catalog), options);

    /// <summary>Appearance transfer by the library's own generator: the source wears what the reference wears. See
    /// <see cref="LwgTransformsCatalog"/> for the columns.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<ITransformer> TransferAppearance(this TransformsCatalog catalog, TransferAppearanceOptions? options = null) =>
        catalog.TransferAppearance(Generator(catalog), options);

    /// <summary>New views by the library's own generator. See <see cref="LwgTransformsCatalog"/> for the columns.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<ITransformer> SynthesizeView(this TransformsCatalog catalog, SynthesizeViewOptions? options = null) =>
        catalog.SynthesizeView(Generator(catalog), options);

    /// <summary>Generates the picture of the source person in the target's pose by the library's own generator.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static StageEstimator<GenerateTransferOptions> GenerateTransfer(this TransformsCatalog catalog,
        GenerateTransferOptions? options = null) => catalog.GenerateTransfer(Generator(catalog), options);

    /// <summary>Learns people from pictures; the library's own generator makes what no picture shows.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<StageTransformer<ImpersonateSubjectOptions>> ImpersonateSubject(this TransformsCatalog catalog,
        ImpersonateSubjectOptions? options = null) => catalog.ImpersonateSubject(Generator(catalog), options);

    private static LiquidWarpingGenerator Generator(TransformsCatalog catalog) => OwnModels.OpenGenerator(catalog.NetworkRuntime());
}
