using Lwg.MLNet.Body;
using Lwg.MLNet.Training;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Stages;

namespace Microsoft.ML;

/// <summary>Extension methods of ML.NET's catalog that train Liquid Warping GAN.</summary>
public static class LwgTrainingCatalog
{
    /// <summary>
    /// Trains a generator on SourceImage, TargetImage (square pictures of one person), SourceSmpl and TargetSmpl [85]. Fit returns the
    /// stage GenerateTransfer, which can be saved; its generator (<see cref="PersonTransfer.GeneratorOf"/>) can be used in ImitateMotion
    /// and similar stages.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Columns and training options; null for the defaults, which take hours.</param>
    /// <param name="body">The body; null for the default body.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// Training computes the networks' inputs from pictures and bodies, so Fit needs no other stage; the returned stage reads the columns
    /// of the stages before it.
    ///
    /// | | |
    /// |---|---|
    /// | Trains on the data? | Yes, as often as the schedule specifies, in their order: shuffle them first |
    /// | Input | two square images, two vectors of 85 Single |
    /// | Output | as GenerateTransfer |
    /// | Additional packages | Microsoft.ML.ImageAnalytics, TorchSharp, libtorch-cpu |
    /// </remarks>
    public static IEstimator<StageTransformer<GenerateTransferOptions>> TrainLiquidWarpingGenerator(this TransformsCatalog catalog,
        TrainLiquidWarpingGeneratorOptions? options = null, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LiquidWarpingGeneratorEstimator(catalog, options ?? new TrainLiquidWarpingGeneratorOptions(), body ?? BodyModel.Default);
    }
}
