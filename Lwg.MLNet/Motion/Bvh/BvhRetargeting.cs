using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion.Dialects;

namespace Lwg.MLNet.Motion.Bvh;

/// <summary>Retargets a BVH motion to SMPL's skeleton. The rest pose is arbitrary: hips and spine determine the orientation of the trunk,
/// and each limb bone points in the direction of the bone of the file, at rest and in all frames.</summary>
internal static class BvhRetargeting
{
    // The shape of feet, heads and backs varies; only a very different direction indicates a different rest pose.
    private const float Elsewhere = 0.6f;

    // Bones: a joint, the joint at its other end, and whether it is a limb bone that must match exactly.
    private static readonly (int Joint, int End, bool IsExact)[] s_bones =
    [
        (Skeleton.LeftHip, Skeleton.LeftKnee, true), (Skeleton.LeftKnee, Skeleton.LeftAnkle, true),
        (Skeleton.LeftAnkle, Skeleton.LeftFoot, false),
        (Skeleton.RightHip, Skeleton.RightKnee, true), (Skeleton.RightKnee, Skeleton.RightAnkle, true),
        (Skeleton.RightAnkle, Skeleton.RightFoot, false),
        (Skeleton.LeftCollar, Skeleton.LeftShoulder, false), (Skeleton.LeftShoulder, Skeleton.LeftElbow, true),
        (Skeleton.LeftElbow, Skeleton.LeftWrist, true), (Skeleton.LeftWrist, Skeleton.LeftHand, false),
        (Skeleton.RightCollar, Skeleton.RightShoulder, false), (Skeleton.RightShoulder, Skeleton.RightElbow, true),
        (Skeleton.RightElbow, Skeleton.RightWrist, true), (Skeleton.RightWrist, Skeleton.RightHand, false),
        (Skeleton.Neck, Skeleton.Head, false),
    ];

    /// <summary>Converts a file to a motion.</summary>
    /// <exception cref="ModelFileException">The joints are unknown, or are in one place.</exception>
    public static RawMotion ToMotion(BvhFile file, BvhNames names, string source)
    {
        int[] joints = names.Find(file, source);
        var positions = new Vector3[file.Joints.Count];
        var rotations = new Quaternion[file.Joints.Count];
        file.Pose(-1, positions, rotations);
        Quaternion[] alignments = Alignments(file, joints, positions, source);
        int[] leg = [.. ((int[])[Skeleton.LeftHip, Skeleton.LeftKnee, Skeleton.LeftAnkle]).Where(j => joints[j] >= 0)];
        float scale = Length(leg.Select(RestSkeleton.Position)) / Length(leg.Select(j => positions[joints[j]]));
        if (!float.IsFinite(scale))
            throw new ModelFileException(source, null, "its legs have no length.");

        float[] poses = new float[file.FrameCount * SmplLayout.PoseCount], way = new float[3 * file.FrameCount];
        var world = new Quaternion[Skeleton.JointCount];
        Vector3 start = Vector3.Zero;
        Span<Vector3> before = stackalloc Vector3[Skeleton.JointCount];
        before.Clear();
        for (int f = 0; f < file.FrameCount; f++)
        {
            file.Pose(f, positions, rotations);
            for (int j = 0; j < Skeleton.JointCount; j++)
            {
                int parent = Skeleton.Parents[j];
                world[j] = joints[j] >= 0 ? Quaternion.Normalize(rotations[joints[j]] * alignments[j]) : parent < 0 ? Quaternion.Identity
                    : world[parent];
                Quaternion local = parent < 0 ? world[j] : Quaternion.Inverse(world[parent]) * world[j];
                before[j] = AxisAngle.FromQuaternion(local, before[j]);
                before[j].CopyTo(poses.AsSpan(f * SmplLayout.PoseCount + 3 * j, 3));
            }
            Vector3 pelvis = positions[joints[0]] * scale;
            start = f == 0 ? pelvis : start;
            (pelvis - start).CopyTo(way.AsSpan(3 * f, 3));
        }
        return new RawMotion($"BVH ({file.Joints.Count(j => !j.IsEnd)} joints)", 1 / file.FrameTime, poses, way, [], MotionUpAxis.Y);
    }

