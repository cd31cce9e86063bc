using Lwg.MLNet.Body;
using Lwg.MLNet.Training;

namespace Microsoft.ML;

/// <summary>Learning of Liquid Warping GAN as ML.NET's catalog offers it.</summary>
public static class LwgTrainingCatalog
{
    /// <summary>
    /// Trains a generator on SourceImage, TargetImage (square pictures of one person), SourceSmpl and TargetSmpl [85]. Fit returns the stage GenerateTransfer,
    /// which can be saved; its <see cref="Lwg.MLNet.Transforms.TransferGeneratingTransformer.Generator"/> serves ImitateMotion and its like.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Columns and training; null for the defaults, which take hours.</param>
    /// <param name="body">The body; null for our own.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public static LiquidWarpingGeneratorEstimator TrainLiquidWarpingGenerator(this TransformsCatalog catalog, GeneratorFittingOptions? options = null, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LiquidWarpingGeneratorEstimator(catalog, options ?? new GeneratorFittingOptions(), body ?? BodyModel.Default);
    }
}
