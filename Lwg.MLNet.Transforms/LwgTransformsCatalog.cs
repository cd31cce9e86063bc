using Lwg.MLNet.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The stages of Liquid Warping GAN as ML.NET's catalog offers them.</summary>
public static class LwgTransformsCatalog
{
    /// <summary>Finds the boxes of head and body around a person's key points.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="outputPrefix">What the names of the columns begin with: prefix + HeadBox [4], prefix + BodyBox [4]; and prefix + Joints2D [19,2] is read.</param>
    /// <param name="imageSize">S, the size of the pictures, 32 to 2048 pixels.</param>
    public static HeadAndBodyLocatingEstimator LocateHeadAndBody(this TransformsCatalog catalog, string outputPrefix = "", int imageSize = 256) =>
        catalog.LocateHeadAndBody(new HeadAndBodyLocatingOptions
        {
            HeadBoxColumnName = outputPrefix + "HeadBox",
            BodyBoxColumnName = outputPrefix + "BodyBox",
            Joints2DColumnName = outputPrefix + "Joints2D",
            ImageSize = imageSize,
        });

    /// <summary>Finds the boxes of head and body around a person's key points.</summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Column names and settings.</param>
    public static HeadAndBodyLocatingEstimator LocateHeadAndBody(this TransformsCatalog catalog, HeadAndBodyLocatingOptions options) =>
        new(EnvironmentOf(catalog), options);

    private static IHostEnvironment EnvironmentOf(TransformsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.GetEnvironment();
    }
}
