using System.Numerics;
using Lwg.MLNet.Body;
using Lwg.MLNet.Fitting;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Draws random poses: everyday standing poses from the distribution of <see cref="PosePrior"/>, extreme poses up to the joints'
/// limits, and frames of the built-in motions.</summary>
internal static class SyntheticPose
{
    private static readonly Lazy<MotionClip[]> s_clips = new(() => [.. MotionClip.BuiltInNames.Select(MotionClip.Load)]);

    /// <summary>Draws a pose.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="source">Whether it is a source pose: calmer, and mostly facing the camera, as in photographs.</param>
    /// <param name="anySide">Whether half of the poses face any direction, so that backs and profiles are more frequent.</param>
    /// <param name="pose">Receives the 72 pose parameters in the camera frame.</param>
    public static void Draw(ref Dice dice, bool source, bool anySide, Span<float> pose)
    {
        float kind = dice.Share();
        if (kind < (source ? 0.15f : 0.40f))
            Frame(ref dice, pose);
        else
            Freedoms(ref dice, pose, bold: dice.Chance(source ? 0.15f : 0.4f));
        foreach (int j in (ReadOnlySpan<int>)[Skeleton.LeftWrist, Skeleton.RightWrist, Skeleton.LeftHand, Skeleton.RightHand])
        {
            // Hands are relaxed, with small random differences.
            for (int axis = 0; axis < 3; axis++)
                pose[3 * j + axis] = 0.12f * dice.Normal();
        }
        float yaw = anySide && dice.Chance(0.5f) ? dice.Between(-MathF.PI, MathF.PI) : source ? SourceYaw(ref dice) : TargetYaw(ref dice);
        Face(ref dice, yaw, pose);
    }

    private static void Face(ref Dice dice, float yaw, Span<float> pose)
    {
        Quaternion root = Quaternion.CreateFromAxisAngle(Vector3.UnitX, MathF.PI) * Quaternion.CreateFromAxisAngle(Vector3.UnitY, yaw)
            * Quaternion.CreateFromAxisAngle(Vector3.UnitX, 0.05f * dice.Normal())
            * Quaternion.CreateFromAxisAngle(Vector3.UnitZ, 0.035f * dice.Normal());
        AxisAngle.FromQuaternion(root, new Vector3(MathF.PI, 0, 0)).CopyTo(pose);
    }

    /// <summary>Draws a pose of the painter's second version: in addition arms on the hips, crossed, in pockets or raised, and squats;
    /// targets, and a third of the sources, show backs and profiles as often as fronts.</summary>
    /// <inheritdoc cref="Draw"/>
    public static void DrawVaried(ref Dice dice, bool source, bool anySide, Span<float> pose)
    {
        Draw(ref dice, source, anySide, pose);
        if (!source || dice.Chance(0.33f))
            Face(ref dice, SideYaw(ref dice), pose);
        if (dice.Chance(0.30f))
        {
            Gesture left = dice.Of(s_gestures), right = dice.Chance(0.6f) ? left : dice.Of(s_gestures);
            Raise(ref dice, left, mirrored: false, pose);
            Raise(ref dice, right, mirrored: true, pose);
        }
        if (dice.Chance(0.08f))
            Squat(dice.Between(0.3f, 1), pose);
    }

    // Rotations of a left arm about z, then x in the rotated frame, after a swing about y; and the bend of the elbow.
    private readonly record struct Gesture(float Swing, float Lift, float Roll, float Bend);

    private static readonly Gesture[] s_gestures =
    [
        // Hands on the hips, crossed arms, pockets, raised straight, raised and bent.
        new(0, -0.85f, 1.35f, -1.75f), new(-0.45f, -1.25f, 1.1f, -1.9f), new(0, -1.15f, 0.7f, -0.7f), new(0, 1.2f, 0, -0.15f),
        new(-0.1f, 0.8f, -0.6f, -1.3f),
    ];

    private static Gesture AnyGesture(ref Dice dice) => new(dice.Between(-0.8f, 0.8f), dice.Between(-1.2f, 1.3f), dice.Between(-1, 1),
        dice.Between(-2.2f, 0));

    private static Gesture OnTheThighs(ref Dice dice) => new(dice.Between(-0.7f, 0.2f), dice.Between(-1.3f, -0.8f),
        dice.Between(-0.2f, 0.7f), dice.Between(-1.4f, -0.2f));

