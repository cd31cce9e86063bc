using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Two pictures of one synthetic person with the same camera and backdrop, with exact ground truth. The buffers are
/// reused.</summary>
public sealed class SyntheticPair
{
    /// <summary>Allocates a pair.</summary>
    /// <param name="size">S, 32 to 1024 pixels.</param>
    public SyntheticPair(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 32);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1024);
        Size = size;
        (SourceImage, TargetImage, Background) = (new float[3 * size * size], new float[3 * size * size], new float[3 * size * size]);
        (SourceMask, TargetMask) = (new float[size * size], new float[size * size]);
    }

    /// <summary>S, the width and height.</summary>
    public int Size { get; }

    /// <summary>The number of the person; people from 1,000,000 on are held out of training.</summary>
    public long Identity { get; internal set; }

    /// <summary>The source picture [3,S,S] in [-1,1].</summary>
    public float[] SourceImage { get; }

    /// <summary>The target picture [3,S,S] in [-1,1].</summary>
    public float[] TargetImage { get; }

    /// <summary>The 85 SMPL parameters of the source.</summary>
    public float[] SourceSmpl { get; } = new float[SmplLayout.ParameterCount];

    /// <summary>The 85 SMPL parameters of the target.</summary>
    public float[] TargetSmpl { get; } = new float[SmplLayout.ParameterCount];

    /// <summary>The share of each pixel that the person covers in the source [1,S,S], including hair and clothes.</summary>
    public float[] SourceMask { get; }

    /// <summary>The share of each pixel that the person covers in the target [1,S,S], including hair and clothes.</summary>
    public float[] TargetMask { get; }

    /// <summary>The backdrop without person, shadow and noise [3,S,S] in [-1,1].</summary>
    public float[] Background { get; }
}
