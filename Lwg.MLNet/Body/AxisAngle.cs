using System.Numerics;

namespace Lwg.MLNet.Body;

/// <summary>Rotations as axis-angle vectors: the direction is the axis, the length the angle in radians.</summary>
internal static class AxisAngle
{
    /// <summary>The unit quaternion of an axis-angle vector.</summary>
    public static Quaternion ToQuaternion(ReadOnlySpan<float> vector)
    {
        var v = new Vector3(vector[0], vector[1], vector[2]);
        float angle = v.Length();
        return angle < 1e-8f ? Quaternion.Identity : Quaternion.CreateFromAxisAngle(v / angle, angle);
    }

    /// <summary>
    /// The axis-angle vector of a rotation. Every rotation has many (the angle may grow by full turns); the one nearest to
    /// <paramref name="near"/> is taken, so that a sequence has no jumps.
    /// </summary>
    public static Vector3 FromQuaternion(Quaternion rotation, Vector3 near)
    {
        var axis = new Vector3(rotation.X, rotation.Y, rotation.Z);
        float sine = axis.Length();
        if (sine < 1e-7f)
        {
            // No axis of its own: full turns about the axis of the neighbour, or none.
            float length = near.Length();
            float turns = MathF.Round(length / MathF.Tau);
            return turns == 0 ? 2 * axis * MathF.Sign(rotation.W) : near * (turns * MathF.Tau / length);
        }
        axis /= sine;
        float angle = 2 * MathF.Atan2(sine, rotation.W);
        return axis * (angle + MathF.Tau * MathF.Round((Vector3.Dot(axis, near) - angle) / MathF.Tau));
    }

    /// <summary>Goes part of the way from one rotation to another, about one axis and the shorter way (slerp, Shoemake 1985).</summary>
    /// <param name="from">Where it begins, an axis-angle vector.</param>
    /// <param name="to">Where it leads.</param>
    /// <param name="share">Of the way, 0 to 1.</param>
    /// <param name="result">Receives the vector nearest to <paramref name="from"/>.</param>
    public static void Between(ReadOnlySpan<float> from, ReadOnlySpan<float> to, float share, Span<float> result) =>
        FromQuaternion(Quaternion.Slerp(ToQuaternion(from), ToQuaternion(to), share), near: new Vector3(from)).CopyTo(result);
}
