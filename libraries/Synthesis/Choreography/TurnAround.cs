using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>A full turn to the left in place, in nine small steps; the head leads, the arms follow.</summary>
internal static class TurnAround
{
    /// <summary>The number of frames.</summary>
    public const int Frames = 88;

    private const int Steps = 9;
    private const float First = 6, Pace = 8, Swing = 7, HalfTrack = 0.1f, Each = 45;

    private static readonly Footsteps s_left = Track(true), s_right = Track(false);
    private static readonly Curve s_heading =
        new([(3, 0), .. Enumerable.Range(0, Steps - 1).Select(k => (First + Pace * (k + 0.75f), Each * (k + 0.55f))),
        (First + Pace * Steps + 2, 360)]);
    private static readonly Curve s_shift =
        new([(1, 0), .. Enumerable.Range(0, Steps).Select(k => (First + Pace * k + Swing / 2, k % 2 == 0 ? -1f : 1f)),
        (First + Pace * Steps + 6, 0)]);

    /// <summary>Returns the figure at a frame.</summary>
    public static Figure At(float frame)
    {
        float heading = s_heading.At(frame), ahead = s_heading.At(frame + 3.5f), behind = s_heading.At(frame - 1.5f);
        float shift = s_shift.At(frame), late = s_shift.At(frame - 1.5f);
        float trail = Math.Clamp(behind - heading, -12, 12);
        float breath = MathF.Sin(MathF.Tau * frame / Frames);
        return new Figure
        {
            Pelvis = Vector3.Transform(new Vector3(0.035f * shift, -0.004f, 0.004f * breath), Rotation.Y(heading)),
            PelvisYaw = heading,
            PelvisPitch = 2,
            PelvisLean = -2 * shift,
            SpineBend = 1 + 0.8f * breath,
            SpineLean = 2.2f * late,
            SpineTwist = 0.35f * (ahead - heading),
            HeadYaw = ahead,
            HeadPitch = 4 - 3 * MathF.Cos(MathF.Tau * frame / Frames),
            HeadLean = 1.5f * late,
            LeftArm = new ArmPose(16 - 0.25f * trail + late, 2 - 0.9f * trail - 3 * late, 17 - 0.4f * trail + 2 * late, Wrist: 6),
            RightArm = new ArmPose(16 - 0.25f * trail - late, 2 + 0.5f * trail + 3 * late, 17 - 0.3f * trail - 2 * late, Wrist: 6),
            LeftFoot = Foot(s_left, frame),
            RightFoot = Foot(s_right, frame),
        };
    }

    // Steps alternate, starting with the left foot; each lands an eighth of a turn further, the last one closes.
    private static Footsteps Track(bool left)
    {
        var steps = new List<Footstep> { Place(left, float.MinValue, 0) };
        for (int k = left ? 0 : 1; k < Steps; k += 2)
        {
            float lift = First + Pace * k;
            steps[^1] = steps[^1] with { Lift = lift };
            steps.Add(Place(left, lift + Swing, MathF.Min(360, Each * (k + 1))));
        }
        return new Footsteps([.. steps], lift: 0.045f);
    }

    private static Footstep Place(bool left, float land, float heading)
    {
        Vector3 place = Vector3.Transform(new Vector3(left ? HalfTrack : -HalfTrack, 0, -0.03f), Rotation.Y(heading));
        return new Footstep(land, float.MaxValue, place.X, place.Z, heading);
    }

    private static FootPose Foot(Footsteps steps, float frame)
    {
        (Vector3 place, float yaw) = steps.At(frame);
        return new FootPose(place, yaw, 220 * place.Y);
    }
}
