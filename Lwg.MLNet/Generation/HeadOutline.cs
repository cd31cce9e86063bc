namespace Lwg.MLNet.Generation;

/// <summary>
/// Finds the colour of the hair from the outline of a head: the median of the person's pixels near its edge, above the eyes, and then of
/// those in a wider outline that are more like that colour than like the face's middle. The outline comes from the person's mask, so it is
/// right even if the body's head is displaced; on a bald head it is skin.
/// </summary>
internal static class HeadOutline
{
    /// <summary>The least number of pixels from which a colour is found.</summary>
    public const int LeastPixels = 8;

    // The widths of the outline, as shares of the head's, and of its outermost part, which contains background, as a share of S.
    private const float Narrow = 0.08f, Wide = 0.25f, Mixed = 1f / 256;

    // The share of the face's rows above its lowest one that counts: temples and ears are skin under short hair.
    private const float AboveRows = 0.2f;

    // Pixels with a larger mean difference from the face are not skin, in units of [-1,1].
    private const float OtherThanSkin = 0.25f;

    /// <summary>Sixteen directions around a pixel.</summary>
    public static (float X, float Y)[] Directions { get; } =
        [.. Enumerable.Range(0, 16).Select(k => (MathF.Cos(k * MathF.PI / 8), MathF.Sin(k * MathF.PI / 8)))];

    /// <summary>Finds the colours.</summary>
    /// <param name="image">The source picture [3,S,S].</param>
    /// <param name="isPerson">Whether a pixel is the person.</param>
    /// <param name="head">The pixels of the head and around it.</param>
    /// <param name="face">The pixels of the face.</param>
    /// <param name="size">S.</param>
    /// <returns>Red, green and blue of hair and of skin; null if there are too few pixels.</returns>
    public static (float[] Hair, float[] Skin)? Find(ReadOnlySpan<float> image, Func<int, bool> isPerson, List<int> head, List<int> face,
        int size)
    {
        if (face.Count < LeastPixels || head.Count < LeastPixels)
            return null;
        int[] rows = [.. face.Select(i => i / size).Order()];
        int lowest = rows[(int)(AboveRows * (rows.Length - 1))], left = head.Min(i => i % size), right = head.Max(i => i % size);
        float mixed = Mixed * size, narrow = Math.Max(Narrow * (right - left), mixed + 1), wide = Math.Max(Wide * (right - left), narrow);
        List<int> outline = [.. head.Where(i => i / size <= lowest && IsOutside(i, wide) && !IsOutside(i, mixed))],
            edge = [.. outline.Where(i => IsOutside(i, narrow))];
        if (edge.Count < LeastPixels)
            return null;
        float[] skin = Median(image, Centre(face, size)), first = Median(image, edge);
        List<int> hair = [];
        foreach (int i in outline)
        {
            if (Difference(image, i, first) < Difference(image, i, skin))
                hair.Add(i);
        }
        return (hair.Count < LeastPixels ? first : Median(image, hair), skin);

        bool IsOutside(int pixel, float reach) => Array.Exists(Directions, d =>
        {
            (int x, int y) = ((int)MathF.Round(pixel % size + reach * d.X), (int)MathF.Round(pixel / size + reach * d.Y));
            return (uint)x < (uint)size && (uint)y < (uint)size && !isPerson(y * size + x);
        });
    }

    /// <summary>Returns the pixels that do not have a colour.</summary>
    public static List<int> OtherThan(float[] color, ReadOnlySpan<float> image, List<int> pixels)
    {
        var other = new List<int>();
        foreach (int i in pixels)
        {
            if (Difference(image, i, color) > OtherThanSkin)
                other.Add(i);
        }
        return other;
    }

    /// <summary>The mean difference of a pixel from a colour.</summary>
    public static float Difference(ReadOnlySpan<float> image, int pixel, float[] color)
    {
        int plane = image.Length / 3;
        return (Math.Abs(image[pixel] - color[0]) + Math.Abs(image[plane + pixel] - color[1]) + Math.Abs(image[2 * plane + pixel]
            - color[2])) / 3;
    }

    /// <summary>The median of each channel.</summary>
    public static float[] Median(ReadOnlySpan<float> image, List<int> pixels)
    {
        float[] median = new float[3], values = new float[pixels.Count];
        for (int c = 0; c < 3; c++)
        {
            for (int k = 0; k < values.Length; k++)
                values[k] = image[c * image.Length / 3 + pixels[k]];
            Array.Sort(values);
            median[c] = values[values.Length / 2];
        }
        return median;
    }

    // The half of the face's pixels nearest to its middle: its edge may lie on hair.
    private static List<int> Centre(List<int> pixels, int size)
    {
        double x = pixels.Average(i => i % size), y = pixels.Average(i => i / size);
        return [.. pixels.OrderBy(i => Math.Pow(i % size - x, 2) + Math.Pow(i / size - y, 2)).Take((pixels.Count + 1) / 2)];
    }
}
