using System.Numerics.Tensors;

namespace Lwg.MLNet.Imaging;

/// <summary>
/// Extracts the low frequencies of a part of a picture: three box filters, close to a Gaussian (Wells 1986), over the pixels of a mask
/// only, so that the surroundings do not bleed in (normalised convolution, Knutsson and Westin 1993). Holds scratch buffers; an instance
/// must be used by one thread at a time.
/// </summary>
internal sealed class MaskedLowPass
{
    private const int Passes = 3;
    private const float LeastWeight = 1e-3f;

    private readonly int _size, _radius;
    private readonly float[] _weight, _plane, _scratch, _sum;

    /// <summary>Creates a filter.</summary>
    /// <param name="size">The side of the pictures, S, greater than the radius.</param>
    /// <param name="radius">The radius of the boxes in pixels, at least 1.</param>
    public MaskedLowPass(int size, int radius)
    {
        (_size, _radius) = (size, radius);
        (_weight, _plane, _scratch, _sum) = (new float[size * size], new float[size * size], new float[size * size], new float[size]);
    }

    /// <summary>Filters a picture.</summary>
    /// <param name="picture">The picture [C,S,S].</param>
    /// <param name="mask">The weight of each pixel [S,S], 0..1.</param>
    /// <param name="low">Receives the low frequencies [C,S,S]; the picture itself where no weighted pixel is near.</param>
    public void Run(ReadOnlySpan<float> picture, ReadOnlySpan<float> mask, Span<float> low)
    {
        int n = _size * _size;
        mask.CopyTo(_weight);
        Blur(_weight);
        for (int c = 0; c < picture.Length; c += n)
        {
            ReadOnlySpan<float> channel = picture.Slice(c, n);
            TensorPrimitives.Multiply(channel, mask, _plane);
            Blur(_plane);
            for (int i = 0; i < n; i++)
                low[c + i] = _weight[i] > LeastWeight ? _plane[i] / _weight[i] : channel[i];
        }
    }

    // Picture and mask are zero outside the edges.
    private void Blur(float[] plane)
    {
        float share = 1f / ((2 * _radius + 1) * (2 * _radius + 1));
        for (int pass = 0; pass < Passes; pass++)
        {
            for (int y = 0; y < _size; y++)
                AlongRow(plane.AsSpan(y * _size, _size), _scratch.AsSpan(y * _size, _size));
            // All columns at once: whole rows are added to the sum and subtracted from it.
            Array.Clear(_sum);
            for (int y = -_radius; y < _size; y++)
            {
                if (y + _radius < _size)
                    TensorPrimitives.Add(_sum, _scratch.AsSpan((y + _radius) * _size, _size), _sum);
                if (y >= 0)
                    TensorPrimitives.Multiply(_sum, share, plane.AsSpan(y * _size, _size));
                if (y >= _radius)
                    TensorPrimitives.Subtract(_sum, _scratch.AsSpan((y - _radius) * _size, _size), _sum);
            }
        }
    }

    private void AlongRow(ReadOnlySpan<float> row, Span<float> sums)
    {
        float sum = 0;
        for (int x = -_radius; x < row.Length; x++)
        {
            if (x + _radius < row.Length)
                sum += row[x + _radius];
            if (x >= 0)
                sums[x] = sum;
            if (x >= _radius)
                sum -= row[x - _radius];
        }
    }
}
