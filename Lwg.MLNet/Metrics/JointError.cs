using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Lwg.MLNet.Metrics;

/// <summary>Computes the error of estimated joints.</summary>
internal static class JointError
{
    /// <summary>
    /// Returns the mean distance after the best rotation, scale and translation of the estimate onto the truth (PA-MPJPE; Procrustes
    /// analysis by the singular values of the correlation, Umeyama 1991).
    /// </summary>
    /// <param name="truth">[J,3].</param>
    /// <param name="estimate">[J,3].</param>
    /// <returns>The distance in the units of the joints.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or there are fewer than 3 joints.</exception>
    public static double Aligned(ReadOnlySpan<float> truth, ReadOnlySpan<float> estimate)
    {
        (Matrix<double> x, Matrix<double> y, _) = (Centred(truth), Centred(estimate), Check(truth, estimate));
        var svd = (x.Transpose() * y).Svd();
        Matrix<double> mirror = DenseMatrix.CreateIdentity(3);
        mirror[2, 2] = svd.U.Determinant() * svd.VT.Determinant() < 0 ? -1 : 1;
        Matrix<double> rotation = svd.U * mirror * svd.VT;
        double spread = y.FrobeniusNorm();
        double scale = spread > 0 ? (svd.S[0] + svd.S[1] + mirror[2, 2] * svd.S[2]) / (spread * spread) : 0;
        return (x - scale * (y * rotation.Transpose())).EnumerateRows().Average(row => row.L2Norm());
    }

    /// <summary>Returns the mean distance after the first joint, the root, is aligned with the true one (MPJPE).</summary>
    /// <param name="truth">[J,3].</param>
    /// <param name="estimate">[J,3].</param>
    /// <returns>The distance in the units of the joints.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or there are fewer than 3 joints.</exception>
    public static double FromRoot(ReadOnlySpan<float> truth, ReadOnlySpan<float> estimate)
    {
        int count = Check(truth, estimate);
        double sum = 0;
        for (int j = 0; j < count; j++)
        {
            double square = 0;
            for (int c = 0; c < 3; c++)
                square += Math.Pow(truth[3 * j + c] - truth[c] - (estimate[3 * j + c] - estimate[c]), 2);
            sum += Math.Sqrt(square);
        }
        return sum / count;
    }

    private static int Check(ReadOnlySpan<float> truth, ReadOnlySpan<float> estimate)
    {
        if (truth.Length != estimate.Length || truth.Length % 3 != 0 || truth.Length < 9)
            throw new ArgumentException($"At least 3 joints, as many estimated as true ones, of 3 coordinates each are needed, but "
                + $"{estimate.Length} and {truth.Length} values were given.", nameof(estimate));
        return truth.Length / 3;
    }

    private static DenseMatrix Centred(ReadOnlySpan<float> joints)
    {
        var matrix = new DenseMatrix(joints.Length / 3, 3);
        for (int c = 0; c < 3; c++)
        {
            double mean = 0;
            for (int j = 0; j < matrix.RowCount; j++)
                mean += joints[3 * j + c] / (double)matrix.RowCount;
            for (int j = 0; j < matrix.RowCount; j++)
                matrix[j, c] = joints[3 * j + c] - mean;
        }
        return matrix;
    }
}
