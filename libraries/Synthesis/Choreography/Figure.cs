using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>
/// A person described for animation: position of the pelvis, bend of the back, pose of arms and head, and places of the feet.
/// <see cref="Solve"/> computes a SMPL pose that keeps the feet exactly in place. Angles in degrees.
/// </summary>
internal sealed class Figure
{
    // The pelvis stays below the highest point at which both legs reach the feet, by a soft minimum of this width (metres).
    private const float Softness = 0.004f;

    private static readonly LegSolver s_leftLeg = new(Skeleton.LeftKnee, Skeleton.LeftAnkle),
        s_rightLeg = new(Skeleton.RightKnee, Skeleton.RightAnkle);

    /// <summary>The desired offset of the pelvis from its rest position, metres; lowered where the legs do not reach.</summary>
    public Vector3 Pelvis { get; set; }

    /// <summary>Rotation of the pelvis to the left.</summary>
    public float PelvisYaw { get; set; }

    /// <summary>Forward tilt of the pelvis.</summary>
    public float PelvisPitch { get; set; }

    /// <summary>Lean of the pelvis to the left (its left side down).</summary>
    public float PelvisLean { get; set; }

    /// <summary>Forward bend of the back, relative to the pelvis.</summary>
    public float SpineBend { get; set; }

    /// <summary>Lean of the back to the left, relative to the pelvis.</summary>
    public float SpineLean { get; set; }

    /// <summary>Rotation of the shoulders to the left, relative to the pelvis.</summary>
    public float SpineTwist { get; set; }

    /// <summary>Direction of the face in the world, to the left of +z.</summary>
    public float HeadYaw { get; set; }

    /// <summary>Downward pitch of the face in the world.</summary>
    public float HeadPitch { get; set; }

    /// <summary>Tilt of the head to the left in the world.</summary>
    public float HeadLean { get; set; }

    /// <summary>Outward rotation of the knees relative to the feet.</summary>
    public float KneesOut { get; set; }

    /// <summary>The left arm.</summary>
    public ArmPose LeftArm { get; set; } = ArmPose.Relaxed;

    /// <summary>The right arm.</summary>
    public ArmPose RightArm { get; set; } = ArmPose.Relaxed;

    /// <summary>The left foot.</summary>
    public FootPose LeftFoot { get; set; }

    /// <summary>The right foot.</summary>
    public FootPose RightFoot { get; set; }

    /// <summary>Computes the SMPL pose.</summary>
    /// <returns>24 local rotations (the root's in the world), and the translation in metres.</returns>
    public (Quaternion[] Pose, Vector3 Translation) Solve()
    {
        var pose = new Quaternion[Skeleton.JointCount];
        Array.Fill(pose, Quaternion.Identity);
        Quaternion pelvis = Tilt(PelvisYaw, PelvisPitch, PelvisLean);
        pose[Skeleton.Pelvis] = pelvis;

        Quaternion spine = Tilt(SpineTwist, SpineBend, SpineLean);
        (pose[Skeleton.Spine1], pose[Skeleton.Spine2], pose[Skeleton.Spine3]) =
            (Rotation.Part(spine, 0.3f), Rotation.Part(spine, 0.35f), Rotation.Part(spine, 0.35f));
        Quaternion neck = Quaternion.Conjugate(pelvis * spine) * Tilt(HeadYaw, HeadPitch, HeadLean);
        (pose[Skeleton.Neck], pose[Skeleton.Head]) = (Rotation.Part(neck, 0.45f), Rotation.Part(neck, 0.55f));

        (pose[Skeleton.LeftCollar], pose[Skeleton.LeftShoulder], pose[Skeleton.LeftElbow], pose[Skeleton.LeftWrist]) =
            (LeftArm.Collar, LeftArm.Shoulder, LeftArm.ElbowRotation, LeftArm.WristRotation);
        (pose[Skeleton.RightCollar], pose[Skeleton.RightShoulder], pose[Skeleton.RightElbow], pose[Skeleton.RightWrist]) =
            (Rotation.Mirror(RightArm.Collar), Rotation.Mirror(RightArm.Shoulder),
            Rotation.Mirror(RightArm.ElbowRotation), Rotation.Mirror(RightArm.WristRotation));

        Vector3 centre = RestSkeleton.Position(Skeleton.Pelvis);
        Vector3 leftHip = centre + Vector3.Transform(RestSkeleton.Bone(Skeleton.LeftHip), pelvis);
        Vector3 rightHip = centre + Vector3.Transform(RestSkeleton.Bone(Skeleton.RightHip), pelvis);
        Vector3 translation = Pelvis;
        translation.Y = SoftMinimum(Pelvis.Y, HighestReach(s_leftLeg, leftHip, LeftFoot), HighestReach(s_rightLeg, rightHip, RightFoot));
        (pose[Skeleton.LeftHip], pose[Skeleton.LeftKnee], pose[Skeleton.LeftAnkle], pose[Skeleton.LeftFoot]) =
            Leg(s_leftLeg, leftHip + translation, LeftFoot, KneesOut);
        (pose[Skeleton.RightHip], pose[Skeleton.RightKnee], pose[Skeleton.RightAnkle], pose[Skeleton.RightFoot]) =
            Leg(s_rightLeg, rightHip + translation, RightFoot, -KneesOut);
        return (pose, translation);
    }

    private (Quaternion Hip, Quaternion Knee, Quaternion Ankle, Quaternion Toes) Leg(LegSolver solver, Vector3 hip, FootPose foot,
        float kneeOut)
    {
        float kneeYaw = float.Lerp(PelvisYaw, foot.Yaw, 0.7f) + kneeOut;
        (Quaternion thigh, float flexion) = solver.Solve(foot.Ankle - hip, Vector3.Transform(Vector3.UnitX, Rotation.Y(kneeYaw)));
        Quaternion knee = Rotation.X(flexion);
        Quaternion ankle = Quaternion.Conjugate(thigh * knee) * foot.Orientation;
        return (Quaternion.Conjugate(Tilt(PelvisYaw, PelvisPitch, PelvisLean)) * thigh, knee, ankle, Rotation.X(foot.ToeBend));
    }

    // Returns the largest rise of the pelvis at which the hip still reaches the ankle.
    private float HighestReach(LegSolver solver, Vector3 hip, FootPose foot)
    {
        Vector3 leg = foot.Ankle - hip - new Vector3(Pelvis.X, 0, Pelvis.Z);
        float level = leg.X * leg.X + leg.Z * leg.Z, reach = solver.Reach;
        if (level >= reach * reach)
            throw new InvalidOperationException($"The foot is {MathF.Sqrt(level):F2} m beside the hip; the leg reaches {reach:F2} m.");
        return leg.Y + MathF.Sqrt(reach * reach - level);
    }

    private static float SoftMinimum(float a, float b, float c)
    {
        float least = MathF.Min(a, MathF.Min(b, c));
        return least - Softness * MathF.Log(MathF.Exp((least - a) / Softness) + MathF.Exp((least - b) / Softness)
            + MathF.Exp((least - c) / Softness));
    }

    private static Quaternion Tilt(float yaw, float pitch, float lean) => Rotation.Y(yaw) * Rotation.X(pitch) * Rotation.Z(-lean);
}
