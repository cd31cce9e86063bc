namespace Lwg.MLNet.Body;

/// <summary>Which camera the target of a motion imitation gets (algorithm's three strategies).</summary>
public enum CameraStrategy
{
    /// <summary>The source's camera, its t moved by the reference's t minus that of the reference's first frame.</summary>
    Smooth,

    /// <summary>The source's camera.</summary>
    Source,

    /// <summary>The reference's camera.</summary>
    Copy,
}

/// <summary>Makes the SMPL numbers of the target: camera by strategy, the reference's pose, the source's shape.</summary>
public static class Retargeting
{
    /// <summary>Retargets one frame.</summary>
    /// <param name="source">The source's 85 numbers.</param>
    /// <param name="reference">The reference's 85 numbers.</param>
    /// <param name="origin">The reference's 85 numbers at its first frame; read by <see cref="CameraStrategy.Smooth"/> only.</param>
    /// <param name="strategy">Which camera.</param>
    /// <param name="target">Receives 85 numbers.</param>
    public static void Retarget(ReadOnlySpan<float> source, ReadOnlySpan<float> reference, ReadOnlySpan<float> origin, CameraStrategy strategy, Span<float> target)
    {
        SmplLayout.Check(source, nameof(source));
        SmplLayout.Check(reference, nameof(reference));
        if (!Enum.IsDefined(strategy))
            throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "The camera strategy must be Smooth, Source or Copy.");
        reference[..SmplLayout.ShapeOffset].CopyTo(target);
        source[SmplLayout.ShapeOffset..].CopyTo(target[SmplLayout.ShapeOffset..]);
        if (strategy == CameraStrategy.Copy)
            return;
        source[..SmplLayout.CameraCount].CopyTo(target);
        if (strategy == CameraStrategy.Smooth)
        {
            SmplLayout.Check(origin, nameof(origin));
            target[1] += reference[1] - origin[1];
            target[2] += reference[2] - origin[2];
        }
    }

    /// <summary>Stands a person in the T-pose: upright, facing the viewer, arms level; the source's camera and shape.</summary>
    /// <param name="source">The source's 85 numbers.</param>
    /// <param name="target">Receives 85 numbers.</param>
    public static void StandInTPose(ReadOnlySpan<float> source, Span<float> target)
    {
        SmplLayout.Check(source, nameof(source));
        source.CopyTo(target);
        target.Slice(SmplLayout.PoseOffset, SmplLayout.PoseCount).Clear();
        // The body's y is up, the camera's is down.
        target[SmplLayout.PoseOffset] = MathF.PI;
    }
}
