namespace Lwg.MLNet.Body;

/// <summary>The positions of the joints in the rest pose (metres): SMPL's neutral mean, made exactly symmetric.</summary>
internal static class RestJoints
{
    /// <summary>The 24 joints in SMPL's order.</summary>
    public static Vector3D[] All { get; } = Build();

    private static Vector3D[] Build()
    {
        var joints = new Vector3D[Skeleton.JointCount];
        joints[0] = new(0, -0.22, 0.03);
        joints[1] = new(0.07, -0.31, 0.02);
        joints[3] = new(0, -0.11, 0);
        joints[4] = new(0.105, -0.69, 0.016);
        joints[6] = new(0, 0.02, 0);
        joints[7] = new(0.09, -1.09, -0.027);
        joints[9] = new(0, 0.07, 0.03);
        joints[10] = new(0.116, -1.14, 0.094);
        joints[12] = new(0, 0.29, -0.015);
        joints[13] = new(0.08, 0.194, -0.008);
        joints[15] = new(0, 0.35, 0.037);
        joints[16] = new(0.174, 0.226, -0.017);
        joints[18] = new(0.43, 0.213, -0.042);
        joints[20] = new(0.683, 0.221, -0.045);
        joints[22] = new(0.767, 0.214, -0.058);
        for (int j = 0; j < joints.Length; j++)
        {
            if (joints[Skeleton.MirrorJoints[j]].X > 0)
                joints[j] = joints[Skeleton.MirrorJoints[j]].Mirrored;
        }
        return [.. joints.Select((p, j) => p.X < 0 == IsRight(j) ? p : p.Mirrored)];
    }

    private static bool IsRight(int joint) => Skeleton.JointNames[joint].StartsWith("right", StringComparison.Ordinal);
}
