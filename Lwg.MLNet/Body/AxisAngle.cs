using System.Numerics;

namespace Lwg.MLNet.Body;

/// <summary>Rotations as axis-angle vectors: the direction is the axis, the length is the angle in radians.</summary>
internal static class AxisAngle
{
    /// <summary>Returns the unit quaternion of an axis-angle vector.</summary>
    public static Quaternion ToQuaternion(ReadOnlySpan<float> vector)
    {
        var v = new Vector3(vector[0], vector[1], vector[2]);
        float angle = v.Length();
        return angle < 1e-8f ? Quaternion.Identity : Quaternion.CreateFromAxisAngle(v / angle, angle);
    }

    /// <summary>Returns the axis-angle vector of a rotation. A rotation has many such vectors, which differ by full turns; this is the
    /// one nearest to <paramref name="near"/>, so a sequence has no jumps.</summary>
    public static Vector3 FromQuaternion(Quaternion rotation, Vector3 near)
    {
        var axis = new Vector3(rotation.X, rotation.Y, rotation.Z);
        float sine = axis.Length();
        if (sine < 1e-7f)
        {
            // The rotation has no axis: use full turns about the axis of the neighbour, or zero.
            float length = near.Length();
            float turns = MathF.Round(length / MathF.Tau);
            return turns == 0 ? 2 * axis * MathF.Sign(rotation.W) : near * (turns * MathF.Tau / length);
        }
        axis /= sine;
        float angle = 2 * MathF.Atan2(sine, rotation.W);
        return axis * (angle + MathF.Tau * MathF.Round((Vector3.Dot(axis, near) - angle) / MathF.Tau));
    }

    /// <summary>Interpolates between two rotations about one axis, along the shorter arc (slerp, Shoemake 1985).</summary>
    /// <param name="from">The first rotation, an axis-angle vector.</param>
    /// <param name="to">The second rotation, an axis-angle vector.</param>
    /// <param name="share">The position between them, 0 to 1.</param>
    /// <param name="result">Receives the vector nearest to <paramref name="from"/>.</param>
    public static void Between(ReadOnlySpan<float> from, ReadOnlySpan<float> to, float share, Span<float> result) =>
        FromQuaternion(Quaternion.Slerp(ToQuaternion(from), ToQuaternion(to), share), near: new Vector3(from)).CopyTo(result);
}
