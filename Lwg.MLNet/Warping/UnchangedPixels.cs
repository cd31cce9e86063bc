namespace Lwg.MLNet.Warping;

/// <summary>
/// Finds where a square result shows its source unchanged, so that the full picture can keep its own, finer pixels there. Holds scratch
/// buffers; use an instance on one thread at a time.
/// </summary>
/// <param name="size">S.</param>
internal sealed class UnchangedPixels(int size)
{
    // Differences of a channel up to the first are rounding, from the second on the result is new, in units of [-1,1]: 3 and 10 of 255.
    private const float Rounding = 0.0235f, Changed = 0.08f;

    // What changes has an edge of this width: colours are interpolated, and beside a change details may belong to what was there.
    private const float Edge = 1f / 100;

    private readonly int _kernel = 2 * Math.Max((int)(Edge * size), 1) + 1;
    private readonly Morphology _morphology = new(size, size);
    private readonly float[] _line = new float[size];

    /// <summary>The weight of the result for each pixel [S,S]: 0 where it is the source's, 1 where it is new.</summary>
    public float[] Weights { get; } = new float[size * size];

    /// <summary>Compares a result with its source.</summary>
    /// <param name="result">[3,S,S] in [-1,1].</param>
    /// <param name="source">The source's square [3,S,S] in [-1,1].</param>
    public void Compare(ReadOnlySpan<float> result, ReadOnlySpan<float> source)
    {
        int plane = size * size;
        for (int i = 0; i < plane; i++)
        {
            float difference = 0;
            for (int k = i; k < 3 * plane; k += plane)
                difference = MathF.Max(difference, MathF.Abs(Math.Clamp(result[k], -1, 1) - source[k]));
            Weights[i] = Math.Clamp((difference - Rounding) / (Changed - Rounding), 0, 1);
        }
        _morphology.Dilate(Weights, _kernel, Weights);
        Soften();
    }

    // The mean of a pixel and its neighbours along each axis.
    private void Soften()
    {
        for (int k = 0; k < 2 * size; k++)
        {
            (int start, int step) = k < size ? (k * size, 1) : (k - size, size);
            for (int i = 0; i < size; i++)
                _line[i] = Weights[start + i * step];
            for (int i = 0; i < size; i++)
                Weights[start + i * step] = (_line[Math.Max(i - 1, 0)] + _line[i] + _line[Math.Min(i + 1, size - 1)]) / 3;
        }
    }
}
