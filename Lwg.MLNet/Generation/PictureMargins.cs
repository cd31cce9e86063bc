namespace Lwg.MLNet.Generation;

/// <summary>
/// The margins of a picture that show nothing: bars of one colour beside a photograph, and the edge that is repeated where a square reaches beyond a photograph. There each row goes on as it
/// begins, from the square's edge inwards.
/// </summary>
internal static class PictureMargins
{
    // Neighbours that differ by so much at most are the same, in [-1,1]: two steps of 8 bits, and what resizing adds.
    private const float Same = 3 / 127.5f;

    // So large a share of a row's pixels must go on.
    private const float LeastShare = 0.97f;

    // Margins take no more than this share of the picture on a side, and leave this share of what could be copied: a plain wall is no margin.
    private const float Widest = 0.4f, LeastRest = 0.15f;

    /// <summary>Marks the margins.</summary>
    /// <param name="image">The picture [3,S,S] in [-1,1].</param>
    /// <param name="hole">[S,S]: 1 where the picture is not known.</param>
    /// <param name="size">S.</param>
    /// <param name="hidden">[S,S]: becomes 1 in the margins. Stays as it is where the rest would be too small.</param>
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

    // How many lines from an edge inwards go on as the first one is: 'step' leads to the next line, 'along' to the next pixel of a line.
    private static int Width(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, int first, int step, int along)
    {
        int most = (int)(Widest * size), width = 0;
        for (; width < most; width++)
        {
            int line = first + width * step, same = 0, seen = 0;
            for (int k = 0; k < size; k++)
            {
                int i = line + k * along, next = i + step;
                if (hole[i] > 0 || hole[next] > 0)
                    continue;
                seen++;
                same += IsSame(image, i, next, size * size) ? 1 : 0;
            }
            if (same < LeastShare * seen || seen == 0)
                break;
        }
        // The last line is already the photograph's, mixed by resizing.
        return width == 0 || width == most ? 0 : width + 1;
    }

    private static bool IsSame(ReadOnlySpan<float> image, int i, int next, int plane)
    {
        for (int c = 0; c < 3 * plane; c += plane)
        {
            if (MathF.Abs(image[c + i] - image[c + next]) > Same)
                return false;
        }
        return true;
    }
}
