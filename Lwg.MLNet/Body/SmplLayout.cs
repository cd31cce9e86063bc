namespace Lwg.MLNet.Body;

/// <summary>The layout of the 85 SMPL parameters: camera (s, tx, ty), pose (24 joints, axis-angle in radians), shape (10), in the camera
/// frame: x right, y down, z away from the viewer.</summary>
public static class SmplLayout
{
    /// <summary>The number of parameters of one person: 3 + 72 + 10.</summary>
    public const int ParameterCount = ShapeOffset + ShapeCount;

    /// <summary>The offset of the camera (s, tx, ty): a point projects to s * (x + tx), s * (y + ty).</summary>
    public const int CameraOffset = 0;

    /// <summary>The number of camera parameters.</summary>
    public const int CameraCount = 3;

    /// <summary>The offset of the pose: one axis-angle vector (radians) per joint, the root first.</summary>
    public const int PoseOffset = CameraOffset + CameraCount;

    /// <summary>The number of pose parameters.</summary>
    public const int PoseCount = 3 * Skeleton.JointCount;

    /// <summary>The offset of the shape parameters.</summary>
    public const int ShapeOffset = PoseOffset + PoseCount;

    /// <summary>The number of shape parameters.</summary>
    public const int ShapeCount = 10;

    /// <summary>The parts in words, for messages.</summary>
    internal static readonly string Parts = $"camera {CameraCount}, pose {PoseCount}, shape {ShapeCount}";

    /// <summary>Throws an exception unless <paramref name="smpl"/> contains exactly 85 finite values.</summary>
    /// <param name="smpl">The SMPL parameters.</param>
    /// <param name="parameterName">The parameter name for the exception.</param>
    /// <exception cref="ArgumentException">The length differs, or a value is not finite.</exception>
    public static void Check(ReadOnlySpan<float> smpl, string parameterName = "smpl")
    {
        if (smpl.Length != ParameterCount)
            throw new ArgumentException($"There are {ParameterCount} SMPL parameters (camera 3, pose 72, shape 10), but "
                + $"{smpl.Length} were given.", parameterName);
        for (int i = 0; i < smpl.Length; i++)
        {
            if (!float.IsFinite(smpl[i]))
                throw new ArgumentException($"SMPL parameter {i} is {smpl[i]}; all {ParameterCount} must be finite.", parameterName);
        }
    }
}
