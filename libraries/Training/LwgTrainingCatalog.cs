using Lwg.MLNet.Body;
using Lwg.MLNet.Training;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Stages;

namespace Microsoft.ML;

/// <summary>Learning of Liquid Warping GAN as ML.NET's catalog offers it.</summary>
public static class LwgTrainingCatalog
{
    /// <summary>
    /// Trains a generator on SourceImage, TargetImage (square pictures of one person), SourceSmpl and TargetSmpl [85]. Fit returns the
    /// stage GenerateTransfer, which can be saved; its generator (<see cref="PersonTransfer.GeneratorOf"/>) serves ImitateMotion and its
    /// like.
    /// </summary>
    /// <param name="catalog">The catalog, mlContext.Transforms.</param>
    /// <param name="options">Columns and training; null for the defaults, which take hours.</param>
    /// <param name="body">The body; null for our own.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <remarks>
    /// What the networks read is made of pictures and bodies while training, so that Fit needs no other stage; the stage itself reads the
    /// columns that the stages before it make.
    ///
    /// | | |
    /// |---|---|
    /// | Looks at the data to train? | Yes, as often as the schedule says, in their order: shuffle them before |
    /// | Input | two square images, two vectors of 85 Single |
    /// | Output | as GenerateTransfer |
    /// | Needs besides Microsoft.ML | Microsoft.ML.ImageAnalytics, TorchSharp, libtorch-cpu |
    /// </remarks>
    public static IEstimator<StageTransformer<GenerateTransferOptions>> TrainLiquidWarpingGenerator(this TransformsCatalog catalog,
        TrainLiquidWarpingGeneratorOptions? options = null, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LiquidWarpingGeneratorEstimator(catalog, options ?? new TrainLiquidWarpingGeneratorOptions(), body ?? BodyModel.Default);
    }
}
