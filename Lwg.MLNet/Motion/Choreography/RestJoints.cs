using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion.Choreography;

/// <summary>Where SMPL's joints are at rest (neutral mean, metres, y up, facing +z).</summary>
internal static class RestJoints
{
    /// <summary>The height of the floor under the soles.</summary>
    public const float Floor = -1.165f;

    private static readonly Vector3[] s_joints =
    [
        new(0, -0.22f, 0.03f),
        new(0.07f, -0.31f, 0.02f), new(-0.07f, -0.31f, 0.02f), new(0, -0.11f, 0),
        new(0.105f, -0.69f, 0.016f), new(-0.105f, -0.69f, 0.016f), new(0, 0.02f, 0),
        new(0.09f, -1.09f, -0.027f), new(-0.09f, -1.09f, -0.027f), new(0, 0.07f, 0.03f),
        new(0.116f, -1.14f, 0.094f), new(-0.116f, -1.14f, 0.094f), new(0, 0.29f, -0.015f),
        new(0.08f, 0.194f, -0.008f), new(-0.08f, 0.194f, -0.008f), new(0, 0.35f, 0.037f),
        new(0.174f, 0.226f, -0.017f), new(-0.174f, 0.226f, -0.017f),
        new(0.43f, 0.213f, -0.042f), new(-0.43f, 0.213f, -0.042f),
        new(0.683f, 0.221f, -0.045f), new(-0.683f, 0.221f, -0.045f),
        new(0.767f, 0.214f, -0.058f), new(-0.767f, 0.214f, -0.058f),
    ];

    /// <summary>A joint's position.</summary>
    public static Vector3 Position(int joint) => s_joints[joint];

    /// <summary>The bone from a joint's parent to the joint.</summary>
    public static Vector3 Bone(int joint) => s_joints[joint] - s_joints[Skeleton.Parents[joint]];

    /// <summary>The positions of the 24 joints in a pose (forward kinematics along the tree).</summary>
    /// <param name="pose">24 axis-angle vectors, radians.</param>
    /// <param name="translation">Added to every joint, metres.</param>
    /// <param name="positions">[24]: where to write.</param>
    /// <param name="orientations">[24]: where to write the joints' rotations in the world.</param>
    public static void Pose(ReadOnlySpan<float> pose, Vector3 translation, Span<Vector3> positions, Span<Quaternion> orientations)
    {
        for (int joint = 0; joint < Skeleton.JointCount; joint++)
        {
            int parent = Skeleton.Parents[joint];
            Quaternion local = AxisAngle.ToQuaternion(pose.Slice(3 * joint, 3));
            orientations[joint] = parent < 0 ? local : Quaternion.Normalize(orientations[parent] * local);
            positions[joint] = parent < 0 ? s_joints[0] + translation : positions[parent] + Vector3.Transform(Bone(joint), orientations[parent]);
        }
    }
}
