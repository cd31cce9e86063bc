namespace Lwg.MLNet.Backgrounds;

/// <summary>A picture at one size of the pyramid of an <see cref="ExemplarFill"/>, in bytes, so that the search is exact on every
/// processor.</summary>
internal sealed class PatchPicture
{
    private PatchPicture(int size) =>
        (Size, Pixels, Hole, Hidden) = (size, new byte[4 * size * size], new bool[size * size], new bool[size * size]);

    /// <summary>S.</summary>
    public int Size { get; }

    /// <summary>[S,S,4]: red, green, blue and 0. Within the hole the current fill.</summary>
    public byte[] Pixels { get; }

    /// <summary>[S,S]: true where the picture is filled.</summary>
    public bool[] Hole { get; }

    /// <summary>[S,S]: true where nothing may be copied from: in the hole and its rim.</summary>
    public bool[] Hidden { get; }

    /// <summary>Converts a picture at its own size.</summary>
    /// <param name="picture">[3,S,S] in [-1,1], with a first guess in the hole.</param>
    /// <param name="hole">[S,S]: not 0 where the picture is filled.</param>
    /// <param name="hidden">[S,S]: not 0 where nothing may be copied from.</param>
    /// <param name="size">S.</param>
    public static PatchPicture Of(ReadOnlySpan<float> picture, ReadOnlySpan<float> hole, ReadOnlySpan<float> hidden, int size)
    {
        var result = new PatchPicture(size);
        int n = size * size;
        for (int i = 0; i < n; i++)
        {
            (result.Hole[i], result.Hidden[i]) = (hole[i] != 0, hole[i] != 0 || hidden[i] != 0);
            for (int c = 0; c < 3; c++)
                result.Pixels[4 * i + c] = Imaging.PixelBuffer.ToByte(picture[c * n + i]);
        }
        return result;
    }

    /// <summary>Halves the picture. If at least half of four pixels are known, the result is known and their mean.</summary>
    public PatchPicture Half()
    {
        var half = new PatchPicture((Size + 1) / 2);
        for (int y = 0; y < half.Size; y++)
        {
            for (int x = 0; x < half.Size; x++)
                Shrink(half, x, y);
        }
        return half;
    }

    private void Shrink(PatchPicture half, int x, int y)
    {
        int i = y * half.Size + x, right = Math.Min(2 * x + 2, Size), bottom = Math.Min(2 * y + 2, Size), known = 0, shown = 0, all = 0;
        for (int v = 2 * y; v < bottom; v++)
        {
            for (int u = 2 * x; u < right; u++, all++)
            {
                known += Hole[v * Size + u] ? 0 : 1;
                shown += Hidden[v * Size + u] ? 0 : 1;
            }
        }
        half.Hole[i] = 2 * known < all;
        half.Hidden[i] = half.Hole[i] || 2 * shown < all;
        // Known pixels are not mixed with guessed ones.
        bool guessed = half.Hole[i];
        int count = guessed ? all - known : known;
        for (int c = 0; c < 3; c++)
        {
            int sum = 0;
            for (int v = 2 * y; v < bottom; v++)
            {
                for (int u = 2 * x; u < right; u++)
                    sum += Hole[v * Size + u] == guessed ? Pixels[4 * (v * Size + u) + c] : 0;
            }
            half.Pixels[4 * i + c] = (byte)((sum + count / 2) / count);
        }
    }
}
