namespace Lwg.MLNet.Metrics;

/// <summary>Computes the pixel-wise difference of two pictures. Pictures are [3,H,W] in [-1,1]; a mask selects the pixels that
/// count.</summary>
internal static class PictureError
{
    /// <summary>Returns the mean absolute difference (L1) over pixels and channels, in units of the pictures: 0 (equal) to 2 (black
    /// against white).</summary>
    /// <param name="a">A picture [3,H,W] in [-1,1].</param>
    /// <param name="b">The other picture.</param>
    /// <param name="within">[H,W]: pixels above 0.5 count; empty for all.</param>
    /// <exception cref="ArgumentException">The lengths do not match, or no pixel counts.</exception>
    public static double MeanAbsolute(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> within = default) =>
        Mean(a, b, within, squared: false);

    /// <summary>Returns the mean squared difference over pixels and channels, in squared units of the pictures: 0 to 4.</summary>
    /// <inheritdoc cref="MeanAbsolute"/>
    public static double MeanSquared(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> within = default) =>
        Mean(a, b, within, squared: true);

    /// <summary>Returns the peak signal-to-noise ratio over RGB in decibels, 10 log10(2^2 / mean squared difference): 0 for black against
    /// white, infinite for equal pictures.</summary>
    /// <inheritdoc cref="MeanAbsolute"/>
    public static double PeakSignalToNoise(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> within = default) =>
        10 * Math.Log10(4 / MeanSquared(a, b, within));

    private static double Mean(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> within, bool squared)
    {
        int n = a.Length / 3;
        if (n == 0 || a.Length != 3 * n || b.Length != a.Length)
            throw new ArgumentException($"Two pictures have the same 3 H W elements, but {a.Length} and {b.Length} were given.", nameof(b));
        if (within.Length != 0 && within.Length != n)
            throw new ArgumentException($"For {n} pixels the mask has {n} elements or none, but {within.Length} were given.",
                nameof(within));
        double sum = 0;
        int count = 0;
        for (int i = 0; i < n; i++)
        {
            if (within.Length != 0 && !(within[i] > 0.5f))
                continue;
            count++;
            for (int c = 0; c < 3; c++)
            {
                double d = (double)a[c * n + i] - b[c * n + i];
                sum += squared ? d * d : Math.Abs(d);
            }
        }
        return count > 0 ? sum / (3.0 * count)
            : throw new ArgumentException("The mask has no pixel above 0.5.", nameof(within));
    }
}
