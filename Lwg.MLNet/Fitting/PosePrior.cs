using Lwg.MLNet.Body;

namespace Lwg.MLNet.Fitting;

/// <summary>
/// What a joint may do about one of its axes: near a mean, give or take a standard deviation (in the tails the cost grows linearly, so that
/// squats and raised arms stay within reach), and hardly beyond its limits. Radians, axis-angle in SMPL's rest frame.
/// </summary>
/// <param name="Joint">The joint.</param>
/// <param name="Share">The part of the number that this joint takes: the spine bends in three places alike.</param>
/// <param name="Others">Further joints with the same share.</param>
/// <param name="Axis">0 x, 1 y, 2 z.</param>
/// <param name="Mean">The relaxed value.</param>
/// <param name="Deviation">The standard deviation.</param>
/// <param name="Minimum">The lower soft limit.</param>
/// <param name="Maximum">The upper soft limit.</param>
internal sealed record PoseFreedom(int Joint, int[] Others, double Share, int Axis, double Mean, double Deviation, double Minimum,
    double Maximum)
{
    /// <summary>Whether only landmarks of hands and feet tell it; without them the joint rests.</summary>
    public bool IsExtremity => Joint is Skeleton.LeftAnkle or Skeleton.RightAnkle or Skeleton.LeftWrist or Skeleton.RightWrist;

    /// <summary>The same freedom of the other side of the body: turns about y and z change their sign.</summary>
    public PoseFreedom Mirrored() => Axis == 0
        ? this with { Joint = Skeleton.MirrorJoints[Joint] }
        : this with { Joint = Skeleton.MirrorJoints[Joint], Mean = -Mean, Minimum = -Maximum, Maximum = -Minimum };
}

/// <summary>
/// The freedoms of a person, by the ranges of motion in anatomy books, with a relaxed standing rest: arms down, a little forward, elbows
/// and knees a little bent. Joints that key points say nothing about keep their rest: feet turned out a little, and
/// toes down a little, as a floor is seen from above. Wrists and ankles move only where hands, heels and toes are told.
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

    /// <summary>The freedoms that key points tell, the left side's followed by the right side's.</summary>
    public static IReadOnlyList<PoseFreedom> Freedoms { get; }

    /// <summary>The same and those of ankles and wrists, which only landmarks of hands and feet tell; without them these joints
    /// rest.</summary>
    public static IReadOnlyList<PoseFreedom> WithExtremities { get; }

    /// <summary>The relaxed pose, axis-angle, [24,3]; the root's is zero.</summary>
    public static ReadOnlySpan<double> Rest => s_rest;

    private static List<PoseFreedom> BuildExtremities()
    {
        List<PoseFreedom> left =
        [
            // Ankle: x takes the toes down, y out. Wrist: y bends it to the palm or back, z to thumb or little finger.
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
            // Spine, as a whole: forward bend, twist, side bend.
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
            // Hip: flexion is -x, outward turn y, spreading +z.
            new(Skeleton.LeftHip, none, 1, 0, -0.03, 0.10, -2.1, 0.4),
            new(Skeleton.LeftHip, none, 1, 1, 0.05, 0.15, -0.7, 0.9),
            new(Skeleton.LeftHip, none, 1, 2, 0.0, 0.25, -0.5, 1.0),
            // Knee: flexion only.
            new(Skeleton.LeftKnee, none, 1, 0, 0.06, 0.10, 0, 2.5),
            // Collar: forward -y, up +z.
            new(Skeleton.LeftCollar, none, 1, 1, 0, 0.10, -0.4, 0.3),
            new(Skeleton.LeftCollar, none, 1, 2, -0.12, 0.12, -0.35, 0.5),
            // Shoulder: from the T-pose; -z lowers the arm, -y takes it forward, x turns it about itself.
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
