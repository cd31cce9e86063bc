using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>From a relaxed stance the right hand rises, waves three times and goes down again. The first and last poses are the
/// same.</summary>
internal static class Wave
{
    /// <summary>The number of frames.</summary>
    public const int Frames = 72;

    private static readonly Curve s_raise = Curve.Cycle(Frames, (2, 0), (18, 1.03f), (23, 1), (50, 1), (68, 0));
    private static readonly Curve s_bend =
        Curve.Cycle(Frames, (0, 15), (3, 15), (14, 98), (20, 76), (26, 116), (32, 75), (38, 114), (44, 77), (49, 100), (54, 92), (70, 15));
    private static readonly Curve s_shift = Curve.Cycle(Frames, (0, 0), (3, -0.2f), (20, 1), (48, 0.9f), (66, 0));

    /// <summary>Returns the figure at a frame.</summary>
    public static Figure At(float frame)
    {
        float raise = s_raise.At(frame), shift = s_shift.At(frame), late = s_shift.At(frame - 2), follow = s_raise.At(frame - 2);
        float breath = MathF.Sin(MathF.Tau * frame / Frames - 0.6f);
        float beat = (s_bend.At(frame) - 96) / 20 * raise, drag = (s_bend.At(frame - 2.5f) - 96) / 20 * follow;
        return new Figure
        {
            Pelvis = new Vector3(0.012f + 0.028f * shift, 0, 0.004f * breath),
            PelvisYaw = 2 + 2 * late,
            PelvisPitch = 1,
            PelvisLean = -1.5f - 2.5f * shift,
            SpineBend = 0.8f * breath - 2 * follow,
            SpineLean = 2 + 5 * follow - 0.8f * beat,
            SpineTwist = -1 + 5 * follow + 0.8f * beat,
            HeadYaw = 1 - 3 * late,
            HeadPitch = 1 - 2 * follow + 0.6f * breath,
            HeadLean = -1 - 5 * follow + 0.7f * drag,
            LeftArm = new ArmPose(14 + 2 * follow, 2 + 1.5f * breath - 2 * follow, 17 + 3 * follow, Wrist: 6),
            RightArm = new ArmPose(15 + 65 * raise + 2 * beat, 3 + 8 * raise, s_bend.At(frame), Twist: 82 * s_raise.At(frame - 0.5f),
            Wrist: 6 - 10 * follow, Sway: -12 * drag + 4 * raise),
            LeftFoot = new FootPose(new Vector3(0.085f, 0, -0.03f), 2, 0),
            RightFoot = new FootPose(new Vector3(-0.105f, 0, 0.0f), -8, 0),
        };
    }
}
