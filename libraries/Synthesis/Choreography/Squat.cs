using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>One deep knee bend with the arms stretched to the front. The first and last poses are the same.</summary>
internal static class Squat
{
    /// <summary>The number of frames.</summary>
    public const int Frames = 60;

    private static readonly Curve s_down = Curve.Cycle(Frames, (3, 0), (26, 1), (31, 0.97f), (51, -0.015f), (56, 0));
    private static readonly Curve s_arms = Curve.Cycle(Frames, (1, 0), (20, 1.02f), (27, 1), (36, 0.97f), (54, 0));

    /// <summary>Returns the figure at a frame.</summary>
    public static Figure At(float frame)
    {
        float down = s_down.At(frame), early = s_down.At(frame + 1.5f), late = s_down.At(frame - 1.5f), arms = s_arms.At(frame);
        float sway = MathF.Sin(MathF.Tau * frame / Frames + 0.4f);
        var arm = new ArmPose(15 - 7 * arms, 2 + 78 * arms + 24 * late, 15 + 6 * s_arms.At(frame - 3) - 4 * arms, Twist: 0, Wrist: 6 - 4
            * s_arms.At(frame - 4));
        return new Figure
        {
            Pelvis = new Vector3(0.004f * sway, -0.008f - 0.42f * down, -0.01f - 0.16f * early),
            PelvisYaw = 0.6f * sway,
            PelvisPitch = 1 + 24 * early,
            SpineBend = 10 * late - 4 * early,
            SpineLean = 0.5f * sway,
            SpineTwist = -0.6f * sway,
            HeadYaw = 0.8f * sway,
            HeadPitch = 1 + 9 * late,
            KneesOut = 4 + 10 * down,
            LeftArm = arm,
            RightArm = arm with { Swing = arm.Swing + 0.8f * sway },
            LeftFoot = new FootPose(new Vector3(0.155f, 0, -0.027f), 8, 0),
            RightFoot = new FootPose(new Vector3(-0.155f, 0, -0.027f), -8, 0),
        };
    }
}
