using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Transforms;
using Microsoft.ML;

namespace Lwg.MLNet.Batch;

/// <summary>The pipeline through which all rows go.</summary>
internal static class BatchPipeline
{
    /// <summary>From SourcePhoto and ReferenceSmpl to TargetPhoto, and on the way to what is measured of the row.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="marked">Whether SourcePhotoKeypoints says where the person is; else the estimator finds out.</param>
    /// <param name="estimator">The estimator.</param>
    /// <param name="generator">The generator.</param>
    public static IEstimator<ITransformer> Build(MLContext mlContext, BatchSettings settings, bool marked, SmplEstimator estimator,
        TransferGenerator generator)
    {
        TransformsCatalog catalog = mlContext.Transforms;
        // SourcePhoto becomes SourceImage, the square around the person, and SourceSmpl, the body in it.
        IEstimator<ITransformer> person = marked
            ? catalog.CropPerson("Source", settings.Size).Append(catalog.FitSmplToKeypoints("Source", drawToSilhouette: true))
            : catalog.FindPerson(estimator, "Source", settings.Size);
        return person
            // With ReferenceSmpl they become TargetImage, the person in that pose...
            .Append(catalog.ImitateMotion(
                generator, new ImitateMotionOptions { ImageSize = settings.Size, Strategy = settings.Camera, PersonMaskColumnName = marked
                ? null : "SourcePersonMask", KeepIntermediate = true }))
            // ...of which is told how good it can be...
            .Append(catalog.MeasureTransferQuality(new MeasureTransferQualityOptions
            {
                PersonMaskColumnName = marked ? null : "SourcePersonMask",
                KeypointsColumnName = marked ? "SourceKeypoints" : null,
                MinimumSurfaceShown = settings.MinimumShown,
                RefusePoorRows = settings.RefusePoor,
            }))
            // ...and it is put back into the photograph: TargetPhoto.
            .Append(catalog.ComposeIntoImage(imageSize: settings.Size));
    }
}
