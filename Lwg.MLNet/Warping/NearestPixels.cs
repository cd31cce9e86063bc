namespace Lwg.MLNet.Warping;

/// <summary>
/// For each pixel the nearest of some pixels, exact and in time proportional to the picture: columns first, then the lower envelope of a
/// parabola for each column (Meijster et al. 2000; Felzenszwalb and Huttenlocher 2012), in whole numbers. Holds its scratch; one instance
/// serves one thread at a time.
/// </summary>
internal sealed class NearestPixels
{
    private readonly int _size;
    private readonly int[] _row, _from, _begin;

    /// <summary>Makes room for pictures of one size.</summary>
    /// <param name="size">S.</param>
    public NearestPixels(int size) => (_size, _row, _from, _begin) = (size, new int[size * size], new int[size], new int[size]);

    /// <summary>Finds the nearest pixels.</summary>
    /// <param name="chosen">The pixels of which one is found [S,S].</param>
    /// <param name="nearest">Receives the index of the nearest one for each pixel [S,S], itself where it is chosen; -1 everywhere where
    /// none is chosen.</param>
    public void Find(ReadOnlySpan<bool> chosen, Span<int> nearest)
    {
        for (int x = 0; x < _size; x++)
            AlongColumn(chosen, x);
        for (int y = 0; y < _size; y++)
            AlongRow(y, nearest.Slice(y * _size, _size));
    }

    /// <summary>The row of the nearest chosen pixel of the same column; -1 for none.</summary>
    private void AlongColumn(ReadOnlySpan<bool> chosen, int x)
    {
        int last = -1;
        for (int y = 0, i = x; y < _size; y++, i += _size)
            _row[i] = last = chosen[i] ? y : last;
        int next = -1;
        for (int y = _size - 1, i = y * _size + x; y >= 0; y--, i -= _size)
        {
            next = chosen[i] ? y : next;
            if (next >= 0 && (_row[i] < 0 || next - y < y - _row[i]))
                _row[i] = next;
        }
    }

    private void AlongRow(int y, Span<int> nearest)
    {
        // The columns of the envelope, and where each begins to be the nearest.
        int count = 0;
        for (int x = 0; x < _size; x++)
        {
            if (_row[y * _size + x] < 0)
                continue;
            while (count > 0 && Squared(_begin[count - 1], _from[count - 1], y) > Squared(_begin[count - 1], x, y))
                count--;
            int begin = count == 0 ? 0 : 1 + Crossing(_from[count - 1], x, y);
            if (begin < _size)
                (_from[count], _begin[count++]) = (x, begin);
        }
        int k = 0;
        for (int x = 0; x < _size; x++)
        {
            while (k + 1 < count && _begin[k + 1] <= x)
                k++;
            nearest[x] = count == 0 ? -1 : _row[y * _size + _from[k]] * _size + _from[k];
        }
    }

    /// <summary>The last pixel of the row that is no nearer to the right column's than to the left one's.</summary>
    private int Crossing(int left, int right, int y) => (Own(right, y) + right * right - Own(left, y) - left * left) / (2 * (right - left));

    private int Squared(int x, int column, int y) => (x - column) * (x - column) + Own(column, y);

    /// <summary>The squared distance along the column.</summary>
    private int Own(int column, int y)
    {
        int d = _row[y * _size + column] - y;
        return d * d;
    }
}
