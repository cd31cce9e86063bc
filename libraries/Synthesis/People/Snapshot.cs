using Lwg.MLNet.Body;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>A picture of a synthetic person somewhere in it, with the truth that a SMPL estimator is to find. The buffers are filled again
/// and again.</summary>
internal sealed class Snapshot
{
    /// <summary>Makes room for one.</summary>
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

    /// <summary>The share of each pixel that the person covers [S,S], hair and clothes included, without what hides it.</summary>
    public float[] Mask { get; }

    /// <summary>The 17 key points: x and y in pixels, and 1 where it lies in the picture unhidden, 0.5 where something hides it, 0 where it
    /// lies outside.</summary>
    public float[] Keypoints { get; } = new float[KeypointSet.Length];

    /// <summary>The 85 numbers of the body, in the camera of the picture.</summary>
    public float[] Smpl { get; } = new float[SmplLayout.ParameterCount];

    /// <summary>How many people there are: 0, 1 or 2; of two it is the larger, in front, whose truth this is.</summary>
    public int PersonCount { get; internal set; }
}
