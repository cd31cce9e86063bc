namespace Lwg.MLNet.Motion;

/// <summary>Settings that a motion file does not contain.</summary>
public sealed record MotionReadOptions
{
    /// <summary>The up axis.</summary>
    public MotionUpAxis UpAxis { get; init; }

    /// <summary>A JSON file that maps SMPL joint names (left_hip, spine_1...) to the joints of a BVH file with unusual names; null for
    /// the usual names.</summary>
    public string? JointNames { get; init; }
}
