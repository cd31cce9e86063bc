namespace Lwg.MLNet.Body;

/// <summary>The positions of the joints in the rest pose (metres): SMPL's neutral mean, made exactly symmetric.</summary>
internal static class RestJoints
{
    /// <summary>The 24 joints in SMPL's order.</summary>
    public static Vector3D[] All { get; } = Build();

    private static Vector3D[] Build()
    {
        var joints = new Vector3D[Skeleton.JointCount];
        joints[Skeleton.Pelvis] = new(0, -0.22, 0.03);
        joints[Skeleton.LeftHip] = new(0.07, -0.31, 0.02);
        joints[Skeleton.Spine1] = new(0, -0.11, 0);
        joints[Skeleton.LeftKnee] = new(0.105, -0.69, 0.016);
        joints[Skeleton.Spine2] = new(0, 0.02, 0);
        joints[Skeleton.LeftAnkle] = new(0.09, -1.09, -0.027);
        joints[Skeleton.Spine3] = new(0, 0.07, 0.03);
        joints[Skeleton.LeftFoot] = new(0.116, -1.14, 0.094);
        joints[Skeleton.Neck] = new(0, 0.29, -0.015);
        joints[Skeleton.LeftCollar] = new(0.08, 0.194, -0.008);
        joints[Skeleton.Head] = new(0, 0.35, 0.037);
        joints[Skeleton.LeftShoulder] = new(0.174, 0.226, -0.017);
        joints[Skeleton.LeftElbow] = new(0.43, 0.213, -0.042);
        joints[Skeleton.LeftWrist] = new(0.683, 0.221, -0.045);
        joints[Skeleton.LeftHand] = new(0.767, 0.214, -0.058);
        for (int j = 0; j < joints.Length; j++)
        {
            if (joints[Skeleton.MirrorJoints[j]].X > 0)
                joints[j] = joints[Skeleton.MirrorJoints[j]].Mirrored;
        }
        return [.. joints.Select((p, j) => p.X < 0 == IsRight(j) ? p : p.Mirrored)];
    }

    private static bool IsRight(int joint) => Skeleton.JointNames[joint].StartsWith("right", StringComparison.Ordinal);
}
