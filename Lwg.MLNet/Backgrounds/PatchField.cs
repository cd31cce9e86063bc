using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Backgrounds;

/// <summary>
/// For each patch that touches a picture's hole, the most similar patch outside the hole, found by PatchMatch (Barnes et al. 2009): good
/// matches are propagated to neighbours, and their surroundings are searched at random from a seed. A patch is identified by its upper
/// left pixel. All values are integers, so that results are the same on every machine. Use an instance on one thread at a time.
/// </summary>
internal sealed class PatchField
{
    /// <summary>The side of a patch.</summary>
    public const int Side = 8;

    /// <summary>The most by which a patch may be made lighter or darker when it is copied.</summary>
    public const int LargestBias = 24;

    private const int Area = Side * Side;

    // Rooms and streets continue sideways rather than upwards: a patch a quarter of the picture higher or lower costs as much as a
    // difference of 3 of 255, one at the same distance sideways half of that.
    private const int HeightCost = 27_648, SideCost = 6_912;

    // A difference in lightness costs a quarter of the same difference in colour.
    private const int BiasShare = 4;

    private readonly PatchPicture _picture;
    private readonly int _size;
    private readonly ushort[] _sums;
    private readonly int[] _targets, _sources, _source, _cost;
    private readonly bool[] _isSource;
    private readonly int[] _distance;
    private uint _random;

    /// <summary>Collects the patches to fill and the patches to search.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="seed">The seed of the random search.</param>
    public PatchField(PatchPicture picture, uint seed)
    {
        (_picture, _size, _random) = (picture, picture.Size, seed * 2654435769u | 1);
        int n = _size * _size;
        (_sums, _source, _cost, _isSource) = (new ushort[4 * n], new int[n], new int[n], new bool[n]);
        int[] hole = Corners(picture.Hole), hidden = Corners(picture.Hidden);
        List<int> targets = [], sources = [];
        for (int y = 0; y + Side <= _size; y++)
        {
            for (int x = 0; x + Side <= _size; x++)
            {
                int i = y * _size + x;
                _source[i] = -1;
                if (Inside(hole, x, y) > 0)
                    targets.Add(i);
                if (Inside(hidden, x, y) > 0)
                    continue;
                _isSource[i] = true;
                sources.Add(i);
            }
        }
        (_targets, _sources) = ([.. targets], [.. sources]);
        _distance = Distances(picture.Hole);
    }

    /// <summary>Whether there are patches to copy from.</summary>
    public bool HasSources => _sources.Length > 0;

    /// <summary>The patches that touch the hole.</summary>
    public ReadOnlySpan<int> Targets => _targets;

    /// <summary>The sum of the costs of all patches.</summary>
    public long Energy
    {
        get
        {
            long sum = 0;
            foreach (int t in _targets)
                sum += _cost[t];
            return sum;
        }
    }

    /// <summary>Returns the current source of a target.</summary>
    public int SourceOf(int target) => _source[target];

    /// <summary>Starts with random sources.</summary>
    public void Begin()
    {
        foreach (int t in _targets)
            _source[t] = _sources[Next(_sources.Length)];
    }

    /// <summary>Starts with the sources found at half the size.</summary>
    public void Begin(PatchField half)
    {
        int last = half._size - Side, end = _size - Side;
        foreach (int t in _targets)
        {
            int x = t % _size, y = t / _size, s = half._source[Math.Min(y / 2, last) * half._size + Math.Min(x / 2, last)];
            int found = -1;
            if (s >= 0)
            {
                int u = 2 * (s % half._size) + x % 2, v = 2 * (s / half._size) + y % 2;
                if (u <= end && v <= end && _isSource[v * _size + u])
                    found = v * _size + u;
            }
            _source[t] = found >= 0 ? found : _sources[Next(_sources.Length)];
        }
    }

    /// <summary>Updates sums and costs after the hole was filled again.</summary>
    public void Refresh()
    {
        SumPatches();
        foreach (int t in _targets)
            _cost[t] = Cost(t, _source[t], int.MaxValue);
    }

    /// <summary>Passes over all patches once.</summary>
    /// <param name="backwards">Whether to go from the last to the first.</param>
    /// <param name="reach">The radius of the random search around the best match, in pixels.</param>
    public void Search(bool backwards, int reach)
    {
        int step = backwards ? -1 : 1;
        for (int k = backwards ? _targets.Length - 1 : 0; (uint)k < (uint)_targets.Length; k += step)
        {
            int t = _targets[k], x = t % _size, y = t / _size;
            if ((uint)(x - step) < (uint)_size)
                HandOn(t, t - step, step);
            if ((uint)(y - step) < (uint)_size)
                HandOn(t, t - step * _size, step * _size);
            for (int radius = reach; radius > 0; radius /= 2)
            {
                int s = _source[t], u = s % _size + Next(2 * radius + 1) - radius, v = s / _size + Next(2 * radius + 1) - radius;
                if ((uint)u < (uint)_size && (uint)v < (uint)_size && _isSource[v * _size + u])
                    Try(t, v * _size + u);
            }
        }
    }

