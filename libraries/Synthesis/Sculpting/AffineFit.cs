using Lwg.MLNet.Body;

namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>Computes weights of points that sum to one and whose weighted mean is a given point.</summary>
internal static class AffineFit
{
    /// <summary>
    /// Changes <paramref name="weights"/> as little as possible to make them sum to one and give <paramref name="target"/>; points that
    /// would get a negative weight are omitted.
    /// </summary>
    /// <exception cref="InvalidOperationException">The target is not within the points.</exception>
    public static double[] Solve(ReadOnlySpan<Vector3D> points, ReadOnlySpan<double> weights, Vector3D target)
    {
        double[] result = weights.ToArray();
        bool[] used = new bool[result.Length];
        for (int i = 0; i < used.Length; i++)
            used[i] = weights[i] > 0;
        Span<double> system = stackalloc double[20];
        Span<double> row = stackalloc double[4];
        for (int round = 0; round < 50; round++)
        {
            // Minimum of sum (w - w0)^2 / w0 under the four equations: w = w0 (1 + a . (p, 1)).
            system.Clear();
            for (int i = 0; i < result.Length; i++)
            {
                if (!used[i])
                    continue;
                Row(points[i] - target, row);
                for (int r = 0; r < 4; r++)
                {
                    for (int c = 0; c < 4; c++)
                        system[r * 5 + c] += weights[i] * row[r] * row[c];
                    system[r * 5 + 4] -= weights[i] * row[r];
                }
            }
            system[3 * 5 + 4] += 1;
            Eliminate(system);
            bool negative = false;
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = 0;
                if (!used[i])
                    continue;
                Row(points[i] - target, row);
                double factor = 1;
                for (int r = 0; r < 4; r++)
                    factor += system[r * 5 + 4] * row[r];
                if (factor < 0)
                    (used[i], negative) = (false, true);
                result[i] = weights[i] * factor;
            }
            if (!negative)
            {
                Vector3D mean = default;
                for (int i = 0; i < result.Length; i++)
                    mean += points[i] * result[i];
                if (Vector3D.Distance(mean, target) < 1e-6)
                    return result;
                break;
            }
        }
        throw new InvalidOperationException($"No positive weights give the point {target}.");
    }

    private static void Row(Vector3D d, Span<double> row) => (row[0], row[1], row[2], row[3]) = (d.X, d.Y, d.Z, 1);

    // Gauss-Jordan elimination with pivoting; the solution is in the last column. A singular direction (points in a plane) gets 0.
    private static void Eliminate(Span<double> m)
    {
        double scale = 0;
        for (int r = 0; r < 4; r++)
            scale = Math.Max(scale, Math.Abs(m[r * 5 + r]));
        for (int c = 0; c < 4; c++)
        {
            int pivot = c;
            for (int r = c + 1; r < 4; r++)
            {
                if (Math.Abs(m[r * 5 + c]) > Math.Abs(m[pivot * 5 + c]))
                    pivot = r;
            }
            for (int k = 0; k < 5; k++)
                (m[c * 5 + k], m[pivot * 5 + k]) = (m[pivot * 5 + k], m[c * 5 + k]);
            double p = m[c * 5 + c];
            if (Math.Abs(p) < 1e-13 * scale)
            {
                m.Slice(c * 5, 5).Clear();
                continue;
            }
            for (int k = 0; k < 5; k++)
                m[c * 5 + k] /= p;
            for (int r = 0; r < 4; r++)
            {
                double f = m[r * 5 + c];
                if (r == c || f == 0)
                    continue;
                for (int k = 0; k < 5; k++)
                    m[r * 5 + k] -= f * m[c * 5 + k];
            }
        }
    }
}
