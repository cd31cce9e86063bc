namespace Lwg.MLNet.Backgrounds;

/// <summary>
/// Copies pixels from several places of a picture into its hole without seams: the differences between neighbours are those of the copied
/// pixels, the colours over larger areas those of a smooth guess (a screened Poisson equation, Bhat et al. 2008, solved by relaxation).
/// Where two neighbours come from different places, their difference is the mean of both.
/// </summary>
internal static class SeamlessCopy
{
    // The weight of the guess against the sum of the four differences: it decides over areas wider than some ten pixels. With it,
    // relaxation converges in so many rounds to less than a step of 255.
    private const float GuessWeight = 0.01f;
    private const int Rounds = 120;

    /// <summary>Fills the hole.</summary>
    /// <param name="picture">The picture; what is copied is outside its hidden area.</param>
    /// <param name="offsets">For each pixel of the hole [S,S] the distance, in pixels of the array, of the pixel that is copied.</param>
    /// <param name="plate">[3,S,S] in [-1,1]: the picture, and in the hole the guess; receives the result there.</param>
    public static void Fill(PatchPicture picture, int[] offsets, Span<float> plate)
    {
        int size = picture.Size, n = size * size;
        List<int> hole = [.. Enumerable.Range(0, n).Where(i => picture.Hole[i])];
        int[] steps = [-1, 1, -size, size];
        // For each pixel of the hole, each neighbour's index (the pixel itself if there is none), and the differences from it.
        int[] neighbours = new int[4 * hole.Count];
        float[] wanted = new float[3 * hole.Count], guess = new float[3 * hole.Count];
        for (int k = 0; k < hole.Count; k++)
        {
            int i = hole[k], x = i % size;
            for (int d = 0; d < 4; d++)
            {
                int j = i + steps[d];
                bool inside = d switch { 0 => x > 0, 1 => x < size - 1, _ => (uint)j < (uint)n };
                neighbours[4 * k + d] = inside ? j : i;
                for (int c = 0; inside && c < 3; c++)
                    wanted[3 * k + c] += Difference(picture, offsets, i, j, c);
            }
            for (int c = 0; c < 3; c++)
                guess[3 * k + c] = plate[c * n + i];
        }
        for (int round = 0; round < Rounds; round++)
        {
            for (int k = 0; k < hole.Count; k++)
            {
                ReadOnlySpan<int> at = neighbours.AsSpan(4 * k, 4);
                for (int c = 0; c < 3; c++)
                {
                    Span<float> plane = plate.Slice(c * n, n);
                    plane[hole[k]] = (plane[at[0]] + plane[at[1]] + plane[at[2]] + plane[at[3]] + wanted[3 * k + c]
                        + GuessWeight * guess[3 * k + c]) / (4 + GuessWeight);
                }
            }
        }
        foreach (int i in hole)
        {
            for (int k = i; k < 3 * n; k += n)
                plate[k] = Math.Clamp(plate[k], -1, 1);
        }
    }

    // The copied difference of a pixel from its neighbour, in [-2,2].
    private static float Difference(PatchPicture picture, int[] offsets, int i, int j, int channel)
    {
        float sum = 0;
        int count = 0;
        Add(offsets[i]);
        if (picture.Hole[j] && offsets[j] != offsets[i])
            Add(offsets[j]);
        return count == 0 ? 0 : sum / (127.5f * count);

        void Add(int offset)
        {
            int from = i + offset, beside = j + offset;
            if ((uint)from >= (uint)picture.Hidden.Length || (uint)beside >= (uint)picture.Hidden.Length || picture.Hidden[from]
                || picture.Hidden[beside] || Math.Abs(from % picture.Size - beside % picture.Size) > 1)
                return;
            sum += picture.Pixels[4 * from + channel] - picture.Pixels[4 * beside + channel];
            count++;
        }
    }
}
