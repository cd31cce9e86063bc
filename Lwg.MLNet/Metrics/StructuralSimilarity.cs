namespace Lwg.MLNet.Metrics;

/// <summary>
/// SSIM (Wang, Bovik, Sheikh and Simoncelli 2004): Gaussian windows of 11 x 11 pixels with sigma 1.5, K1 = 0.01, K2 = 0.03, the data
/// range of 8-bit RGB, the mean over channels and over the windows that lie entirely within the picture.
/// </summary>
internal static class StructuralSimilarity
{
    /// <summary>The side of a window in pixels; also the smallest side of a picture.</summary>
    public const int Window = 11;

    private const double Sigma = 1.5, DataRange = 255, C1 = 0.01 * DataRange * 0.01 * DataRange, C2 = 0.03 * DataRange * 0.03 * DataRange;
    private const int Radius = Window / 2, Moments = 5;

    private static readonly double[] s_weights = Gaussian();

    /// <summary>Returns the mean SSIM of two pictures: 1 for equal ones, at least -1.</summary>
    /// <param name="a">A picture [3,H,W] in [-1,1]; -1 corresponds to 0 and 1 to 255, without rounding.</param>
    /// <param name="b">The other picture.</param>
    /// <param name="height">H, at least 11.</param>
    /// <param name="width">W, at least 11.</param>
    /// <param name="within">[H,W]: only windows with a centre above 0.5 count; empty for all.</param>
    /// <exception cref="ArgumentException">The lengths do not match, or no window counts.</exception>
    public static double Mean(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int height, int width, ReadOnlySpan<float> within = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, Window);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, Window);
        int n = checked(height * width);
        if (a.Length != 3 * n || b.Length != 3 * n)
            throw new ArgumentException($"A picture of 3 x {height} x {width} has {3 * n} elements, but {a.Length} and {b.Length} were "
                + $"given.", nameof(b));
        if (within.Length != 0 && within.Length != n)
            throw new ArgumentException($"For {n} pixels the mask has {n} elements or none, but {within.Length} were given.",
                nameof(within));

        int columns = width - 2 * Radius, rows = height - 2 * Radius;
        var alongRows = new double[Moments * height * columns];
        Span<double> m = stackalloc double[Moments];
        double sum = 0;
        int count = 0;
        for (int c = 0; c < 3; c++)
        {
            FilterRows(a.Slice(c * n, n), b.Slice(c * n, n), height, width, alongRows);
            for (int y = 0; y < rows; y++)
            {
                for (int x = 0; x < columns; x++)
                {
                    if (within.Length != 0 && !(within[(y + Radius) * width + x + Radius] > 0.5f))
                        continue;
                    m.Clear();
                    for (int k = 0; k < Window; k++)
                    {
                        ReadOnlySpan<double> row = alongRows.AsSpan(Moments * ((y + k) * columns + x), Moments);
                        for (int j = 0; j < Moments; j++)
                            m[j] += s_weights[k] * row[j];
                    }
                    sum += Index(m);
                    count++;
                }
            }
        }
        return count > 0 ? sum / count
            : throw new ArgumentException(
                "The mask has no pixel above 0.5 that is the centre of a window.",
                nameof(within));
    }

    /// <summary>Computes the index from the weighted means of a, b, a a, b b and a b.</summary>
    private static double Index(ReadOnlySpan<double> m)
    {
        double varianceA = m[2] - m[0] * m[0], varianceB = m[3] - m[1] * m[1], covariance = m[4] - m[0] * m[1];
        return (2 * m[0] * m[1] + C1) * (2 * covariance + C2) / ((m[0] * m[0] + m[1] * m[1] + C1) * (varianceA + varianceB + C2));
    }

    private static void FilterRows(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int height, int width, double[] moments)
    {
        int columns = width - 2 * Radius;
        Array.Clear(moments);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                Span<double> m = moments.AsSpan(Moments * (y * columns + x), Moments);
                for (int k = 0; k < Window; k++)
                {
                    double u = (a[y * width + x + k] + 1) * (DataRange / 2), v = (b[y * width + x + k] + 1) * (DataRange / 2),
                        w = s_weights[k];
                    m[0] += w * u;
                    m[1] += w * v;
                    m[2] += w * u * u;
                    m[3] += w * v * v;
                    m[4] += w * u * v;
                }
            }
        }
    }

    private static double[] Gaussian()
    {
        double[] weights = [.. Enumerable.Range(-Radius, Window).Select(x => Math.Exp(-x * x / (2 * Sigma * Sigma)))];
        double sum = weights.Sum();
        return [.. weights.Select(w => w / sum)];
    }
}
