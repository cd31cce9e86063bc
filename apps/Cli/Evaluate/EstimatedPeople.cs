using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Replaces exact source bodies by those that an estimator finds in the pictures, as in normal use.</summary>
internal sealed class EstimatedPeople : IDisposable
{
    private readonly SmplEstimator _estimator;
    private readonly PersonFinder _finder;

    /// <param name="estimator">The estimator.</param>
    public EstimatedPeople(SmplEstimator estimator) => (_estimator, _finder) = (estimator, new PersonFinder(estimator, BodyModel.Default));

    /// <summary>Estimates the bodies in the source picture and, if requested, in the reference picture.</summary>
    /// <param name="row">A row with exact bodies.</param>
    /// <param name="looksAtReference">Whether the reference's body is estimated too.</param>
    /// <returns>The row with the estimated bodies; null if the estimator refuses a picture.</returns>
    public EvaluationRow? Find(EvaluationRow row, bool looksAtReference)
    {
        if (Look(row.SourceImage) is not { } source)
            return null;
        (float[] Smpl, float[] Mask)? reference = looksAtReference ? Look(row.ReferenceImage)
            : (row.ReferenceSmpl, row.ReferencePersonMask);
        return reference is not { } other ? null : row.With(source.Smpl, source.Mask, other.Smpl, other.Mask);
    }

    /// <summary>Disposes of the estimator's network.</summary>
    public void Dispose() => _finder.Dispose();

    private (float[] Smpl, float[] Mask)? Look(Microsoft.ML.Data.MLImage image)
    {
        PixelBuffer picture = ImageCodec.ToPixels(image);
        PersonFinding found = _finder.Find(picture);
        if (found.Status != PersonFindingStatus.Found)
            return null;
        float[] mask = new float[EvaluationRow.MaskSide * EvaluationRow.MaskSide];
        found.CopyMask(_estimator.PictureSize, picture.Width, mask, EvaluationRow.MaskSide);
        return ([.. found.Smpl], mask);
    }
}
