namespace Lwg.MLNet.Body;

/// <summary>
/// The layout of the 85 SMPL numbers: camera (s, tx, ty), pose (24 joints, axis-angle in radians), shape (10 numbers),
/// in the camera frame: x right, y down, z away from the viewer.
/// </summary>
public static class SmplLayout
{
    /// <summary>How many numbers describe one person: 3 + 72 + 10.</summary>
    public const int ParameterCount = ShapeOffset + ShapeCount;

    /// <summary>Where the camera (s, tx, ty) starts: a point projects to s * (x + tx), s * (y + ty).</summary>
    public const int CameraOffset = 0;

    /// <summary>How many numbers the camera has.</summary>
    public const int CameraCount = 3;

    /// <summary>Where the pose starts: one axis-angle vector (radians) a joint, the root first.</summary>
    public const int PoseOffset = CameraOffset + CameraCount;

    /// <summary>How many numbers the pose has.</summary>
    public const int PoseCount = 3 * Skeleton.JointCount;

    /// <summary>Where the shape numbers start.</summary>
    public const int ShapeOffset = PoseOffset + PoseCount;

    /// <summary>How many shape numbers there are.</summary>
    public const int ShapeCount = 10;

    /// <summary>The parts in words, for messages.</summary>
    internal static readonly string Parts = $"camera {CameraCount}, pose {PoseCount}, shape {ShapeCount}";

    /// <summary>Throws unless <paramref name="smpl"/> holds exactly 85 finite numbers.</summary>
    /// <param name="smpl">The numbers.</param>
    /// <param name="parameterName">The name to blame.</param>
    /// <exception cref="ArgumentException">Another length, or a number that is not finite.</exception>
    public static void Check(ReadOnlySpan<float> smpl, string parameterName = "smpl")
    {
        if (smpl.Length != ParameterCount)
            throw new ArgumentException($"SMPL parameters are {ParameterCount} numbers ({Parts}), but {smpl.Length} were given.",
                parameterName);
        for (int i = 0; i < smpl.Length; i++)
        {
            if (!float.IsFinite(smpl[i]))
                throw new ArgumentException($"SMPL parameter {i} is {smpl[i]}; all {ParameterCount} must be finite.", parameterName);
        }
    }
}
