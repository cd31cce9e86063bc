using Lwg.MLNet.Body;

namespace Lwg.MLNet.Composition;

/// <summary>
/// Coordinates across both legs of a body in a picture, for clothes that hang around both: t runs down the legs (0 at the hips, 1 at the
/// knees, 2 at the ankles) and u across them (-1 and 1 at the outer edges of the pair). Rows of equal t are straight and perpendicular to
/// the line from the hips to the ankles.
/// </summary>
internal sealed class LegRows
{
    // The distance of a ring's vertices from the height of its joint in the rest pose, metres; and the least length of a thigh or shin in
    // the picture, [-1,1].
    private const float RingHeight = 0.025f, LeastLength = 0.02f;

    // Hands that hang at the height of the hips are farther from the middle than this, metres.
    private const float RingReach = 0.3f;

    private const int Levels = 3;

    private static readonly (int Left, int Right)[] s_joints =
    [
        (Skeleton.LeftHip, Skeleton.RightHip), (Skeleton.LeftKnee, Skeleton.RightKnee), (Skeleton.LeftAnkle, Skeleton.RightAnkle),
    ];

    // The cosine of the largest angle between a thigh or shin and the direction of both legs.
    private const float LeastAlong = 0.7f;

    private readonly int[][] _rings, _leftRings, _rightRings;
    private readonly bool _hasRings;
    private readonly float[] _down = new float[Levels], _middle = new float[Levels], _half = new float[Levels];
    private float _dx, _dy;

    /// <summary>Finds the rings of a body at hips, knees and ankles.</summary>
    /// <param name="body">The body.</param>
    public LegRows(BodyModel body)
    {
        float[] joints = new float[3 * Skeleton.JointCount];
        body.RestJoints(new float[SmplLayout.ShapeCount], joints);
        float[] template = body.Data.Template;
        _rings = [.. s_joints.Select(joint => Ring((joints[3 * joint.Left + 1] + joints[3 * joint.Right + 1]) / 2, _ => true))];
        _leftRings = [.. s_joints.Select(joint => Ring(joints[3 * joint.Left + 1], x => x > 0))];
        _rightRings = [.. s_joints.Select(joint => Ring(joints[3 * joint.Right + 1], x => x < 0))];
        _hasRings = _leftRings.Concat(_rightRings).All(ring => ring.Length > 0);

        int[] Ring(float height, Func<float, bool> isSide) => [.. Enumerable.Range(0, body.FaceCount * 3).Where(k =>
            MathF.Abs(template[3 * body.Faces[k] + 1] - height) < RingHeight && MathF.Abs(template[3 * body.Faces[k]]) < RingReach
            && isSide(template[3 * body.Faces[k]])).Select(k => 2 * k)];
    }

    /// <summary>Measures a body in a picture.</summary>
    /// <param name="points">The picture points of its faces [F,3,2].</param>
    /// <returns>False if the legs do not run down: a lying or deeply squatting body has no rows.</returns>
    public bool Measure(ReadOnlySpan<float> points)
    {
        if (!_hasRings)
            return false;
        (float topX, float topY) = Mean(points, _rings[0]);
        (float endX, float endY) = Mean(points, _rings[^1]);
        float length = MathF.Sqrt((endX - topX) * (endX - topX) + (endY - topY) * (endY - topY));
        if (length < LeastLength)
            return false;
        (_dx, _dy) = ((endX - topX) / length, (endY - topY) / length);
        for (int level = 0; level < Levels; level++)
        {
            (float low, float high, float down) = (float.PositiveInfinity, float.NegativeInfinity, 0);
            foreach (int k in _rings[level])
            {
                float across = Across(points[k], points[k + 1]);
                (low, high, down) = (MathF.Min(low, across), MathF.Max(high, across), down + Down(points[k], points[k + 1]));
            }
            (_down[level], _middle[level], _half[level]) = (down / _rings[level].Length, (low + high) / 2, (high - low) / 2);
        }
        return _down[1] - _down[0] > LeastLength && _down[2] - _down[1] > LeastLength && _half.Min() > 0 && RunsDown(points, _leftRings)
            && RunsDown(points, _rightRings);
    }

    private bool RunsDown(ReadOnlySpan<float> points, int[][] rings)
    {
        for (int level = 0; level + 1 < Levels; level++)
        {
            (float x, float y) = Mean(points, rings[level]);
            (float u, float v) = Mean(points, rings[level + 1]);
            if (Down(u - x, v - y) < LeastAlong * MathF.Sqrt((u - x) * (u - x) + (v - y) * (v - y)))
                return false;
        }
        return true;
    }

    /// <summary>Returns half the width of the pair of legs, [-1,1].</summary>
    /// <param name="t">t.</param>
    public float HalfWidthAt(float t) => Row(t).Half;

    /// <summary>Returns t and the place across the legs of a point of the picture.</summary>
    /// <param name="x">x, [-1,1].</param>
    /// <param name="y">y, [-1,1].</param>
    /// <returns>t; the side, -1 to 1 between the outer edges; and the distance beyond the outer edge, [-1,1], negative to the
    /// left.</returns>
    public (float T, float Side, float Beyond) Of(float x, float y)
    {
        float down = Down(x, y);
        int level = down < _down[1] ? 0 : 1;
        float t = level + (down - _down[level]) / (_down[level + 1] - _down[level]);
        (float middle, float half) = Row(t);
        float across = Across(x, y) - middle, side = Math.Clamp(across / half, -1, 1);
        return (t, side, across - side * half);
    }

    /// <summary>Returns the point of the picture with these coordinates.</summary>
    /// <param name="t">t.</param>
    /// <param name="side">The side, -1 to 1.</param>
    /// <param name="beyond">The distance beyond the outer edge, [-1,1].</param>
    public (float X, float Y) Point(float t, float side, float beyond)
    {
        int level = t < 1 ? 0 : 1;
        float down = _down[level] + (t - level) * (_down[level + 1] - _down[level]);
        (float middle, float half) = Row(t);
        float across = middle + side * half + beyond;
        return (down * _dx + across * _dy, down * _dy - across * _dx);
    }

    // Above the hips and below the ankles the width stays.
    private (float Middle, float Half) Row(float t)
    {
        float at = Math.Clamp(t, 0, Levels - 1);
        int level = Math.Min((int)at, Levels - 2);
        return (float.Lerp(_middle[level], _middle[level + 1], at - level), float.Lerp(_half[level], _half[level + 1], at - level));
    }

    private float Down(float x, float y) => x * _dx + y * _dy;

    private float Across(float x, float y) => x * _dy - y * _dx;

    private static (float X, float Y) Mean(ReadOnlySpan<float> points, int[] ring)
    {
        (float x, float y) = (0, 0);
        foreach (int k in ring)
            (x, y) = (x + points[k], y + points[k + 1]);
        return (x / ring.Length, y / ring.Length);
    }
}
