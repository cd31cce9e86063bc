namespace Lwg.MLNet.Backgrounds;

/// <summary>Finds bars of one colour beside, above or below a photograph; they have no content and are not copied from.</summary>
internal static class PictureMargins
{
    // The colours of a bar differ by at most the first value, in [-1,1]: two steps of 8 bits plus compression. Colours of the photograph
    // differ from it by more than the second.
    private const float Same = 4 / 127.5f, Different = 12 / 127.5f;

    // The least share of a line's pixels that must have the bar's colour, and the least share that must differ behind the bar.
    private const float LeastSame = 0.97f, LeastDifferent = 0.5f;

    // Bars take at least 1/32 and at most this share of the picture on a side, and leave at least this share of the pixels to copy from.
    private const int Narrowest = 32;
    private const float Widest = 0.4f, LeastRest = 0.15f;

    /// <summary>Marks the bars.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="hole">[S,S]: 1 where the picture is unknown.</param>
    /// <param name="size">S.</param>
    /// <param name="hidden">[S,S]: set to 1 in the bars. Unchanged if too little would remain.</param>
    public static void Hide(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, Span<float> hidden)
    {
        (int left, int right) = (Width(image, hole, size, 0, 1, size), Width(image, hole, size, size - 1, -1, size));
        (int top, int bottom) = (Width(image, hole, size, 0, size, 1), Width(image, hole, size, (size - 1) * size, -size, 1));
        (int known, int rest) = (0, 0);
        for (int i = 0; i < hidden.Length; i++)
        {
            if (hidden[i] > 0)
                continue;
            known++;
            rest += IsMargin(i) ? 0 : 1;
        }
        if (rest < LeastRest * known)
            return;
        for (int i = 0; i < hidden.Length; i++)
        {
            if (IsMargin(i))
                hidden[i] = 1;
        }

        bool IsMargin(int i) => i % size < left || i % size >= size - right || i / size < top || i / size >= size - bottom;
    }

    // Counts lines of one colour from an edge inwards: 'step' leads to the next line, 'along' to the next pixel of a line.
    private static int Width(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, int first, int step, int along)
    {
        int most = (int)(Widest * size), width = 0, start = -1;
        for (int k = 0; k < size && start < 0; k++)
            start = hole[first + k * along] > 0 ? -1 : first + k * along;
        if (start < 0)
            return 0;
        while (width < most && Share(image, hole, size, first + width * step, along, start, Same) >= LeastSame)
            width++;
        if (width < Math.Max(size / Narrowest, 2))
            return 0;
        // Resizing and compression blur the first lines behind the bar; the photograph must begin soon after.
        for (int behind = width; behind <= Math.Min(width + size / Narrowest, most); behind++)
        {
            if (Share(image, hole, size, first + behind * step, along, start, Different) <= 1 - LeastDifferent)
                return behind;
        }
        return 0;
    }

    // The share of a line's known pixels that differ from a pixel by at most this; 1 if none is known.
    private static float Share(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, int line, int along, int pixel, float most)
    {
        int near = 0, seen = 0, plane = size * size;
        for (int k = 0; k < size; k++)
        {
            int i = line + k * along;
            if (hole[i] > 0)
                continue;
            seen++;
            float apart = MathF.Max(MathF.Abs(image[i] - image[pixel]),
                MathF.Max(MathF.Abs(image[plane + i] - image[plane + pixel]), MathF.Abs(image[2 * plane + i] - image[2 * plane + pixel])));
            near += apart <= most ? 1 : 0;
        }
        return seen == 0 ? 1 : (float)near / seen;
    }
}
