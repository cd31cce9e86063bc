namespace Lwg.MLNet.Warping;

/// <summary>The distance of each pixel from the nearest of a set of pixels (chamfer distance with steps of 1 and the square root of 2,
/// Rosenfeld and Pfaltz 1966).</summary>
internal static class DistanceMap
{
    private const float Diagonal = 1.41421356f;

    /// <summary>Computes distances in pixels.</summary>
    /// <param name="size">S.</param>
    /// <param name="mask">[S,S].</param>
    /// <param name="value">Pixels of this value in the mask have distance 0.</param>
    /// <param name="distance">Receives [S,S]; twice S if the mask contains no such pixel; may be the mask.</param>
    public static void Compute(int size, ReadOnlySpan<float> mask, float value, Span<float> distance)
    {
        int n = size * size;
        if (mask.Length != n || distance.Length != n)
            throw new ArgumentException($"For S = {size} mask and result have {n} elements, but {mask.Length} and {distance.Length} were "
                + $"given.", nameof(mask));
        for (int i = 0; i < n; i++)
            distance[i] = mask[i] == value ? 0 : 2 * size;
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
                Step(distance, size, x, y, -1);
        }
        for (int y = size - 1; y >= 0; y--)
        {
            for (int x = size - 1; x >= 0; x--)
                Step(distance, size, x, y, 1);
        }
    }

    // The four neighbours already visited in this sweep.
    private static void Step(Span<float> distance, int size, int x, int y, int back)
    {
        int i = y * size + x;
        float best = distance[i];
        bool left = x > 0, right = x + 1 < size, behind = back < 0 ? y > 0 : y + 1 < size;
        if (back < 0 ? left : right)
            best = Math.Min(best, distance[i + back] + 1);
        int row = i + back * size;
        if (behind)
        {
            best = Math.Min(best, distance[row] + 1);
            if (left)
                best = Math.Min(best, distance[row - 1] + Diagonal);
            if (right)
                best = Math.Min(best, distance[row + 1] + Diagonal);
        }
        distance[i] = best;
    }
}