    /// <summary>Returns, for each joint, the rotation from SMPL's bone at rest to the bone of the file at rest.</summary>
    private static Quaternion[] Alignments(BvhFile file, int[] joints, Vector3[] rest, string source)
    {
        Quaternion trunk = Trunk(joints, rest, source);
        Quaternion[] alignments = [.. Enumerable.Repeat(trunk, Skeleton.JointCount)];
        foreach ((int joint, int end, bool isExact) in s_bones)
        {
            if (joints[joint] < 0)
                continue;
            // At rest, a foot is oriented relative to its shin as in SMPL, and a hand relative to its forearm.
            bool followsLimb = joint is Skeleton.LeftAnkle or Skeleton.RightAnkle or Skeleton.LeftWrist or Skeleton.RightWrist;
            Quaternion inherited = followsLimb ? alignments[Skeleton.Parents[joint]] : trunk;
            int target = joints[end] >= 0 ? joints[end] : isExact ? -1 : ChildOf(file, joints[joint]);
            Vector3 bone = target < 0 ? Vector3.Zero
                : rest[target] - rest[joints[joint]], own = Vector3.Transform(Vector3.Normalize(RestSkeleton.Bone(end)), inherited);
            bool has = bone.Length() > 1e-6f;
            alignments[joint] = has && (isExact || Vector3.Dot(own, Vector3.Normalize(bone)) < Elsewhere)
                ? Shortest(own, Vector3.Normalize(bone), Vector3.Transform(Vector3.UnitX, trunk)) * inherited : inherited;
        }
        foreach ((int toe, int ankle) in (ReadOnlySpan<(int, int)>)[(Skeleton.LeftFoot, Skeleton.LeftAnkle),
            (Skeleton.RightFoot, Skeleton.RightAnkle), (Skeleton.LeftHand, Skeleton.LeftWrist), (Skeleton.RightHand, Skeleton.RightWrist)])
            alignments[toe] = alignments[ankle];
        return alignments;
    }

    // The rotation of the file's trunk at rest relative to SMPL's: left from hip to hip, up from there to the neck.
    private static Quaternion Trunk(int[] joints, Vector3[] rest, string source)
    {
        int top = joints[Skeleton.Neck] >= 0 ? Skeleton.Neck : joints[Skeleton.Spine3] >= 0 ? Skeleton.Spine3 : -1;
        Quaternion? file = Frame(j => rest[joints[j]], top);
        return file is { } found ? found * Quaternion.Inverse(Frame(RestSkeleton.Position, top)!.Value)
            : throw new ModelFileException(source, null,
            "its hips and its spine are on one line, so the facing of the person is unknown.");
    }

    private static Quaternion? Frame(Func<int, Vector3> place, int top)
    {
        Vector3 left = place(Skeleton.LeftHip) - place(Skeleton.RightHip), head = top >= 0 ? place(top)
            : (place(Skeleton.LeftShoulder) + place(Skeleton.RightShoulder)) / 2;
        Vector3 up = head - (place(Skeleton.LeftHip) + place(Skeleton.RightHip)) / 2;
        if (!(left.Length() > 1e-6f) || !(Vector3.Cross(left, up).Length() > 1e-6f * up.Length()))
            return null;
        left = Vector3.Normalize(left);
        Vector3 front = Vector3.Normalize(Vector3.Cross(left, up));
        up = Vector3.Cross(front, left);
        return Quaternion.CreateFromRotationMatrix(
            new Matrix4x4(left.X, left.Y, left.Z, 0, up.X, up.Y, up.Z, 0, front.X, front.Y, front.Z, 0, 0, 0, 0, 1));
    }

    private static Quaternion Shortest(Vector3 from, Vector3 to, Vector3 halfTurn)
    {
        float cosine = Vector3.Dot(from, to);
        if (cosine < -0.9999f)
            return Quaternion.CreateFromAxisAngle(Vector3.Normalize(halfTurn - from * Vector3.Dot(from, halfTurn)) is var axis
                && float.IsFinite(axis.X) ? axis : Vector3.UnitY, MathF.PI);
        Vector3 cross = Vector3.Cross(from, to);
        return Quaternion.Normalize(new Quaternion(cross, 1 + cosine));
    }

    private static int ChildOf(BvhFile file, int joint) => file.Joints.ToList().FindIndex(j => j.Parent == joint);

    private static float Length(IEnumerable<Vector3> chain) => chain.Zip(chain.Skip(1), Vector3.Distance).Sum();
}
