namespace Lwg.MLNet.Metrics;

/// <summary>Computes how well two masks agree.</summary>
internal static class MaskOverlap
{
    /// <summary>Returns the intersection over union (Jaccard index) of the pixels above 0.5: 1 for equal masks, including two empty ones;
    /// 0 for disjoint ones.</summary>
    /// <param name="a">A mask of N pixels.</param>
    /// <param name="b">The other mask.</param>
    /// <exception cref="ArgumentException">The masks have different lengths.</exception>
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

    /// <summary>Returns the intersection over union of a body's silhouette and a mask of another size over the same square, sampled at
    /// the nearest point.</summary>
    /// <param name="faceIndex">The body's face index map [S,S], -1 on background.</param>
    /// <param name="mask">The mask [M,M].</param>
    /// <exception cref="ArgumentException">One of them is not square.</exception>
    public static double OfSilhouette(ReadOnlySpan<int> faceIndex, ReadOnlySpan<float> mask)
    {
        int size = (int)Math.Sqrt(faceIndex.Length), maskSize = (int)Math.Sqrt(mask.Length);
        if (size * size != faceIndex.Length || maskSize * maskSize != mask.Length)
            throw new ArgumentException($"Map and mask must be squares, but have {faceIndex.Length} and {mask.Length} pixels.",
                nameof(mask));
        int both = 0, either = 0;
        for (int y = 0; y < size; y++)
        {
            ReadOnlySpan<float> row = mask.Slice((2 * y + 1) * maskSize / (2 * size) * maskSize, maskSize);
            for (int x = 0; x < size; x++)
            {
                bool inBody = faceIndex[y * size + x] >= 0, inMask = row[(2 * x + 1) * maskSize / (2 * size)] > 0.5f;
                both += inBody && inMask ? 1 : 0;
                either += inBody || inMask ? 1 : 0;
            }
        }
        return either == 0 ? 1 : (double)both / either;
    }
}
