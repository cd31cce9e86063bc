using System.Numerics;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Warping;

/// <summary>
/// Erodes and dilates masks by a k x k square. A mask is packed to one bit per pixel, and the bits that spread (zeros for erosion, ones
/// for dilation) are combined by doubling (two windows of 1 make one of 2, two of 2 one of 4...), along rows, then along columns, 64
/// pixels at once. Holds scratch buffers, so that calls allocate nothing after the largest kernel; use an instance on one thread at a
/// time.
/// </summary>
internal sealed class Morphology
{
    private const int WordBits = 64;

    private static readonly Vector256<int> s_bits = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);

    private readonly int _height;
    private readonly int _width;
    private ulong[] _words = [];

    /// <summary>Creates an instance for masks of one size.</summary>
    /// <param name="height">H, at least 1.</param>
    /// <param name="width">W, at least 1.</param>
    public Morphology(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (_height, _width) = (height, width);
    }

    /// <summary>Sets pixels to 1 where all k x k neighbours are 1; outside the mask counts as 1.</summary>
    /// <param name="mask">The mask [H,W].</param>
    /// <param name="kernel">k, odd, 1 to 1023.</param>
    /// <param name="result">Receives the eroded mask [H,W], zeros and ones; may be the mask itself.</param>
    public void Erode(ReadOnlySpan<float> mask, int kernel, Span<float> result) => Run(mask, kernel, erode: true, result);

    /// <summary>Sets pixels to 1 where any of the k x k neighbours is 1; outside the mask counts as 0.</summary>
    /// <param name="mask">The mask [H,W].</param>
    /// <param name="kernel">k, odd, 1 to 1023.</param>
    /// <param name="result">Receives the dilated mask [H,W], zeros and ones; may be the mask itself.</param>
    public void Dilate(ReadOnlySpan<float> mask, int kernel, Span<float> result) => Run(mask, kernel, erode: false, result);

    private void Run(ReadOnlySpan<float> mask, int kernel, bool erode, Span<float> result)
    {
        if (kernel is < 1 or > 1023 || kernel % 2 == 0)
            throw new ArgumentOutOfRangeException(nameof(kernel), kernel, "A kernel's side must be odd, 1 to 1023.");
        if (mask.Length != _height * _width || result.Length != mask.Length)
            throw new ArgumentException($"Masks of {_height} x {_width} are required, but {mask.Length} elements were given, with room for "
                + $"{result.Length}.", nameof(mask));

        // A window need not be wider than twice the mask.
        kernel = Math.Min(kernel, 2 * Math.Max(_width, _height) - 1);
        // Bits are placed at the start of each row and in the first rows, and spread right and down: the result of pixel (x, y) is read
        // at (x + radius, y + radius), and the word after the last one keeps that in bounds.
        int radius = kernel / 2, stride = (_width + kernel - 1) / WordBits + 2, rows = _height + kernel - 1;
        if (_words.Length < rows * stride)
            _words = new ulong[rows * stride];
        Span<ulong> words = _words.AsSpan(0, rows * stride);
        words.Clear();
        for (int y = 0; y < _height; y++)
        {
            Span<ulong> row = words.Slice(y * stride, stride);
            Pack(mask.Slice(y * _width, _width), erode, row);
            SpreadAlong(row, kernel);
        }
        SpreadDown(words, stride, kernel);
        for (int y = 0; y < _height; y++)
            Unpack(words.Slice((y + radius) * stride, stride), radius, erode, result.Slice(y * _width, _width));
    }

    /// <summary>Packs one bit per pixel: set where it is not 1 for erosion, where it is 1 for dilation.</summary>
    private static void Pack(ReadOnlySpan<float> mask, bool erode, Span<ulong> words)
    {
        int x = 0;
        ulong flip = erode ? 0xFFul : 0;
        for (; x + 8 <= mask.Length; x += 8)
        {
            ulong ones = Vector256.Equals(Vector256.Create(mask.Slice(x, 8)), Vector256<float>.One).ExtractMostSignificantBits();
            words[x / WordBits] |= (ones ^ flip) << (x % WordBits);
        }
        for (; x < mask.Length; x++)
        {
            if ((mask[x] == 1) != erode)
                words[x / WordBits] |= 1ul << (x % WordBits);
        }
    }

    private static void Unpack(ReadOnlySpan<ulong> words, int offset, bool erode, Span<float> result)
    {
        for (int x = 0; x < result.Length; x += WordBits)
        {
            int at = (offset + x) / WordBits, shift = (offset + x) % WordBits;
            ulong word = words[at] >> shift;
            if (shift > 0)
                word |= words[at + 1] << (WordBits - shift);
            if (erode)
                word = ~word;
            Span<float> target = result.Slice(x, Math.Min(WordBits, result.Length - x));
            int i = 0;
            for (; i + 8 <= target.Length; i += 8, word >>= 8)
                (Vector256.Equals(Vector256.Create((int)word) & s_bits, s_bits).AsSingle() & Vector256<float>.One).CopyTo(
                    target.Slice(i, 8));
            for (; i < target.Length; i++, word >>= 1)
                target[i] = word & 1;
        }
    }

    /// <summary>Sets each bit if it or one of the kernel - 1 bits before it was set.</summary>
    private static void SpreadAlong(Span<ulong> row, int kernel)
    {
        if (row.IndexOfAnyExcept(0ul) < 0)
            return;
        for (int window = 1; window < kernel;)
        {
            int grow = Math.Min(window, kernel - window), whole = grow / WordBits, shift = grow % WordBits;
            for (int i = row.Length - 1; i >= whole; i--)
            {
                ulong moved = row[i - whole] << shift;
                if (shift > 0 && i > whole)
                    moved |= row[i - whole - 1] >> (WordBits - shift);
                row[i] |= moved;
            }
            window += grow;
        }
    }

    /// <summary>Does the same for rows: each combines the kernel - 1 rows above it. Runs from the last row up, so that no row is combined
    /// twice.</summary>
    private static void SpreadDown(Span<ulong> words, int stride, int kernel)
    {
        for (int window = 1; window < kernel;)
        {
            int grow = Math.Min(window, kernel - window), shift = grow * stride;
            int i = words.Length, lanes = Vector<ulong>.Count;
            for (; i - lanes >= shift && lanes <= shift; i -= lanes)
                (new Vector<ulong>(words.Slice(i - lanes, lanes)) | new Vector<ulong>(words.Slice(i - lanes - shift, lanes))).CopyTo(
                    words.Slice(i - lanes, lanes));
            while (--i >= shift)
                words[i] |= words[i - shift];
            window += grow;
        }
    }
}
