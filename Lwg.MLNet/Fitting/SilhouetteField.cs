namespace Lwg.MLNet.Fitting;

/// <summary>The signed distance to the edge of a mask, negative inside, in image units (2 is the whole square). Exact on the pixel grid,
/// by the lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012).</summary>
internal sealed class SilhouetteField
{
    private readonly float[] _distance;
    private readonly int _size;

    /// <summary>Computes the distances of a mask.</summary>
    /// <param name="mask">The mask [S,S]; values above a half are inside.</param>
    /// <param name="size">The side, S, pixels.</param>
    public SilhouetteField(ReadOnlySpan<float> mask, int size)
    {
        _size = size;
        _distance = new float[size * size];
        double[] outside = new double[size * size], inside = new double[size * size];
        for (int i = 0; i < _distance.Length; i++)
        {
            bool isInside = mask[i] > 0.5f;
            (outside[i], inside[i]) = isInside ? (0.0, Far) : (Far, 0.0);
        }
        Transform(outside);
        Transform(inside);
        // The edge is half-way between the last pixel inside and the first outside.
        for (int i = 0; i < _distance.Length; i++)
            _distance[i] = (float)((outside[i] > 0 ? Math.Sqrt(outside[i]) - 0.5 : 0.5 - Math.Sqrt(inside[i])) * 2 / size);
    }

    private const double Far = 1e12;

    /// <summary>Gets the distance at a point of the picture and its gradient; false outside the picture.</summary>
    public bool TryAt(double x, double y, out double distance, out double slopeX, out double slopeY)
    {
        double column = ((x + 1) * _size - 1) / 2, row = ((y + 1) * _size - 1) / 2;
        (distance, slopeX, slopeY) = (0, 0, 0);
        if (!(column >= 0 && row >= 0 && column < _size - 1 && row < _size - 1))
            return false;
        int i = (int)column, j = (int)row, at = j * _size + i;
        double u = column - i, v = row - j;
        double a = _distance[at], b = _distance[at + 1], c = _distance[at + _size], d = _distance[at + _size + 1];
        distance = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * c + u * d);
        slopeX = ((1 - v) * (b - a) + v * (d - c)) * _size / 2;
        slopeY = ((1 - u) * (c - a) + u * (d - b)) * _size / 2;
        return true;
    }

    private void Transform(double[] squares)
    {
        double[] line = new double[_size], result = new double[_size], bounds = new double[_size + 1];
        int[] roots = new int[_size];
        for (int column = 0; column < _size; column++)
            Scan(squares, column);
        for (int row = 0; row < _size; row++)
        {
            Span<double> squaresOfRow = squares.AsSpan(row * _size, _size);
            squaresOfRow.CopyTo(line);
            Envelope(line, result, roots, bounds);
            result.CopyTo(squaresOfRow);
        }
    }

    // In a column all squares are 0 or Far: the nearest 0 above or below counts.
    private void Scan(double[] squares, int column)
    {
        double away = double.PositiveInfinity;
        for (int at = column; at < squares.Length; at += _size)
        {
            away = squares[at] == 0 ? 0 : away + 1;
            squares[at] = Math.Min(away * away, Far);
        }
        away = double.PositiveInfinity;
        for (int at = squares.Length - _size + column; at >= 0; at -= _size)
        {
            away = squares[at] == 0 ? 0 : away + 1;
            squares[at] = Math.Min(away * away, squares[at]);
        }
    }

    private static void Envelope(double[] f, double[] result, int[] roots, double[] bounds)
    {
        int k = 0;
        (roots[0], bounds[0], bounds[1]) = (0, double.NegativeInfinity, double.PositiveInfinity);
        for (int q = 1; q < f.Length; q++)
        {
            double s;
            while ((s = (f[q] + (double)q * q - f[roots[k]] - (double)roots[k] * roots[k]) / (2.0 * (q - roots[k]))) <= bounds[k])
                k--;
            k++;
            (roots[k], bounds[k], bounds[k + 1]) = (q, s, double.PositiveInfinity);
        }
        k = 0;
        for (int q = 0; q < f.Length; q++)
        {
            while (bounds[k + 1] < q)
                k++;
            double d = q - roots[k];
            result[q] = d * d + f[roots[k]];
        }
    }
}
