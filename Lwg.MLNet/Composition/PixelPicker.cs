namespace Lwg.MLNet.Composition;

/// <summary>Samples a map of S x S pixels at the centres of the N x N pixels of a smaller one, N at most S.</summary>
internal sealed class PixelPicker
{
    private readonly int[] _at;

    /// <summary>Computes the positions to sample.</summary>
    /// <param name="size">S.</param>
    /// <param name="small">N.</param>
    public PixelPicker(int size, int small)
    {
        (Size, Small) = (size, small);
        _at = [.. Enumerable.Range(0, small).Select(i => (int)((i + 0.5) * size / small))];
        Offset = Enumerable.Range(0, small).Average(i => _at[i] + 0.5 - (i + 0.5) * size / small);
    }

    /// <summary>S.</summary>
    public int Size { get; }

    /// <summary>The mean offset, right and down, of the sampled pixels from the smaller map's centres, in pixels of the larger map: half
    /// a pixel if centres lie between pixels.</summary>
    public double Offset { get; }

    /// <summary>N.</summary>
    public int Small { get; }

    /// <summary>Returns the centre of the pixel of the larger map that is sampled for a pixel of the smaller one, in [-1,1] over the
    /// picture.</summary>
    /// <param name="pixel">The index of the pixel of the smaller map.</param>
    public (float X, float Y) Centre(int pixel) =>
        ((2 * _at[pixel % Small] + 1 - Size) / (float)Size, (2 * _at[pixel / Small] + 1 - Size) / (float)Size);

    /// <summary>Samples a map.</summary>
    /// <param name="map">[S,S,C].</param>
    /// <param name="channels">C.</param>
    /// <param name="small">Receives [N,N,C].</param>
    public void Pick<T>(ReadOnlySpan<T> map, int channels, Span<T> small)
    {
        for (int y = 0, i = 0; y < Small; y++)
        {
            for (int x = 0; x < Small; x++, i += channels)
                map.Slice((_at[y] * Size + _at[x]) * channels, channels).CopyTo(small[i..]);
        }
    }
}
