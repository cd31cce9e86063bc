namespace Lwg.MLNet.Estimation;

/// <summary>
/// Detects outlier frames in a sequence (Hampel filter on distances): a frame's distance is that to the medoid of the frames around it,
/// and the usual distance is the median of all distances.
/// </summary>
internal static class TimeOutliers
{
    /// <summary>The least usual distances, regardless of how still the sequence is: 3 degrees, and 1/50 of the camera's units.</summary>
    public const double AngleFloor = 3 * Math.PI / 180, CameraFloor = 0.02;

    private const int Reach = 3, FewestFrames = 5;

    /// <summary>Returns whether each frame is kept; at least some are.</summary>
    /// <param name="count">The number of frames.</param>
    /// <param name="distance">The distance between two frames.</param>
    /// <param name="floor">The least usual distance.</param>
    /// <param name="factor">The multiple of the usual distance above which a frame is an outlier; null to keep all.</param>
    public static bool[] Kept(int count, Func<int, int, double> distance, double floor, double? factor)
    {
        bool[] kept = new bool[count];
        Array.Fill(kept, true);
        if (factor is null || count < FewestFrames)
            return kept;
        double[] distances = [.. Enumerable.Range(0, count).Select(t => ToMedoid(t, count, distance))];
        double limit = factor.Value * Math.Max(floor, distances.Order().ElementAt(count / 2));
        return [.. distances.Select(d => d <= limit)];
    }

    private static double ToMedoid(int t, int count, Func<int, int, double> distance)
    {
        int[] around = [.. Enumerable.Range(Math.Max(0, t - Reach), Math.Min(count - 1, t + Reach) - Math.Max(0, t - Reach) + 1)
            .Where(i => i != t)];
        int medoid = around.MinBy(i => around.Sum(j => distance(i, j)));
        return distance(t, medoid);
    }
}
