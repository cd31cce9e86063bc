using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Heads;

/// <summary>
/// Finds the colour of the hair from the outline of a head: the median of the person's pixels near its edge, above the eyes, that are not
/// like the face's middle. The outline comes from the person's mask, so it is right even if the body's head is displaced; on a bald head it
/// is skin.
/// </summary>
internal static class HeadOutline
{
    /// <summary>The least number of pixels from which a colour is found.</summary>
    public const int LeastPixels = 8;

    // The widths of the outline, as shares of the head's, and of its outermost part, which contains background, as a share of S.
    private const float Narrow = 0.08f, Wide = 0.25f, Mixed = 1f / 256;

    // The share of the face's rows above its lowest one that counts: temples and ears are skin under short hair.
    private const float AboveRows = 0.2f;

    // Pixels with a larger mean difference from the face are not skin, in units of [-1,1]. In the outline of a head whose hair is nearer to
    // the colour of skin, half of the difference of its least skin-like tenth separates them, down to a limit.
    private const float OtherThanSkin = 0.25f, NearSkin = 0.12f, MostOther = 0.9f;

    // A brighter pixel whose shares of red and green differ from the skin's by at most this is a highlight on skin.
    private const float SameHue = 0.03f;

    // Hair that is darker than skin has at most this share of its brightness, in at least this share of either side of the outline.
    private const float DarkerThanSkin = 0.8f, LeastDark = 0.12f;

    // The least share of an outline that decides.
    private const float LeastShare = 0.25f;

    // Sun and shade on hair are more than strands.
    private const float LargestDeviation = 0.12f;

    /// <summary>Sixteen directions around a pixel.</summary>
    public static (float X, float Y)[] Directions { get; } =
        [.. Enumerable.Range(0, 16).Select(k => (MathF.Cos(k * MathF.PI / 8), MathF.Sin(k * MathF.PI / 8)))];

    /// <summary>Finds the colours.</summary>
    /// <param name="image">The source picture [3,S,S].</param>
    /// <param name="isPerson">Whether a pixel is the person.</param>
    /// <param name="head">The pixels of the head and around it.</param>
    /// <param name="face">The pixels of the face.</param>
    /// <param name="size">S.</param>
    /// <returns>Red, green and blue of hair and of skin, and the mean deviation of the hair's brightness, 0 for a bald head; null if there
    /// are too few pixels.</returns>
    public static (float[] Hair, float[] Skin, float Strands)? Find(ReadOnlySpan<float> image, Func<int, bool> isPerson, List<int> head,
        List<int> face, int size)
    {
        if (face.Count < LeastPixels || head.Count < LeastPixels)
            return null;
        int[] rows = [.. face.Select(i => i / size).Order()];
        int lowest = rows[(int)(AboveRows * (rows.Length - 1))], left = head.Min(i => i % size), right = head.Max(i => i % size);
        float mixed = Mixed * size, narrow = Math.Max(Narrow * (right - left), mixed + 1), wide = Math.Max(Wide * (right - left), narrow);
        List<int> outline = [.. head.Where(i => i / size <= lowest && IsOutside(i, wide) && !IsOutside(i, mixed))];
        float[] skin = Median(image, Centre(face, size)), color;
        List<int> hair = DarkHairOf(skin, image, outline, (left + right) / 2, size);
        bool isDark = hair.Count > 0;
        hair = isDark ? hair : HairOf(skin, image, outline);
        if (isDark)
        {
            color = Median(image, hair);
        }
        else if (hair.Count >= Enough(outline))
        {
            // The rim is mixed with background and bright in light from behind; the hair behind it has its own colour.
            List<int> inner = [.. hair.Where(i => !IsOutside(i, narrow))];
            hair = inner.Count >= Enough(hair) ? inner : hair;
            color = Median(image, hair);
        }
        else
        {
            // Hair of nearly the colour of skin, or none.
            List<int> edge = [.. outline.Where(i => IsOutside(i, narrow))];
            if (edge.Count < LeastPixels)
                return null;
            color = Median(image, edge);
            hair.Clear();
            foreach (int i in outline)
            {
                if (Difference(image, i, color) < Difference(image, i, skin))
                    hair.Add(i);
            }
            color = hair.Count < LeastPixels ? color : Median(image, hair);
        }
        return (color, skin, Math.Min(Deviation(image, hair), LargestDeviation)
            * Ramp.Smooth(NearSkin, OtherThanSkin, Difference(color, skin)));

        bool IsOutside(int pixel, float reach) => Array.Exists(Directions, d =>
        {
            (int x, int y) = ((int)MathF.Round(pixel % size + reach * d.X), (int)MathF.Round(pixel / size + reach * d.Y));
            return (uint)x < (uint)size && (uint)y < (uint)size && !isPerson(y * size + x);
        });
    }

