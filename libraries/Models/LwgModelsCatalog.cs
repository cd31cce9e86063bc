using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms;

namespace Microsoft.ML;

/// <summary>Stages with the library's own networks, and with the best estimator of people that the machine has (<see cref="PersonEstimators.Best"/>).</summary>
public static class LwgModelsCatalog
{
    /// <summary>
    /// Finds the person in prefix + Image, of any size, and estimates pose, shape and camera: becomes prefix + Smpl [85], EstimatedKeypoints [17,3], EstimatedBox [4],
    /// PersonMask, Confidence, PersonStatus.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">What the names of the columns begin with.</param>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static SmplEstimatingEstimator EstimateSmpl(this TransformsCatalog catalog, string prefix = "") => catalog.EstimateSmpl(PersonEstimators.Best(catalog.NetworkRuntime()), prefix);

    /// <summary>Estimates pose, shape and camera of a person.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static SmplEstimatingEstimator EstimateSmpl(this TransformsCatalog catalog, SmplEstimatingOptions options) => catalog.EstimateSmpl(options, PersonEstimators.Best(catalog.NetworkRuntime()));

    /// <summary>
    /// Finds the person in a photograph of whom nothing is known: prefix + Photo, of any size, becomes prefix + Image, the square around the person,
    /// prefix + CropTransform, prefix + Smpl, prefix + PersonMask.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="prefix">What the names of the columns begin with.</param>
    /// <param name="imageSize">S, the side of the square, 32 to 2048 pixels.</param>
    /// <exception cref="Lwg.MLNet.LwgException">The application has no ONNX Runtime.</exception>
    public static IEstimator<ITransformer> FindPerson(this TransformsCatalog catalog, string prefix = "Source", int imageSize = 256) =>
        catalog.FindPerson(PersonEstimators.Best(catalog.NetworkRuntime()), prefix, imageSize);
}
