using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>Two strides of a relaxed walk towards the viewer's right shoulder; the poses repeat.</summary>
internal static class Walk
{
    /// <summary>The number of frames.</summary>
    public const int Frames = 2 * Cycle;

    // The left heel touches down at 0, the right one half a cycle later; a foot is on the floor for 62 % of the cycle.
    private const int Cycle = 28;
    private const float Stride = 0.9f, Stance = 0.62f * Cycle, Ahead = 0.25f, HalfTrack = 0.065f, ToesOut = 3, Heading = 25;

    private static readonly Curve s_roll = Curve.Cycle(Cycle,
        (0, -15), (0.08f * Cycle, 0), (0.34f * Cycle, 0), (0.50f * Cycle, 14), (0.65f * Cycle, 52), (0.80f * Cycle, 14),
        (0.95f * Cycle, -16));

    private static readonly Footsteps s_left = Track(0, HalfTrack, ToesOut), s_right = Track(0.5f * Cycle, -HalfTrack, -ToesOut);

    /// <summary>Returns the figure at a frame.</summary>
    public static Figure At(float frame)
    {
        float phase = MathF.Tau * frame / Cycle;
        float slow = MathF.Tau * frame / Frames;
        float counter = 5 * MathF.Cos(phase - 0.25f);
        return new Figure
        {
            Pelvis = Turned(new Vector3(0.022f * MathF.Sin(phase - 0.1f), -0.014f, Stride * frame / Cycle + 0.008f * MathF.Sin(2 * phase))),
            PelvisYaw = Heading - 5 * MathF.Cos(phase),
            PelvisPitch = 2 + MathF.Cos(2 * phase),
            PelvisLean = -2.5f * MathF.Sin(phase + 0.2f),
            SpineBend = 1.5f - MathF.Cos(2 * phase - 0.5f),
            SpineLean = 3 * MathF.Sin(phase - 0.1f),
            SpineTwist = 5 * MathF.Cos(phase) + counter,
            HeadYaw = Heading - 4 + 1.2f * MathF.Cos(phase - 0.6f) - 4 * MathF.Sin(slow),
            HeadPitch = 2 + 1.2f * MathF.Cos(2 * phase - 0.9f),
            HeadLean = 1.2f * MathF.Sin(phase - 0.5f),
            LeftArm = Arm(phase - MathF.PI),
            RightArm = Arm(phase),
            LeftFoot = Foot(s_left, frame, 0),
            RightFoot = Foot(s_right, frame, 0.5f * Cycle),
        };
    }

    // The arm is foremost at phase 0, when the heel of the other side touches down; forearm and hand follow with a delay.
    private static ArmPose Arm(float phase)
    {
        float swing = MathF.Cos(phase - 0.15f), forearm = MathF.Cos(phase - 0.55f), hand = MathF.Cos(phase - 1.0f);
        return new ArmPose(13 + 1.5f * swing, 1 + 19 * swing, 22 + 11 * forearm, Twist: 4 * forearm, Wrist: 6, Sway: -5 * hand);
    }

    private static FootPose Foot(Footsteps steps, float frame, float strike)
    {
        (Vector3 place, float yaw) = steps.At(frame);
        return new FootPose(Turned(place), Heading + yaw, s_roll.At(frame - strike));
    }

    private static Footsteps Track(float strike, float x, float yaw) => new(
        [.. Enumerable.Range(-2, 6).Select(k =>
            new Footstep(strike + k * Cycle, strike + k * Cycle + Stance, x, Stride * (strike / Cycle + k) + Ahead, yaw))],
        lift: 0.045f);

    private static Vector3 Turned(Vector3 v) => Vector3.Transform(v, Rotation.Y(Heading));
}
