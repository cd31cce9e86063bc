namespace Lwg.MLNet.Generation;

/// <summary>One picture of a person and the body in it.</summary>
/// <param name="Smpl">The 85 SMPL parameters.</param>
/// <param name="Image">The picture [3,S,S] in [-1,1].</param>
internal sealed record SubjectView(float[] Smpl, float[] Image)
{
    /// <summary>An estimator's person mask [G,G]: pixels outside the mask are not taken as the person. Null if unknown.</summary>
    public float[]? PersonMask { get; init; }
}
