using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Generation;

/// <summary>
/// For each patch that touches a picture's hole the patch outside of it that is most like it, found by PatchMatch (Barnes et al. 2009):
/// good neighbours are handed on, and the surroundings of what was found are searched at random, from a seed. A patch is named by its upper
/// left pixel. All numbers are integers, so that the same comes out everywhere. Serves one thread at a time.
/// </summary>
internal sealed class PatchField
{
    /// <summary>The side of a patch.</summary>
    public const int Side = 8;

    /// <summary>By how much a patch may be made lighter or darker where it is copied to.</summary>
    public const int LargestBias = 24;

    private const int Area = Side * Side;

    // Rooms and streets go on sideways rather than upwards: a patch from a quarter of the picture higher or lower counts as one that is off
    // by 3 of 255, one from the side as half of that.
    private const int HeightCost = 27_648, SideCost = 6_912;

    // A patch that is lighter by some amount is a quarter as bad as one that is off by that.
    private const int BiasShare = 4;

    private readonly PatchPicture _picture;
    private readonly int _size;
    private readonly ushort[] _sums;
    private readonly int[] _targets, _sources, _source, _cost;
    private readonly bool[] _isSource;
    private readonly int[] _distance;
    private uint _random;

    /// <summary>Finds out what there is to search.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="seed">Of the random search.</param>
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

    /// <summary>Whether there is anything to copy from.</summary>
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

    /// <summary>What is found so far: the source of a target.</summary>
    public int SourceOf(int target) => _source[target];

    /// <summary>Begins at random.</summary>
    public void Begin()
    {
        foreach (int t in _targets)
            _source[t] = _sources[Next(_sources.Length)];
    }

    /// <summary>Begins with what was found at half the size.</summary>
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

    /// <summary>Brings sums and costs up to date after the hole was filled anew.</summary>
    public void Refresh()
    {
        SumPatches();
        foreach (int t in _targets)
            _cost[t] = Cost(t, _source[t], int.MaxValue);
    }

    /// <summary>Goes over all patches once.</summary>
    /// <param name="backwards">Whether from the last to the first.</param>
    /// <param name="reach">How far from the best one it is searched at random, pixels.</param>
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

    /// <summary>The best of all patches: for tests.</summary>
    public int LeastCost(int target)
    {
        int least = int.MaxValue;
        foreach (int s in _sources)
            least = Math.Min(least, Cost(target, s, least));
        return least;
    }

    /// <summary>Fills the hole with the mean of all patches over each pixel. Like patches count more than others, and those near the hole's
    /// edge more than those deep in it.</summary>
    /// <param name="sums">[S,S,4]: receives 16 times the weighted sums of the colours, and the sum of the weights.</param>
    /// <param name="sharp">Whether the best patches are to decide almost alone.</param>
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

    /// <summary>How far apart the last votes were: for each pixel of the hole the weighted mean of their differences from the pixel's
    /// colour, the three channels together, in sixteenths.</summary>
    /// <param name="sums">What <see cref="Vote"/> gave.</param>
    /// <param name="sharp">As for that.</param>
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

    private long UsualCost => (_targets.Length == 0 ? 0 : Energy / _targets.Length) / 2 + 256;

    private int Weight(int target, long usual, bool sharp)
    {
        // 0 to 16.
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
        // What lies over the picture's edge is the next row's, and no source where that is hidden; where it is one, it is a guess like any
        // other.
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

    /// <summary>How unlike two patches are: squared differences of the colours, once the source is made as light as the target, and how far
    /// they are apart.</summary>
    /// <param name="target">A patch.</param>
    /// <param name="source">Another.</param>
    /// <param name="limit">From here on any number does.</param>
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

    // Two rows of eight pixels. A byte's difference squared fits 16 bits without a sign.
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

    // In whole numbers of 255; rounded to the nearest.
    private static int BiasOf(int difference) =>
        Math.Clamp((difference + (difference >= 0 ? Area / 2 : -Area / 2)) / Area, -LargestBias, LargestBias);

    private void Add(int target, int source, int weight, int[] sums)
    {
        // The bias in sixteenths, and 1 in the place of the weight.
        Vector128<int> bias = Vector128.Create(Sixteenths(0), Sixteenths(1), Sixteenths(2), 1) * weight;
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

        int Sixteenths(int c)
        {
            int difference = _sums[4 * target + c] - _sums[4 * source + c];
            return Math.Clamp((difference + (difference >= 0 ? 2 : -2)) / (Area / 16), -16 * LargestBias, 16 * LargestBias);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(Vector256<int> pixels, Vector256<int> bias, int weight, ref int sums, nuint at) =>
        (Vector256.LoadUnsafe(ref sums, at) + pixels * (16 * weight) + bias).StoreUnsafe(ref sums, at);

    /// <summary>The sums of the colours of all patches, by sliding a window along rows and then down.</summary>
    private void SumPatches()
    {
        byte[] pixels = _picture.Pixels;
        int stride = 4 * _size;
        ushort[] rows = _sums;
        // Along rows in place, each from its left end: the byte that leaves the window is still there.
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
        // Down: the sum of eight rows takes the place of the first of them.
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

    /// <summary>[S+1,S+1]: how many are true above and to the left.</summary>
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

    /// <summary>How many steps each pixel of the hole is from what is known.</summary>
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

    // Marsaglia's xorshift, and the upper bits of a product in place of a remainder.
    private int Next(int count)
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return (int)(((ulong)_random * (uint)count) >> 32);
    }
}