    /// <summary>Returns the least cost over all patches; for tests.</summary>
    public int LeastCost(int target)
    {
        int least = int.MaxValue;
        foreach (int s in _sources)
            least = Math.Min(least, Cost(target, s, least));
        return least;
    }

    /// <summary>Fills the hole with the weighted mean of all patches over each pixel. Similar patches have a higher weight, and so do
    /// those near the hole's edge.</summary>
    /// <param name="sums">[S,S,4]: receives 16 times the weighted sums of the colours, and the sum of the weights.</param>
    /// <param name="sharp">Whether the best patches decide almost alone.</param>
    public void Vote(int[] sums, bool sharp)
    {
        Array.Clear(sums);
        long usual = UsualCost;
        foreach (int t in _targets)
            Add(t, _source[t], Weight(t, usual, sharp), sums);
        byte[] pixels = _picture.Pixels;
        bool[] hole = _picture.Hole;
        for (int i = 0; i < hole.Length; i++)
        {
            if (!hole[i])
                continue;
            int weight = 16 * sums[4 * i + 3];
            for (int c = 4 * i; c < 4 * i + 3; c++)
                pixels[c] = (byte)Math.Clamp((sums[c] + weight / 2) / weight, 0, 255);
        }
    }

    /// <summary>Computes the spread of the last votes: for each pixel of the hole the weighted mean of their differences from the pixel's
    /// colour, summed over the three channels, in sixteenths.</summary>
    /// <param name="sums">The output of <see cref="Vote"/>.</param>
    /// <param name="sharp">As for <see cref="Vote"/>.</param>
    /// <param name="spread">Receives [S,S]; 0 outside the hole.</param>
    public void Spread(int[] sums, bool sharp, int[] spread)
    {
        Array.Clear(spread);
        long usual = UsualCost;
        int[] shift = new int[3];
        byte[] pixels = _picture.Pixels;
        bool[] hole = _picture.Hole;
        foreach (int t in _targets)
        {
            int s = _source[t], weight = Weight(t, usual, sharp);
            for (int c = 0; c < 3; c++)
                shift[c] = BiasOf(_sums[4 * t + c] - _sums[4 * s + c]);
            for (int row = 0; row < Side; row++)
            {
                int to = t + row * _size, from = 4 * (s + row * _size);
                for (int x = 0; x < Side; x++, to++, from += 4)
                {
                    if (hole[to])
                        spread[to] += weight * (Math.Abs(pixels[from] + shift[0] - pixels[4 * to])
                            + Math.Abs(pixels[from + 1] + shift[1] - pixels[4 * to + 1])
                            + Math.Abs(pixels[from + 2] + shift[2] - pixels[4 * to + 2]));
                }
            }
        }
        for (int i = 0; i < hole.Length; i++)
        {
            if (hole[i])
                spread[i] = (int)(16L * spread[i] / sums[4 * i + 3]);
        }
    }

    /// <summary>Chooses one patch for each pixel of the hole: of the patches over it, those with the same offset count together, and the
    /// offset that counts most is chosen. Unlike the mean of all patches, this keeps texture sharp where patches disagree.</summary>
    /// <returns>[S,S]: the distance from the pixel to the one that is copied, in pixels of the array; 0 outside the hole.</returns>
    public int[] Offsets()
    {
        long usual = UsualCost;
        int[] weights = new int[_source.Length], chosen = new int[_source.Length];
        foreach (int t in _targets)
            weights[t] = Weight(t, usual, sharp: true);
        Span<int> offsets = stackalloc int[Area], votes = stackalloc int[Area];
        for (int i = 0; i < _picture.Hole.Length; i++)
        {
            if (_picture.Hole[i])
                chosen[i] = BestOffset(i, weights, offsets, votes);
        }
        return chosen;
    }

