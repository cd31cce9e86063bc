namespace Lwg.MLNet.Imaging;

/// <summary>Samples pictures between their pixels.</summary>
internal static class CubicSampler
{
    /// <summary>Samples with a Catmull-Rom spline, so that a picture moved by a fraction of a pixel stays sharp. The result is limited to
    /// the range of the nearest four pixels to prevent ringing.</summary>
    /// <param name="plane">[S,S].</param>
    /// <param name="size">S.</param>
    /// <param name="x">The column in pixels, 0 at the centre of the first; the edge is repeated outside the picture.</param>
    /// <param name="y">The row in pixels, likewise.</param>
    public static float Sample(ReadOnlySpan<float> plane, int size, float x, float y)
    {
        (x, y) = (Math.Clamp(x, 0, size - 1), Math.Clamp(y, 0, size - 1));
        int left = (int)x, top = (int)y, before = Math.Max(left - 1, 0), after = Math.Min(left + 1, size - 1),
            beyond = Math.Min(left + 2, size - 1);
        float u = x - left, v = y - top;
        Span<float> rows = stackalloc float[4];
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        for (int j = 0; j < 4; j++)
        {
            int row = Math.Clamp(top + j - 1, 0, size - 1) * size;
            float a = plane[row + before], b = plane[row + left], c = plane[row + after], d = plane[row + beyond];
            rows[j] = Spline(a, b, c, d, u);
            if (j is 1 or 2)
                (low, high) = (MathF.Min(low, MathF.Min(b, c)), MathF.Max(high, MathF.Max(b, c)));
        }
        return Math.Clamp(Spline(rows[0], rows[1], rows[2], rows[3], v), low, high);
    }

    private static float Spline(float a, float b, float c, float d, float t) =>
        b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
