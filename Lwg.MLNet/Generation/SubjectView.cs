namespace Lwg.MLNet.Generation;

/// <summary>One picture of a person, and the body in it.</summary>
/// <param name="Smpl">The 85 numbers.</param>
/// <param name="Image">The picture [3,S,S] in [-1,1].</param>
internal sealed record SubjectView(float[] Smpl, float[] Image)
{
    /// <summary>Where the person is by an estimator's account [G,G]: no pixel outside of it is taken for the person. Null where it is not
    /// known.</summary>
    public float[]? PersonMask { get; init; }
}
