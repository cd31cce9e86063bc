using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;

namespace Lwg.MLNet.Batch;

/// <summary>The pipeline that processes all rows.</summary>
internal static class BatchPipeline
{
    /// <summary>Builds the pipeline from SourcePhoto and ReferenceSmpl to TargetPhoto, which also computes the row's quality
    /// measures.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="marked">Whether SourcePhotoKeypoints gives the person's key points; otherwise the estimator finds the person.</param>
    /// <param name="estimator">The estimator.</param>
    /// <param name="generator">The generator.</param>
    public static IEstimator<ITransformer> Build(MLContext mlContext, BatchSettings settings, bool marked, SmplEstimator estimator,
        TransferGenerator generator)
    {
        TransformsCatalog catalog = mlContext.Transforms;
        // SourcePhoto gives SourceImage, the square around the person, and SourceSmpl, the SMPL parameters of the body in it.
        IEstimator<ITransformer> person = marked
            ? catalog.CropPerson("Source", settings.Size).Append(catalog.FitSmplToKeypoints("Source", drawToSilhouette: true))
            : catalog.FindPerson(estimator, "Source", settings.Size);
        return person
            // With ReferenceSmpl they give TargetImage, the person in that pose.
            .Append(catalog.ImitateMotion(
                generator, new ImitateMotionOptions { ImageSize = settings.Size, Strategy = settings.Camera, PersonMaskColumnName = marked
                ? null : "SourcePersonMask", KeepIntermediate = true }))
            // Measures how good the transfer can be.
            .Append(catalog.MeasureTransferQuality(new MeasureTransferQualityOptions
            {
                PersonMaskColumnName = marked ? null : "SourcePersonMask",
                KeypointsColumnName = marked ? "SourceKeypoints" : null,
                MinimumSurfaceShown = settings.MinimumShown,
                RefusePoorRows = settings.RefusePoor,
            }))
            // Puts TargetImage back into the photograph: TargetPhoto.
            .Append(catalog.ComposeIntoImage(imageSize: settings.Size));
    }
}
