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
        Quaternion root = Quaternion.CreateFromAxisAngle(Vector3.UnitX, MathF.PI) * Quaternion.CreateFromAxisAngle(Vector3.UnitY, yaw)
            * Quaternion.CreateFromAxisAngle(Vector3.UnitX, 0.05f * dice.Normal())
            * Quaternion.CreateFromAxisAngle(Vector3.UnitZ, 0.035f * dice.Normal());
        AxisAngle.FromQuaternion(root, new Vector3(MathF.PI, 0, 0)).CopyTo(pose);
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