    // Returns the pixels of an outline that are clearly darker than skin, if both sides of the head have some: one side may be in shade.
    // Next to them, a bright rim is light from behind or background, and bright pixels inside are highlights on the forehead.
    private static List<int> DarkHairOf(float[] skin, ReadOnlySpan<float> image, List<int> outline, int middle, int size)
    {
        List<int> dark = [];
        float most = DarkerThanSkin * (skin[0] + skin[1] + skin[2] + 3);
        int plane = image.Length / 3;
        foreach (int i in outline)
        {
            if (image[i] + image[plane + i] + image[2 * plane + i] + 3 < most)
                dark.Add(i);
        }
        int right = outline.Count(i => i % size > middle), darkRight = dark.Count(i => i % size > middle);
        bool everywhere = dark.Count >= LeastPixels && darkRight >= LeastDark * right
            && dark.Count - darkRight >= LeastDark * (outline.Count - right);
        return everywhere ? dark : [];
    }

    // Returns the pixels of an outline that are not skin.
    private static List<int> HairOf(float[] skin, ReadOnlySpan<float> image, List<int> outline)
    {
        List<int> other = [];
        foreach (int i in outline)
        {
            if (!IsHighlight(image, i, skin))
                other.Add(i);
        }
        float[] differences = new float[other.Count];
        for (int k = 0; k < differences.Length; k++)
            differences[k] = Difference(image, other[k], skin);
        Array.Sort(differences);
        float most = differences.Length == 0 ? 0 : differences[(int)(MostOther * (differences.Length - 1))];
        return OtherThan(skin, image, other, most < OtherThanSkin ? OtherThanSkin : Math.Clamp(most / 2, NearSkin, OtherThanSkin));
    }

    private static bool IsHighlight(ReadOnlySpan<float> image, int pixel, float[] skin)
    {
        int plane = image.Length / 3;
        (float red, float green, float blue) = (image[pixel] + 1, image[plane + pixel] + 1, image[2 * plane + pixel] + 1);
        float sum = red + green + blue, own = skin[0] + skin[1] + skin[2] + 3;
        return sum > own && MathF.Abs(red / sum - (skin[0] + 1) / own) < SameHue && MathF.Abs(green / sum - (skin[1] + 1) / own) < SameHue;
    }

    private static float Enough(List<int> of) => Math.Max(LeastPixels, LeastShare * of.Count);

    /// <summary>Returns the pixels that do not have a colour.</summary>
    public static List<int> OtherThan(float[] color, ReadOnlySpan<float> image, List<int> pixels, float from = OtherThanSkin)
    {
        var other = new List<int>();
        foreach (int i in pixels)
        {
            if (Difference(image, i, color) > from)
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

    private static float Difference(float[] a, float[] b) => (Math.Abs(a[0] - b[0]) + Math.Abs(a[1] - b[1]) + Math.Abs(a[2] - b[2])) / 3;

    // The mean absolute deviation of the brightness from its mean.
    private static float Deviation(ReadOnlySpan<float> image, List<int> pixels)
    {
        int plane = image.Length / 3;
        float[] brightness = new float[pixels.Count];
        for (int k = 0; k < brightness.Length; k++)
            brightness[k] = (image[pixels[k]] + image[plane + pixels[k]] + image[2 * plane + pixels[k]]) / 3;
        float mean = brightness.Length == 0 ? 0 : brightness.Average();
        return brightness.Length == 0 ? 0 : brightness.Average(b => Math.Abs(b - mean));
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
