namespace Lwg.MLNet.Metrics;

/// <summary>How well two masks agree.</summary>
public static class MaskOverlap
{
    /// <summary>Intersection over union (Jaccard index) of the pixels above a half: 1 for equal masks, two empty ones included; 0 for disjoint ones.</summary>
    /// <param name="a">A mask of N pixels.</param>
    /// <param name="b">The other one.</param>
    /// <exception cref="ArgumentException">Masks of different length.</exception>
    public static double IntersectionOverUnion(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"Two masks have the same number of pixels, but {a.Length} and {b.Length} were given.", nameof(b));
        int both = 0, either = 0;
        for (int i = 0; i < a.Length; i++)
        {
            bool inA = a[i] > 0.5f, inB = b[i] > 0.5f;
            both += inA && inB ? 1 : 0;
            either += inA || inB ? 1 : 0;
        }
        return either == 0 ? 1 : (double)both / either;
    }
}
