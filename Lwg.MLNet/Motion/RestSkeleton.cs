using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion;

/// <summary>The positions of SMPL's joints at rest (neutral mean, metres, y up, facing +z).</summary>
internal static class RestSkeleton
{
    /// <summary>The height of the floor under the soles.</summary>
    public const float Floor = -1.165f;

    private static readonly Vector3[] s_joints = [.. RestJoints.All.Select(p => new Vector3((float)p.X, (float)p.Y, (float)p.Z))];

    /// <summary>Returns the position of a joint.</summary>
    public static Vector3 Position(int joint) => s_joints[joint];

    /// <summary>Returns the bone from the parent of a joint to the joint.</summary>
    public static Vector3 Bone(int joint) => s_joints[joint] - s_joints[Skeleton.Parents[joint]];

    /// <summary>Computes the positions of the 24 joints in a pose (forward kinematics along the tree).</summary>
    /// <param name="pose">24 axis-angle vectors, radians.</param>
    /// <param name="translation">The translation of all joints, metres.</param>
    /// <param name="positions">Receives the positions [24].</param>
    /// <param name="orientations">Receives the world rotations of the joints [24].</param>
    public static void Pose(ReadOnlySpan<float> pose, Vector3 translation, Span<Vector3> positions, Span<Quaternion> orientations)
    {
        for (int joint = 0; joint < Skeleton.JointCount; joint++)
        {
            int parent = Skeleton.Parents[joint];
            Quaternion local = AxisAngle.ToQuaternion(pose.Slice(3 * joint, 3));
            orientations[joint] = parent < 0 ? local : Quaternion.Normalize(orientations[parent] * local);
            positions[joint] = parent < 0 ? s_joints[0] + translation
                : positions[parent] + Vector3.Transform(Bone(joint), orientations[parent]);
        }
    }
}
