namespace Lwg.MLNet.Motion;

/// <summary>What a motion file does not tell.</summary>
public sealed record MotionReadOptions
{
    /// <summary>Which way is up.</summary>
    public MotionUpAxis UpAxis { get; init; }

    /// <summary>A JSON file that says for our joints (left_hip, spine_1...) which joints of a BVH file they are, where those have names of
    /// their own; null for the usual names.</summary>
    public string? JointNames { get; init; }
}
