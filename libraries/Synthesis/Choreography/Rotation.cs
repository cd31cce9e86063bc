using System.Numerics;

namespace Lwg.MLNet.Synthesis.Choreography;

/// <summary>Rotations about the body's axes (x to the person's left, y up, z to the front), in degrees, counter-clockwise.</summary>
internal static class Rotation
{
    /// <summary>About x: positive bends an upright body forward, lowers the toes, and moves a hanging limb back.</summary>
    public static Quaternion X(float degrees) => Quaternion.CreateFromAxisAngle(Vector3.UnitX, float.DegreesToRadians(degrees));

    /// <summary>About y: positive turns to the person's left.</summary>
    public static Quaternion Y(float degrees) => Quaternion.CreateFromAxisAngle(Vector3.UnitY, float.DegreesToRadians(degrees));

    /// <summary>About z: positive leans an upright body to its right, and lifts the left arm sideways.</summary>
    public static Quaternion Z(float degrees) => Quaternion.CreateFromAxisAngle(Vector3.UnitZ, float.DegreesToRadians(degrees));

    /// <summary>Returns a part of a rotation.</summary>
    public static Quaternion Part(Quaternion rotation, float share) => Quaternion.Slerp(Quaternion.Identity, rotation, share);

    /// <summary>Returns the same rotation for the other side of the body (mirrored at x = 0).</summary>
    public static Quaternion Mirror(Quaternion rotation) => new(rotation.X, -rotation.Y, -rotation.Z, rotation.W);

    /// <summary>Returns the rotation that maps the direction <paramref name="from"/> to <paramref name="to"/> and the side of
    /// <paramref name="fromSide"/> to that of <paramref name="toSide"/>.</summary>
    public static Quaternion Align(Vector3 from, Vector3 fromSide, Vector3 to, Vector3 toSide) =>
        Quaternion.Normalize(Frame(to, toSide) * Quaternion.Conjugate(Frame(from, fromSide)));

    // x: the side, made perpendicular; y: the direction.
    private static Quaternion Frame(Vector3 direction, Vector3 side)
    {
        Vector3 y = Vector3.Normalize(direction);
        Vector3 x = Vector3.Normalize(side - Vector3.Dot(side, y) * y);
        Vector3 z = Vector3.Cross(x, y);
        return Quaternion.CreateFromRotationMatrix(new Matrix4x4(x.X, x.Y, x.Z, 0, y.X, y.Y, y.Z, 0, z.X, z.Y, z.Z, 0, 0, 0, 0, 1));
    }
}