    private static void Raise(ref Dice dice, Gesture gesture, bool mirrored, Span<float> pose)
    {
        float Near(ref Dice d, float angle) => angle + 0.12f * d.Normal();
        Quaternion shoulder = Quaternion.CreateFromAxisAngle(Vector3.UnitY, Near(ref dice, gesture.Swing))
            * Quaternion.CreateFromAxisAngle(Vector3.UnitZ, Near(ref dice, gesture.Lift))
            * Quaternion.CreateFromAxisAngle(Vector3.UnitX, Near(ref dice, gesture.Roll));
        Vector3 turn = AxisAngle.FromQuaternion(shoulder, default), bend = new(0, MathF.Min(Near(ref dice, gesture.Bend), 0), 0);
        // The mirror image in the plane x = 0 keeps a rotation's x and negates y and z.
        Vector3 mirror = mirrored ? new Vector3(1, -1, -1) : Vector3.One;
        (turn * mirror).CopyTo(pose[(3 * (mirrored ? Skeleton.RightShoulder : Skeleton.LeftShoulder))..]);
        (bend * mirror).CopyTo(pose[(3 * (mirrored ? Skeleton.RightElbow : Skeleton.LeftElbow))..]);
    }

    private static void Squat(float depth, Span<float> pose)
    {
        foreach (int hip in (ReadOnlySpan<int>)[Skeleton.LeftHip, Skeleton.RightHip])
            pose[3 * hip] = -1.6f * depth;
        foreach (int knee in (ReadOnlySpan<int>)[Skeleton.LeftKnee, Skeleton.RightKnee])
            pose[3 * knee] = 2.0f * depth;
        foreach (int ankle in (ReadOnlySpan<int>)[Skeleton.LeftAnkle, Skeleton.RightAnkle])
            pose[3 * ankle] = -0.45f * depth;
        pose[3 * Skeleton.Spine1] += 0.35f * depth;
    }

    /// <summary>Changes a pose to one of sport or work: a stride or kick, an arm in any direction, a bent trunk, a leaning body.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="pose">The 72 pose parameters in the camera frame, changed in place.</param>
    public static void Exert(ref Dice dice, Span<float> pose)
    {
        if (dice.Chance(0.7f))
            Stride(ref dice, dice.Chance(0.5f), pose);
        foreach (bool mirrored in (ReadOnlySpan<bool>)[false, true])
        {
            if (dice.Chance(0.5f))
                Raise(ref dice, AnyGesture(ref dice), mirrored, pose);
        }
        float bend = dice.Chance(0.6f) ? dice.Between(0, 0.9f) : 0, lean = 0.2f * dice.Normal(), twist = 0.3f * dice.Normal();
        BendSpine(bend, twist, lean, pose);
        Tilt(Quaternion.Identity, Quaternion.CreateFromAxisAngle(Vector3.UnitX, dice.Chance(0.5f) ? dice.Between(-0.2f, 0.7f) : 0)
            * Quaternion.CreateFromAxisAngle(Vector3.UnitZ, 0.15f * dice.Normal()), pose);
    }

    /// <summary>Changes a pose to that of a person who sits on something or kneels: bent hips and knees, hands mostly on the thighs, often
    /// seen from slightly above.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="pose">The 72 pose parameters in the camera frame, changed in place.</param>
    public static void Sit(ref Dice dice, Span<float> pose)
    {
        bool kneels = dice.Chance(0.15f);
        float hip = kneels ? dice.Between(-1.2f, 0.1f) : dice.Between(-1.9f, -0.9f),
            knee = kneels ? dice.Between(1.7f, 2.4f) : dice.Between(0.3f, 1.9f), spread = dice.Between(-0.1f, 0.4f),
            differ = dice.Between(0, 0.35f);
        foreach (bool mirrored in (ReadOnlySpan<bool>)[false, true])
        {
            float side = mirrored ? -1 : 1;
            int thigh = 3 * (mirrored ? Skeleton.RightHip : Skeleton.LeftHip),
                shin = 3 * (mirrored ? Skeleton.RightKnee : Skeleton.LeftKnee);
            (pose[thigh], pose[thigh + 1], pose[thigh + 2]) = (Math.Clamp(hip + differ * dice.Normal(), -2.1f, 0.4f),
                side * 0.2f * dice.Normal(), side * (spread + 0.15f * dice.Normal()));
            pose[shin] = Math.Clamp(knee + differ * dice.Normal(), 0, 2.5f);
            if (dice.Chance(0.75f))
                Raise(ref dice, dice.Chance(0.75f) ? OnTheThighs(ref dice) : AnyGesture(ref dice), mirrored, pose);
        }
        float bend = dice.Between(-0.2f, 0.7f), lean = 0.12f * dice.Normal();
        BendSpine(bend, twist: 0, lean, pose);
        Tilt(Quaternion.CreateFromAxisAngle(Vector3.UnitX, dice.Chance(0.5f) ? dice.Between(0, 0.5f) : 0), Quaternion.CreateFromAxisAngle(
            Vector3.UnitX, dice.Between(-0.35f, 0.3f)), pose);
    }

