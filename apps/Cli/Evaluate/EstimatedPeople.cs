using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Replaces exact source bodies by what an estimator finds in the pictures, as generators get them in use.</summary>
internal sealed class EstimatedPeople : IDisposable
{
    private readonly SmplEstimator _estimator;
    private readonly PersonFinder _finder;

    /// <param name="estimator">The estimator.</param>
    public EstimatedPeople(SmplEstimator estimator) => (_estimator, _finder) = (estimator, new PersonFinder(estimator, BodyModel.Default));

    /// <summary>Looks at the source picture, and at the reference picture where there is one.</summary>
    /// <param name="row">A row with exact bodies.</param>
    /// <param name="looksAtReference">Whether the reference's body is found in its picture, too.</param>
    /// <returns>The row with the bodies that were found; null where the estimator refuses a picture.</returns>
    public EvaluationRow? Find(EvaluationRow row, bool looksAtReference)
    {
        if (Look(row.SourceImage) is not { } source)
            return null;
        (float[] Smpl, float[] Mask)? reference = looksAtReference ? Look(row.ReferenceImage)
            : (row.ReferenceSmpl, row.ReferencePersonMask);
        return reference is not { } other ? null : row.With(source.Smpl, source.Mask, other.Smpl, other.Mask);
    }

    /// <summary>Lets go of the estimator's network.</summary>
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
