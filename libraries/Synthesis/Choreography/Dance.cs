using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>
/// Eight beats: two steps to the side and back with swinging arms, then hips from side to side while the arms are raised alternately. The
/// first and last poses are the same.
/// </summary>
internal static class Dance
{
    /// <summary>The number of frames.</summary>
    public const int Frames = 96;

    private const int Beat = 12;
    private const float Wide = 0.26f, Narrow = 0.16f;

    // Beat 0: left foot out, 1: right foot closes, 2: right foot out, 3: left foot closes, 4: left foot slightly out; 7.3: and back.
    private static readonly Footsteps s_left = new(
        [new(float.MinValue, 1, 0.08f, -0.027f, 4), new(9, 37, 0.08f + Wide, -0.01f, 12), new(46, 48, 0.08f, -0.027f, 4),
            new(56, 85, 0.19f, -0.01f, 12), new(94, float.MaxValue, 0.08f, -0.027f, 4)],
        lift: 0.06f);

    private static readonly Footsteps s_right = new(
        [new(float.MinValue, 13, -0.08f, -0.027f, -6), new(22, 25, 0.08f + Wide - Narrow, -0.027f, -4),
            new(34, float.MaxValue, -0.08f, -0.01f, -6)],
        lift: 0.06f);

    private static readonly Curve s_side =
        Curve.Cycle(Frames, (0, -0.02f), (9, 0.13f), (19, 0.27f), (25, 0.27f), (34, 0.12f), (44, 0), (57, 0.01f), (61, 0.01f), (69, 0.1f),
        (73, 0.1f), (81, 0), (86, -0.01f));

    // The hips: positive is to the left.
    private static readonly Curve s_hips =
        Curve.Cycle(Frames, (0, -0.6f), (10, 0.7f), (17, -0.3f), (22, 0.6f), (33, -0.7f), (41, 0.3f), (46, -0.5f),
        (57, -1), (61, -0.9f), (69, 1), (73, 0.9f), (81, -1), (86, -0.85f));

    private static readonly Curve s_leftUp =
        Curve.Cycle(Frames, (0, 0), (46, 0), (57, 1), (61, 0.96f), (70, 0.06f), (72, 0.06f), (81, 1), (84, 0.96f), (94, 0));
    private static readonly Curve s_rightUp = Curve.Cycle(Frames, (0, 0), (58, 0), (69, 1), (73, 0.95f), (84, 0), (94, 0));

    /// <summary>Returns the figure at a frame.</summary>
    public static Figure At(float frame)
    {
        float beat = MathF.Tau * frame / Beat;
        float bounce = 0.5f - 0.5f * MathF.Cos(beat), lateBounce = 0.5f - 0.5f * MathF.Cos(beat - 0.9f);
        float hips = s_hips.At(frame), late = s_hips.At(frame - 2), later = s_hips.At(frame - 3.5f);
        return new Figure
        {
            Pelvis = new Vector3(s_side.At(frame) + 0.012f * hips, -0.025f - 0.035f * (1 - bounce), 0.01f * MathF.Sin(beat)),
            PelvisYaw = 7 * late,
            PelvisPitch = 3 - 3 * lateBounce,
            PelvisLean = -6 * hips,
            SpineBend = 3 * (1 - lateBounce),
            SpineLean = 9 * late,
            SpineTwist = -13 * later,
            HeadYaw = -2 * late,
            HeadPitch = 3 * (1 - lateBounce) - 3 * MathF.Max(s_leftUp.At(frame - 2), s_rightUp.At(frame - 2)),
            HeadLean = -4 * later,
            KneesOut = 5,
            LeftArm = Arm(frame, s_leftUp, -1),
            RightArm = Arm(frame, s_rightUp, 1),
            LeftFoot = Foot(s_left, frame),
            RightFoot = Foot(s_right, frame),
        };
    }

    // A lowered arm swings bent with the beat, opposite to the other one. Raised, the upper arm is horizontal and the forearm points up.
    private static ArmPose Arm(float frame, Curve raised, float side)
    {
        float up = raised.At(frame), forearm = raised.At(frame - 1.5f), hand = raised.At(frame - 3);
        float swing = side * s_hips.At(frame - 1) * (1 - up), follow = side * s_hips.At(frame - 2.5f) * (1 - up);
        float bounce = MathF.Cos(MathF.Tau * (frame - 2) / Beat);
        return new ArmPose(21 + 3 * MathF.Abs(swing) + 97 * up, (8 + 22 * swing) * (1 - up) + 12 * up, 62 + 14 * follow + 4 * bounce - 34
            * forearm, Twist: 80 * up, Wrist: 5 - 6 * hand, Sway: -6 * (forearm - hand));
    }

    private static FootPose Foot(Footsteps steps, float frame)
    {
        (Vector3 place, float yaw) = steps.At(frame);
        return new FootPose(place, yaw, 180 * place.Y);
    }
}
