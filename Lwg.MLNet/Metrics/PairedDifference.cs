namespace Lwg.MLNet.Metrics;

/// <summary>The mean of paired differences with its 95 % interval by the paired bootstrap (Efron and Tibshirani 1993, chapter 13,
/// percentiles).</summary>
/// <param name="Mean">The mean difference.</param>
/// <param name="Low">The lower end of the interval.</param>
/// <param name="High">The upper end of the interval.</param>
public readonly record struct PairedDifference(double Mean, double Low, double High)
{
    private const int Resamples = 2000;
    private const int Seed = 20190925;

    /// <summary>Computes the mean difference and its interval; the same differences give the same interval.</summary>
    /// <param name="differences">One or more finite values.</param>
    /// <exception cref="ArgumentException">There are no differences, or not all are finite.</exception>
    public static PairedDifference Of(ReadOnlySpan<double> differences)
    {
        if (differences.IsEmpty)
            throw new ArgumentException("There is no pair to compare.", nameof(differences));
        foreach (double d in differences)
        {
            if (!double.IsFinite(d))
                throw new ArgumentException($"Differences are finite, but {d} was given.", nameof(differences));
        }
        var random = new Random(Seed);
        double[] means = new double[Resamples];
        for (int r = 0; r < Resamples; r++)
        {
            double sum = 0;
            for (int i = 0; i < differences.Length; i++)
                sum += differences[random.Next(differences.Length)];
            means[r] = sum / differences.Length;
        }
        Array.Sort(means);
        double total = 0;
        foreach (double d in differences)
            total += d;
        return new PairedDifference(total / differences.Length, Percentile(means, 0.025), Percentile(means, 0.975));
    }

    private static double Percentile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int low = (int)at;
        return sorted[low] + (at - low) * (sorted[Math.Min(low + 1, sorted.Length - 1)] - sorted[low]);
    }
}
