namespace Lwg.MLNet.Warping;

/// <summary>
/// Finds the nearest of a set of pixels for each pixel, exactly and in linear time: columns first, then the lower envelope of a parabola
/// for each column (Meijster et al. 2000; Felzenszwalb and Huttenlocher 2012), in integers. Holds scratch buffers; use an instance on one
/// thread at a time.
/// </summary>
internal sealed class NearestPixels
{
    private readonly int _size;
    private readonly int[] _row, _from, _begin;

    /// <summary>Allocates buffers for pictures of one size.</summary>
    /// <param name="size">S.</param>
    public NearestPixels(int size) => (_size, _row, _from, _begin) = (size, new int[size * size], new int[size], new int[size]);

    /// <summary>Finds the nearest pixels.</summary>
    /// <param name="chosen">The set of pixels to find [S,S].</param>
    /// <param name="nearest">Receives the index of the nearest chosen pixel for each pixel [S,S], its own if it is chosen; -1 everywhere
    /// if none is chosen.</param>
    public void Find(ReadOnlySpan<bool> chosen, Span<int> nearest)
    {
        for (int x = 0; x < _size; x++)
            AlongColumn(chosen, x);
        for (int y = 0; y < _size; y++)
            AlongRow(y, nearest.Slice(y * _size, _size));
    }

    /// <summary>Computes the row of the nearest chosen pixel of the same column; -1 for none.</summary>
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
        // The columns of the envelope, and where each becomes the nearest.
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

    /// <summary>Returns the last pixel of the row that is at least as near to the left column's pixel as to the right one's.</summary>
    private int Crossing(int left, int right, int y) => (Own(right, y) + right * right - Own(left, y) - left * left) / (2 * (right - left));

    private int Squared(int x, int column, int y) => (x - column) * (x - column) + Own(column, y);

    /// <summary>Returns the squared distance along the column.</summary>
    private int Own(int column, int y)
    {
        int d = _row[y * _size + column] - y;
        return d * d;
    }
}