    private int BestOffset(int pixel, int[] weights, Span<int> offsets, Span<int> votes)
    {
        int count = 0, best = 0;
        (int left, int right, int top, int bottom) = PatchesOver(pixel);
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                int t = y * _size + x, offset = _source[t] - t, k = offsets[..count].IndexOf(offset);
                if (k < 0)
                    (k, offsets[count], votes[count]) = (count++, offset, 0);
                votes[k] += weights[t];
                if (votes[k] > votes[best])
                    best = k;
            }
        }
        return offsets[best];
    }

    // The upper left pixels of the patches over a pixel.
    private (int Left, int Right, int Top, int Bottom) PatchesOver(int pixel)
    {
        int x = pixel % _size, y = pixel / _size, last = _size - Side;
        return (Math.Max(x - Side + 1, 0), Math.Min(x, last), Math.Max(y - Side + 1, 0), Math.Min(y, last));
    }

    private long UsualCost => (_targets.Length == 0 ? 0 : Energy / _targets.Length) / 2 + 256;

    private int Weight(int target, long usual, bool sharp)
    {
        // In 0 to 16.
        int likeness = (int)(16 * usual / (usual + _cost[target])), weight = sharp ? likeness * likeness * likeness / 16
            : likeness * likeness;
        return Math.Max(weight * Confidence(target) / 64, 1);
    }

    private int Confidence(int target) => Math.Max(64 - 4 * _distance[target + (Side / 2) * (_size + 1)], 8);

    private void HandOn(int target, int neighbour, int shift)
    {
        int s = _source[neighbour];
        if (s < 0)
            return;
        // An index beyond the picture's edge belongs to the next row. It is rejected if that pixel is hidden; otherwise it is a valid
        // guess.
        s += shift;
        if ((uint)s < (uint)_isSource.Length && _isSource[s] && s != _source[target])
            Try(target, s);
    }

    private void Try(int target, int source)
    {
        int cost = Cost(target, source, _cost[target]);
        if (cost < _cost[target])
            (_cost[target], _source[target]) = (cost, source);
    }

    /// <summary>Returns the cost of a match: the squared differences of the colours after the source is adjusted to the lightness of the
    /// target, and the distance between both.</summary>
    /// <param name="target">The target patch.</param>
    /// <param name="source">The source patch.</param>
    /// <param name="limit">The cost above which any value at least as large may be returned.</param>
    private int Cost(int target, int source, int limit)
    {
        int gain = 0;
        for (int c = 0; c < 3; c++)
        {
            int difference = _sums[4 * target + c] - _sums[4 * source + c], bias = BiasOf(difference);
            gain += 2 * bias * difference - Area * bias * bias - Area / BiasShare * bias * bias;
        }
        long across = target % _size - source % _size, down = target / _size - source / _size;
        int apart = (int)((HeightCost * down * down + SideCost * across * across) / (_size * _size)) - gain;
        long left = (long)limit - apart;
        if (left <= 0)
            return limit;
        ref byte a = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_picture.Pixels), 4 * target),
            b = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_picture.Pixels), 4 * source);
        int sum = 0;
        nuint stride = (nuint)(4 * _size);
        for (int row = 0; row < Side; row += 2)
        {
            sum += SquaredDifference(ref a, ref b, stride);
            if (sum >= left)
                return limit;
            a = ref Unsafe.Add(ref a, 2 * stride);
            b = ref Unsafe.Add(ref b, 2 * stride);
        }
        return sum + apart;
    }

    // Two rows of eight pixels. The squared difference of two bytes fits an unsigned 16-bit integer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SquaredDifference(ref byte a, ref byte b, nuint stride)
    {
        Vector256<byte> a0 = Vector256.LoadUnsafe(ref a), b0 = Vector256.LoadUnsafe(ref b), a1 = Vector256.LoadUnsafe(ref a, stride),
            b1 = Vector256.LoadUnsafe(ref b, stride);
        Vector256<byte> d0 = Vector256.Max(a0, b0) - Vector256.Min(a0, b0), d1 = Vector256.Max(a1, b1) - Vector256.Min(a1, b1);
        Vector256<uint> sum = Squares(Vector256.WidenLower(d0)) + Squares(Vector256.WidenUpper(d0)) + Squares(Vector256.WidenLower(d1))
            + Squares(Vector256.WidenUpper(d1));
        return (int)Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Squares(Vector256<ushort> difference)
    {
        Vector256<ushort> square = difference * difference;
        return Vector256.WidenLower(square) + Vector256.WidenUpper(square);
    }

    // In whole steps of 255, rounded to the nearest.
    private static int BiasOf(int difference) =>
        Math.Clamp((difference + (difference >= 0 ? Area / 2 : -Area / 2)) / Area, -LargestBias, LargestBias);

    private void Add(int target, int source, int weight, int[] sums)
    {
        // The bias in sixteenths, and 1 in the position of the weight.
        Vector128<int> bias = Vector128.Create(Sixteenths(target, source, 0), Sixteenths(target, source, 1),
            Sixteenths(target, source, 2), 1) * weight;
        Vector256<int> both = Vector256.Create(bias, bias);
        ref byte from = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_picture.Pixels), 4 * source);
        ref int to = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(sums), 4 * target);
        for (int row = 0; row < Side; row++)
        {
            Vector256<byte> pixels = Vector256.LoadUnsafe(ref from);
            Vector256<ushort> low = Vector256.WidenLower(pixels), high = Vector256.WidenUpper(pixels);
            Mix(Vector256.WidenLower(low).AsInt32(), both, weight, ref to, 0);
            Mix(Vector256.WidenUpper(low).AsInt32(), both, weight, ref to, 8);
            Mix(Vector256.WidenLower(high).AsInt32(), both, weight, ref to, 16);
            Mix(Vector256.WidenUpper(high).AsInt32(), both, weight, ref to, 24);
            from = ref Unsafe.Add(ref from, 4 * _size);
            to = ref Unsafe.Add(ref to, 4 * _size);
        }
    }

    // By how much a channel of a copied patch is made lighter, in sixteenths.
    private int Sixteenths(int target, int source, int c)
    {
        int difference = _sums[4 * target + c] - _sums[4 * source + c];
        return Math.Clamp((difference + (difference >= 0 ? 2 : -2)) / (Area / 16), -16 * LargestBias, 16 * LargestBias);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(Vector256<int> pixels, Vector256<int> bias, int weight, ref int sums, nuint at) =>
        (Vector256.LoadUnsafe(ref sums, at) + pixels * (16 * weight) + bias).StoreUnsafe(ref sums, at);

    /// <summary>Sums the colours of all patches with a window that slides along rows and then down.</summary>
    private void SumPatches()
    {
        byte[] pixels = _picture.Pixels;
        int stride = 4 * _size;
        ushort[] rows = _sums;
        // Along rows in place, each from its left end: the byte that leaves the window is still unchanged.
        for (int y = 0; y < _size; y++)
        {
            for (int c = 0; c < 3; c++)
            {
                int at = y * stride + c, sum = 0;
                for (int x = 0; x < Side; x++)
                    sum += pixels[at + 4 * x];
                for (int x = 0; x + Side <= _size; x++, at += 4)
                {
                    rows[at] = (ushort)sum;
                    if (x + Side < _size)
                        sum += pixels[at + 4 * Side] - pixels[at];
                }
            }
        }
        // Down: the sum of eight rows replaces the first of them.
        Span<int> column = new int[stride];
        for (int y = 0; y < Side; y++)
        {
            for (int i = 0; i < stride; i++)
                column[i] += rows[y * stride + i];
        }
        for (int y = 0; y + Side <= _size; y++)
        {
            for (int i = 0; i < stride; i++)
            {
                int leaving = rows[y * stride + i];
                rows[y * stride + i] = (ushort)column[i];
                if (y + Side < _size)
                    column[i] += rows[(y + Side) * stride + i] - leaving;
            }
        }
    }

    /// <summary>Returns a summed-area table [S+1,S+1]: the number of true elements above and to the left.</summary>
    private int[] Corners(bool[] map)
    {
        int stride = _size + 1;
        int[] corners = new int[stride * stride];
        for (int y = 0; y < _size; y++)
        {
            int sum = 0;
            for (int x = 0; x < _size; x++)
            {
                sum += map[y * _size + x] ? 1 : 0;
                corners[(y + 1) * stride + x + 1] = corners[y * stride + x + 1] + sum;
            }
        }
        return corners;
    }

    private int Inside(int[] corners, int x, int y)
    {
        int stride = _size + 1, top = y * stride + x, bottom = top + Side * stride;
        return corners[bottom + Side] - corners[bottom] - corners[top + Side] + corners[top];
    }

    /// <summary>Computes the distance of each pixel of the hole from known pixels, in steps.</summary>
    private int[] Distances(bool[] hole)
    {
        int[] distance = new int[hole.Length];
        for (int i = 0; i < hole.Length; i++)
        {
            if (hole[i])
                distance[i] = 1 + Math.Min(i % _size > 0 ? distance[i - 1] : 2 * _size, i >= _size ? distance[i - _size] : 2 * _size);
        }
        for (int i = hole.Length - 1; i >= 0; i--)
        {
            if (hole[i])
                distance[i] = Math.Min(distance[i], 1
                    + Math.Min(i % _size < _size - 1 ? distance[i + 1] : 2 * _size, i + _size < hole.Length ? distance[i + _size]
                    : 2 * _size));
        }
        return distance;
    }

    // Marsaglia's xorshift; the upper bits of a product replace a remainder.
    private int Next(int count)
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return (int)(((ulong)_random * (uint)count) >> 32);
    }
}