    /// <summary>Turns a person to one that lies, or leans far, to the left or right of the picture.</summary>
    /// <param name="dice">The random generator.</param>
    /// <param name="pose">The 72 pose parameters in the camera frame, changed in place.</param>
    public static void Lie(ref Dice dice, Span<float> pose)
    {
        float angle = (dice.Chance(0.5f) ? 1 : -1) * dice.Between(0.8f, 1.8f), above = dice.Between(0, 0.7f);
        Tilt(Quaternion.CreateFromAxisAngle(Vector3.UnitX, above) * Quaternion.CreateFromAxisAngle(Vector3.UnitZ, angle),
            Quaternion.Identity, pose);
    }

    private static void BendSpine(float forward, float twist, float aside, Span<float> pose)
    {
        foreach (int spine in (ReadOnlySpan<int>)[Skeleton.Spine1, Skeleton.Spine2, Skeleton.Spine3])
        {
            pose[3 * spine] += forward / 3;
            pose[3 * spine + 1] += twist / 3;
            pose[3 * spine + 2] += aside / 3;
        }
    }

    // Rotates the body in the camera's frame, and before in its own.
    private static void Tilt(Quaternion inCamera, Quaternion own, Span<float> pose)
    {
        Quaternion root = inCamera * AxisAngle.ToQuaternion(pose[..3]) * own;
        AxisAngle.FromQuaternion(root, new Vector3(pose)).CopyTo(pose);
    }

    private static void Stride(ref Dice dice, bool left, Span<float> pose)
    {
        (int hip, int knee, int otherHip, int otherKnee) = left
            ? (Skeleton.LeftHip, Skeleton.LeftKnee, Skeleton.RightHip, Skeleton.RightKnee)
            : (Skeleton.RightHip, Skeleton.RightKnee, Skeleton.LeftHip, Skeleton.LeftKnee);
        float side = left ? 1 : -1;
        (pose[3 * hip], pose[3 * knee]) = (-dice.Between(0.2f, 1.6f), dice.Between(0, 1.7f));
        (pose[3 * otherHip], pose[3 * otherKnee]) = (dice.Between(-0.4f, 0.5f), dice.Between(0, 1.6f));
        pose[3 * hip + 2] += side * dice.Between(-0.1f, 0.5f);
        pose[3 * otherHip + 2] -= side * dice.Between(-0.1f, 0.4f);
    }

    private static void Frame(ref Dice dice, Span<float> pose)
    {
        MotionClip clip = s_clips.Value[dice.Below(s_clips.Value.Length)];
        clip.Pose(dice.Below(clip.FrameCount)).CopyTo(pose);
        for (int i = 3; i < pose.Length; i++)
            pose[i] += 0.05f * dice.Normal();
    }

    private static void Freedoms(ref Dice dice, Span<float> pose, bool bold)
    {
        for (int i = 0; i < pose.Length; i++)
            pose[i] = (float)PosePrior.Rest[i];
        foreach (PoseFreedom freedom in PosePrior.Freedoms)
        {
            bool arm = freedom.Joint is Skeleton.LeftShoulder or Skeleton.RightShoulder or Skeleton.LeftElbow or Skeleton.RightElbow;
            bool hip = freedom.Joint is Skeleton.LeftHip or Skeleton.RightHip,
                knee = freedom.Joint is Skeleton.LeftKnee or Skeleton.RightKnee;
            float value = (float)(freedom.Mean + freedom.Deviation * dice.Normal() * (bold ? 1.2f : 0.7f));
            if (bold && arm && dice.Chance(0.5f))
                value = dice.Between((float)freedom.Minimum, (float)freedom.Maximum) * 0.8f;
            if (bold && (hip || knee) && freedom.Axis == 0 && dice.Chance(0.3f))
                value = (float)freedom.Mean + dice.Between(0, hip ? -1.0f : 1.2f);
            value = Math.Clamp(value, (float)freedom.Minimum, (float)freedom.Maximum) * (float)freedom.Share;
            pose[3 * freedom.Joint + freedom.Axis] = value;
            foreach (int other in freedom.Others)
                pose[3 * other + freedom.Axis] = value;
        }
    }

    // A front, a profile of either side, or a back.
    private static float SideYaw(ref Dice dice)
    {
        int side = dice.Below(3);
        float centre = side == 1 ? dice.Chance(0.5f) ? MathF.PI / 2 : -MathF.PI / 2 : side == 2 ? MathF.PI : 0;
        return centre + dice.Between(-MathF.PI / 4, MathF.PI / 4);
    }

    private static float SourceYaw(ref Dice dice)
    {
        float kind = dice.Share();
        return kind < 0.75f ? dice.Between(-0.6f, 0.6f) : kind < 0.94f ? dice.Between(-1.4f, 1.4f) : dice.Between(-MathF.PI, MathF.PI);
    }

    private static float TargetYaw(ref Dice dice)
    {
        float kind = dice.Share();
        return kind < 0.45f ? dice.Between(-0.7f, 0.7f) : kind < 0.75f ? dice.Between(-1.8f, 1.8f) : dice.Between(-MathF.PI, MathF.PI);
    }
}
