using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Replaces exact source bodies by those that an estimator finds in the pictures, as in normal use.</summary>
internal sealed class EstimatedPeople : IDisposable
{
    private readonly PersonFinder _finder;

    /// <param name="estimator">The estimator.</param>
    public EstimatedPeople(SmplEstimator estimator) => _finder = new PersonFinder(estimator, BodyModel.Default);

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
        float[] smpl = new float[SmplLayout.ParameterCount], mask = new float[EvaluationRow.MaskSide * EvaluationRow.MaskSide];
        return _finder.TryFind(ImageCodec.ToPixels(image), smpl, mask, EvaluationRow.MaskSide) ? (smpl, mask) : null;
    }
}
