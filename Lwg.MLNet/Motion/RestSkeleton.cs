using System.Numerics;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Motion;

/// <summary>Where SMPL's joints are at rest (neutral mean, metres, y up, facing +z).</summary>
internal static class RestSkeleton
{
    /// <summary>The height of the floor under the soles.</summary>
    public const float Floor = -1.165f;

    private static readonly Vector3[] s_joints = [.. RestJoints.All.Select(p => new Vector3((float)p.X, (float)p.Y, (float)p.Z))];

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
            positions[joint] = parent < 0 ? s_joints[0] + translation
                : positions[parent] + Vector3.Transform(Bone(joint), orientations[parent]);
        }
    }
}
