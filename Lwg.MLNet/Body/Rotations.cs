namespace Lwg.MLNet.Body;

/// <summary>Conversions between axis-angle vectors, Euler angles and rotation matrices (row-major 3x3).</summary>
internal static class Rotations
{
    /// <summary>Computes Rodrigues' formula with SMPL's guard: the angle is the length of theta + 1e-8 (added to each component), the
    /// axis is theta / angle.</summary>
    /// <param name="theta">The axis-angle vector [3], radians.</param>
    /// <param name="matrix">Receives the rotation [9], row-major.</param>
    public static void FromAxisAngle(ReadOnlySpan<float> theta, Span<float> matrix)
    {
        double x = theta[0], y = theta[1], z = theta[2];
        double angle = Math.Sqrt((x + 1e-8) * (x + 1e-8) + (y + 1e-8) * (y + 1e-8) + (z + 1e-8) * (z + 1e-8));
        (x, y, z) = (x / angle, y / angle, z / angle);
        // The unit quaternion (cos, sin * axis), normalised, then its matrix.
        double w = Math.Cos(angle / 2), s = Math.Sin(angle / 2);
        (x, y, z) = (s * x, s * y, s * z);
        double length = Math.Sqrt(w * w + x * x + y * y + z * z);
        (w, x, y, z) = (w / length, x / length, y / length, z / length);
        matrix[0] = (float)(w * w + x * x - y * y - z * z);
        matrix[1] = (float)(2 * (x * y - w * z));
        matrix[2] = (float)(2 * (w * y + x * z));
        matrix[3] = (float)(2 * (w * z + x * y));
        matrix[4] = (float)(w * w - x * x + y * y - z * z);
        matrix[5] = (float)(2 * (y * z - w * x));
        matrix[6] = (float)(2 * (x * z - w * y));
        matrix[7] = (float)(2 * (w * x + y * z));
        matrix[8] = (float)(w * w - x * x - y * y + z * z);
    }

    /// <summary>Computes the axis-angle vector (radians, length at most pi) of a rotation matrix.</summary>
    /// <param name="matrix">The rotation [9], row-major.</param>
    /// <param name="theta">Receives the axis-angle vector [3].</param>
    public static void ToAxisAngle(ReadOnlySpan<float> matrix, Span<float> theta)
    {
        // The quaternion, computed from its largest component to avoid a division by a small value.
        double m00 = matrix[0], m11 = matrix[4], m22 = matrix[8];
        double w, x, y, z;
        if (m00 + m11 + m22 > 0)
        {
            (w, x, y, z) = (1 + m00 + m11 + m22, matrix[7] - matrix[5], matrix[2] - matrix[6], matrix[3] - matrix[1]);
        }
        else if (m00 >= m11 && m00 >= m22)
        {
            (w, x, y, z) = (matrix[7] - matrix[5], 1 + m00 - m11 - m22, matrix[1] + matrix[3], matrix[2] + matrix[6]);
        }
        else if (m11 >= m22)
        {
            (w, x, y, z) = (matrix[2] - matrix[6], matrix[1] + matrix[3], 1 + m11 - m00 - m22, matrix[5] + matrix[7]);
        }
        else
        {
            (w, x, y, z) = (matrix[3] - matrix[1], matrix[2] + matrix[6], matrix[5] + matrix[7], 1 + m22 - m00 - m11);
        }
        if (w < 0)
            (w, x, y, z) = (-w, -x, -y, -z);
        double sine = Math.Sqrt(x * x + y * y + z * z);
        double scale = sine < 1e-12 ? 0 : 2 * Math.Atan2(sine, w) / sine;
        theta[0] = (float)(scale * x);
        theta[1] = (float)(scale * y);
        theta[2] = (float)(scale * z);
    }

    /// <summary>Multiplies two row-major 3x3 matrices; <paramref name="result"/> must be neither of them.</summary>
    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result)
    {
        for (int r = 0; r < 3; r++)
        {
            for (int c = 0; c < 3; c++)
                result[3 * r + c] = a[3 * r] * b[c] + a[3 * r + 1] * b[3 + c] + a[3 * r + 2] * b[6 + c];
        }
    }

    /// <summary>Computes R = Rz * Ry * Rx from the angles about the axes.</summary>
    /// <param name="x">Angle about x, radians.</param>
    /// <param name="y">Angle about y, radians.</param>
    /// <param name="z">Angle about z, radians.</param>
    /// <param name="matrix">Receives the rotation [9], row-major.</param>
    public static void FromEuler(double x, double y, double z, Span<float> matrix)
    {
        (double sx, double cx) = Math.SinCos(x);
        (double sy, double cy) = Math.SinCos(y);
        (double sz, double cz) = Math.SinCos(z);
        matrix[0] = (float)(cz * cy);
        matrix[1] = (float)(cz * sy * sx - sz * cx);
        matrix[2] = (float)(cz * sy * cx + sz * sx);
        matrix[3] = (float)(sz * cy);
        matrix[4] = (float)(sz * sy * sx + cz * cx);
        matrix[5] = (float)(sz * sy * cx - cz * sx);
        matrix[6] = (float)-sy;
        matrix[7] = (float)(cy * sx);
        matrix[8] = (float)(cy * cx);
    }
}
