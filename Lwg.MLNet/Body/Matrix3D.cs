namespace Lwg.MLNet.Body;

/// <summary>A 3 x 3 matrix of doubles, defined by its rows.</summary>
internal readonly struct Matrix3D(Vector3D row0, Vector3D row1, Vector3D row2)
{
    public readonly Vector3D Row0 = row0, Row1 = row1, Row2 = row2;

    public Vector3D Column(int i) => new(Row0[i], Row1[i], Row2[i]);

    public static Vector3D operator *(Matrix3D m, Vector3D v) => new(
        m.Row0.X * v.X + m.Row0.Y * v.Y + m.Row0.Z * v.Z,
        m.Row1.X * v.X + m.Row1.Y * v.Y + m.Row1.Z * v.Z,
        m.Row2.X * v.X + m.Row2.Y * v.Y + m.Row2.Z * v.Z);

    public static Matrix3D operator *(Matrix3D a, Matrix3D b)
    {
        Vector3D c0 = a * b.Column(0), c1 = a * b.Column(1), c2 = a * b.Column(2);
        return new(new(c0.X, c1.X, c2.X), new(c0.Y, c1.Y, c2.Y), new(c0.Z, c1.Z, c2.Z));
    }

    /// <summary>The identity matrix.</summary>
    public static Matrix3D Identity => new(new(1, 0, 0), new(0, 1, 0), new(0, 0, 1));

    /// <summary>Creates a matrix from its columns.</summary>
    public static Matrix3D OfColumns(Vector3D a, Vector3D b, Vector3D c) => new(new(a.X, b.X, c.X), new(a.Y, b.Y, c.Y), new(a.Z, b.Z, c.Z));

    /// <summary>Returns the smallest rotation from one unit vector to another.</summary>
    public static Matrix3D Between(Vector3D from, Vector3D to)
    {
        Vector3D axis = Vector3D.Cross(from, to);
        double sine = axis.Length, cosine = Vector3D.Dot(from, to);
        if (sine < 1e-9)
        {
            // Opposite vectors: rotate about any perpendicular axis.
            Vector3D across = Vector3D.Cross(from, Math.Abs(from.X) < 0.9 ? new Vector3D(1, 0, 0) : new Vector3D(0, 1, 0)).Normalized;
            return cosine > 0 ? Identity : Rotation(Math.PI * across);
        }
        return Rotation(Math.Atan2(sine, cosine) / sine * axis);
    }

    /// <summary>Returns the axis-angle vector of a rotation.</summary>
    public static Vector3D AxisAngle(Matrix3D rotation)
    {
        ReadOnlySpan<float> matrix =
        [
            (float)rotation.Row0.X, (float)rotation.Row0.Y, (float)rotation.Row0.Z,
            (float)rotation.Row1.X, (float)rotation.Row1.Y, (float)rotation.Row1.Z,
            (float)rotation.Row2.X, (float)rotation.Row2.Y, (float)rotation.Row2.Z,
        ];
        Span<float> theta = stackalloc float[3];
        Rotations.ToAxisAngle(matrix, theta);
        return new Vector3D(theta[0], theta[1], theta[2]);
    }

    /// <summary>Returns the rotation of an axis-angle vector in radians.</summary>
    public static Matrix3D Rotation(Vector3D theta)
    {
        double angle = theta.Length;
        // sin(a) / a and (1 - cos(a)) / a^2, as series if a is too small to divide by.
        double s = angle < 1e-4 ? 1 - angle * angle / 6 : Math.Sin(angle) / angle;
        double c = angle < 1e-4 ? 0.5 - angle * angle / 24 : (1 - Math.Cos(angle)) / (angle * angle);
        return Series(theta, s, c);
    }

    /// <summary>Returns the left Jacobian J of <see cref="Rotation"/>: a small change d of theta adds a rotation by the axis-angle vector
    /// J d (Sola, Deray, Atchuthan, 'A micro Lie theory', 2018, equation 145).</summary>
    public static Matrix3D RotationJacobian(Vector3D theta)
    {
        double angle = theta.Length;
        double s = angle < 1e-4 ? 0.5 - angle * angle / 24 : (1 - Math.Cos(angle)) / (angle * angle);
        double c = angle < 1e-4 ? 1.0 / 6 - angle * angle / 120 : (angle - Math.Sin(angle)) / (angle * angle * angle);
        return Series(theta, s, c);
    }

    /// <summary>Computes I + s K + c K^2, where K is the cross product matrix of a vector.</summary>
    private static Matrix3D Series(Vector3D k, double s, double c)
    {
        double xx = c * k.X * k.X, yy = c * k.Y * k.Y, zz = c * k.Z * k.Z, xy = c * k.X * k.Y, xz = c * k.X * k.Z, yz = c * k.Y * k.Z;
        return new(
            new(1 - yy - zz, xy - s * k.Z, xz + s * k.Y),
            new(xy + s * k.Z, 1 - xx - zz, yz - s * k.X),
            new(xz - s * k.Y, yz + s * k.X, 1 - xx - yy));
    }
}
