namespace Lwg.MLNet.Body;

/// <summary>A point or direction in double precision, for values that are computed once and must be exact (sculpting, fits). It uses only
/// + - * / and square roots, which IEEE 754 rounds identically everywhere, so a sculpted mesh is identical on every machine.</summary>
internal readonly record struct Vector3D(double X, double Y, double Z)
{
    public static Vector3D operator +(Vector3D a, Vector3D b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Vector3D operator -(Vector3D a, Vector3D b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Vector3D operator *(Vector3D a, double s) => new(a.X * s, a.Y * s, a.Z * s);

    public static Vector3D operator *(double s, Vector3D a) => a * s;

    public static Vector3D operator /(Vector3D a, double s) => new(a.X / s, a.Y / s, a.Z / s);

    public double this[int i] => i switch { 0 => X, 1 => Y, _ => Z };

    public double Length => Math.Sqrt(Dot(this, this));

    public Vector3D Normalized => Length is > 0 and var length ? this / length : this;

    public static double Dot(Vector3D a, Vector3D b) => a.X * b.X + a.Y * b.Y + a.Z * b.Z;

    public static Vector3D Cross(Vector3D a, Vector3D b) => new(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);

    public static double Distance(Vector3D a, Vector3D b) => (a - b).Length;

    public static Vector3D Lerp(Vector3D a, Vector3D b, double t) => a + (b - a) * t;

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y}, {Z})";

    /// <summary>The mirror image in the plane x = 0.</summary>
    public Vector3D Mirrored => new(-X, Y, Z);
}
