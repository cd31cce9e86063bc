using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A picture that contains a synthetic person, with the ground truth for an SMPL estimator. The buffers are reused.</summary>
internal sealed class Snapshot
{
    /// <summary>Allocates a snapshot.</summary>
    /// <param name="size">S, 32 to 1024 pixels.</param>
    public Snapshot(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1024);
        Size = size;
        (Image, Mask) = (new float[3 * size * size], new float[size * size]);
    }

    /// <summary>S, the width and height.</summary>
    public int Size { get; }

    /// <summary>The picture [3,S,S] in [-1,1].</summary>
    public float[] Image { get; }

    /// <summary>The share of each pixel that the person covers [S,S], including hair and clothes, without the parts that are
    /// hidden.</summary>
    public float[] Mask { get; }

    /// <summary>The 17 key points: x and y in pixels, and 1 if the point is visible in the picture, 0.5 if something hides it, 0 if it is
    /// outside.</summary>
    public float[] Keypoints { get; } = new float[KeypointSet.Length];

    /// <summary>The 85 SMPL parameters of the body, in the camera of the picture.</summary>
    public float[] Smpl { get; } = new float[SmplLayout.ParameterCount];

    /// <summary>The number of people: 0, 1 or 2; with two, the truth is that of the larger one, in front.</summary>
    public int PersonCount { get; internal set; }
}
