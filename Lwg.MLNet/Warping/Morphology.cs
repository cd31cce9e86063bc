using System.Numerics.Tensors;

namespace Lwg.MLNet.Warping;

/// <summary>
/// Erosion and dilation of masks by a k x k square. Windows are joined by doubling (two of 1 make one of 2, two of 2 one of 4...), along rows,
/// then along columns, each step one vector operation over the whole padded mask. Holds its scratch, so that calls allocate nothing once the
/// largest kernel was seen; one instance serves one thread at a time.
/// </summary>
public sealed class Morphology
{
    private readonly int _height;
    private readonly int _width;
    private byte[] _a = [];
    private byte[] _b = [];

    /// <summary>Makes room for masks of one size.</summary>
    /// <param name="height">H, at least 1.</param>
    /// <param name="width">W, at least 1.</param>
    public Morphology(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (_height, _width) = (height, width);
    }

    /// <summary>1 where all k x k neighbours are 1; outside the mask counts as 1.</summary>
    /// <param name="mask">The mask [H,W].</param>
    /// <param name="kernel">k, odd, 1 to 1023.</param>
    /// <param name="result">Receives the eroded mask [H,W], zeros and ones; may be the mask itself.</param>
    public void Erode(ReadOnlySpan<float> mask, int kernel, Span<float> result) => Run(mask, kernel, erode: true, result);

    /// <summary>1 where any of the k x k neighbours is 1; outside the mask counts as 0.</summary>
    /// <param name="mask">The mask [H,W].</param>
    /// <param name="kernel">k, odd, 1 to 1023.</param>
    /// <param name="result">Receives the dilated mask [H,W], zeros and ones; may be the mask itself.</param>
    public void Dilate(ReadOnlySpan<float> mask, int kernel, Span<float> result) => Run(mask, kernel, erode: false, result);

    private void Run(ReadOnlySpan<float> mask, int kernel, bool erode, Span<float> result)
    {
        if (kernel is < 1 or > 1023 || kernel % 2 == 0)
            throw new ArgumentOutOfRangeException(nameof(kernel), kernel, "A kernel's side must be odd, 1 to 1023.");
        if (mask.Length != _height * _width || result.Length != mask.Length)
            throw new ArgumentException($"Masks of {_height} x {_width} were promised, but {mask.Length} elements came in and {result.Length} are to go out.", nameof(mask));

        // A seed is what spreads: a pixel that is not 1 when eroding, one that is 1 when dilating.
        // A window need not reach farther than the mask is wide.
        kernel = Math.Min(kernel, 2 * Math.Max(_width, _height) - 1);
        int radius = kernel / 2, stride = _width + 2 * radius, length = (_height + 2 * radius) * stride;
        if (_a.Length < length)
            (_a, _b) = (new byte[length], new byte[length]);
        Span<byte> from = _a.AsSpan(0, length), to = _b.AsSpan(0, length);
        from.Clear();
        for (int y = 0; y < _height; y++)
        {
            ReadOnlySpan<float> row = mask.Slice(y * _width, _width);
            Span<byte> padded = from.Slice((y + radius) * stride + radius, _width);
            for (int x = 0; x < row.Length; x++)
                padded[x] = (row[x] == 1) != erode ? (byte)1 : (byte)0;
        }
        Spread(ref from, ref to, kernel, 1);
        Spread(ref from, ref to, kernel, stride);
        for (int y = 0; y < _height; y++)
        {
            ReadOnlySpan<byte> spread = from.Slice(y * stride, _width);
            Span<float> row = result.Slice(y * _width, _width);
            for (int x = 0; x < row.Length; x++)
                row[x] = (spread[x] != 0) != erode ? 1 : 0;
        }
    }

    /// <summary>Afterwards each place tells whether there was a seed in it or in one of the kernel - 1 places after it, a step apart.</summary>
    private static void Spread(ref Span<byte> from, ref Span<byte> to, int kernel, int step)
    {
        for (int window = 1; window < kernel;)
        {
            int grow = Math.Min(window, kernel - window), shift = grow * step, kept = from.Length - shift;
            TensorPrimitives.BitwiseOr<byte>(from[..kept], from[shift..], to);
            from[kept..].CopyTo(to[kept..]);
            Span<byte> swap = from;
            from = to;
            to = swap;
            window += grow;
        }
    }
}
