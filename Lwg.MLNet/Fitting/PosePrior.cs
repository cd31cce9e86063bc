using Lwg.MLNet.Body;

namespace Lwg.MLNet.Fitting;

/// <summary>A rotation of a joint about one of its axes: a mean with a standard deviation (the cost grows linearly in the tails, so that
/// squats and raised arms are possible) and soft limits. Radians, axis-angle in SMPL's rest frame.</summary>
/// <param name="Joint">The joint.</param>
/// <param name="Share">The fraction of the rotation that this joint takes: the spine bends evenly at three joints.</param>
/// <param name="Others">Further joints with the same fraction.</param>
/// <param name="Axis">0 x, 1 y, 2 z.</param>
/// <param name="Mean">The relaxed value.</param>
/// <param name="Deviation">The standard deviation.</param>
/// <param name="Minimum">The lower soft limit.</param>
/// <param name="Maximum">The upper soft limit.</param>
internal sealed record PoseFreedom(int Joint, int[] Others, double Share, int Axis, double Mean, double Deviation, double Minimum,
    double Maximum)
{
    /// <summary>Whether only landmarks of hands and feet determine it. Without them the joint is at rest.</summary>
    public bool IsExtremity => Joint is Skeleton.LeftAnkle or Skeleton.RightAnkle or Skeleton.LeftWrist or Skeleton.RightWrist;

    /// <summary>Returns the same freedom of the other side of the body: rotations about y and z change their sign.</summary>
    public PoseFreedom Mirrored() => Axis == 0
        ? this with { Joint = Skeleton.MirrorJoints[Joint] }
        : this with { Joint = Skeleton.MirrorJoints[Joint], Mean = -Mean, Minimum = -Maximum, Maximum = -Minimum };
}

/// <summary>
/// The freedoms of a person, with the ranges of motion of anatomy books and a relaxed standing rest: arms down and slightly forward,
/// elbows and knees slightly bent. Joints that key points do not determine are at rest, with the feet slightly turned out and the toes
/// slightly down, as a floor appears from above. Wrists and ankles move only with landmarks of hands, heels and toes.
/// </summary>
internal static class PosePrior
{
    private const double ToesDown = 0.2, ToesOut = 0.1;

    private static readonly double[] s_rest;

    static PosePrior()
    {
        Freedoms = Build();
        WithExtremities = [.. Freedoms, .. BuildExtremities()];
        s_rest = new double[3 * Skeleton.JointCount];
        foreach (PoseFreedom freedom in WithExtremities)
        {
            foreach (int joint in (int[])[freedom.Joint, .. freedom.Others])
                s_rest[3 * joint + freedom.Axis] = freedom.Share * freedom.Mean;
        }
    }

    /// <summary>The freedoms that key points determine; those of the left side are followed by those of the right side.</summary>
    public static IReadOnlyList<PoseFreedom> Freedoms { get; }

    /// <summary>The same freedoms and those of ankles and wrists, which only landmarks of hands and feet determine. Without them these
    /// joints are at rest.</summary>
    public static IReadOnlyList<PoseFreedom> WithExtremities { get; }

    /// <summary>The relaxed pose, axis-angle, [24,3]; the root's is zero.</summary>
    public static ReadOnlySpan<double> Rest => s_rest;

    private static List<PoseFreedom> BuildExtremities()
    {
        List<PoseFreedom> left =
        [
            // Ankle: x moves the toes down, y outwards. Wrist: y bends it to the palm or back, z to thumb or little finger.
            new(Skeleton.LeftAnkle, [], 1, 0, ToesDown, 0.25, -0.5, 0.9),
            new(Skeleton.LeftAnkle, [], 1, 1, ToesOut, 0.20, -0.4, 0.6),
            new(Skeleton.LeftWrist, [], 1, 1, 0, 0.25, -0.8, 0.8),
            new(Skeleton.LeftWrist, [], 1, 2, 0, 0.25, -0.6, 0.6),
        ];
        return [.. left, .. left.Select(f => f.Mirrored())];
    }

    private static List<PoseFreedom> Build()
    {
        int[] none = [];
        int[] upperSpine = [Skeleton.Spine2, Skeleton.Spine3];
        List<PoseFreedom> middle =
        [
            // Spine as a whole: forward bend, twist, side bend.
            new(Skeleton.Spine1, upperSpine, 1 / 3.0, 0, 0.0, 0.12, -0.5, 1.2),
            new(Skeleton.Spine1, upperSpine, 1 / 3.0, 1, 0, 0.20, -0.8, 0.8),
            new(Skeleton.Spine1, upperSpine, 1 / 3.0, 2, 0, 0.15, -0.6, 0.6),
            // Neck and head together.
            new(Skeleton.Neck, [Skeleton.Head], 0.5, 0, 0.0, 0.20, -0.7, 0.9),
            new(Skeleton.Neck, [Skeleton.Head], 0.5, 1, 0, 0.35, -1.3, 1.3),
            new(Skeleton.Neck, [Skeleton.Head], 0.5, 2, 0, 0.20, -0.7, 0.7),
        ];
        List<PoseFreedom> left =
        [
            // Hip: flexion is -x, outward rotation y, spreading +z.
            new(Skeleton.LeftHip, none, 1, 0, -0.03, 0.10, -2.1, 0.4),
            new(Skeleton.LeftHip, none, 1, 1, 0.05, 0.15, -0.7, 0.9),
            new(Skeleton.LeftHip, none, 1, 2, 0.0, 0.25, -0.5, 1.0),
            // Knee: flexion only.
            new(Skeleton.LeftKnee, none, 1, 0, 0.06, 0.10, 0, 2.5),
            // Collar: forward -y, up +z.
            new(Skeleton.LeftCollar, none, 1, 1, 0, 0.10, -0.4, 0.3),
            new(Skeleton.LeftCollar, none, 1, 2, -0.12, 0.12, -0.35, 0.5),
            // Shoulder, from the T-pose: -z lowers the arm, -y moves it forward, x rotates it about itself.
            new(Skeleton.LeftShoulder, none, 1, 0, 0.0, 0.40, -1.5, 1.5),
            new(Skeleton.LeftShoulder, none, 1, 1, -0.10, 0.45, -2.2, 0.9),
            new(Skeleton.LeftShoulder, none, 1, 2, -1.10, 0.70, -1.6, 1.6),
            // Elbow: flexion is -y.
            new(Skeleton.LeftElbow, none, 1, 1, -0.20, 0.40, -2.6, 0),
            new(Skeleton.LeftElbow, none, 1, 2, 0.0, 0.15, -0.5, 0.5),
        ];
        return [.. middle, .. left, .. left.Select(f => f.Mirrored())];
    }
}
