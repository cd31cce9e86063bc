namespace Lwg.MLNet.Cluster;

/// <summary>A set of range numbers, stored as intervals. Ranges are assigned nearly in order, so its size depends on the number of
/// assigned ranges, not on the length of the job.</summary>
internal sealed class RangeSet
{
    // Pairs of the first number of an interval and the one after its last, in order; intervals do not touch.
    private readonly List<int> _bounds;

    public RangeSet(IEnumerable<int>? bounds = null)
    {
        _bounds = [.. bounds ?? []];
        Count = _bounds.Chunk(2).Sum(pair => pair[1] - pair[0]);
    }

    /// <summary>The count of numbers.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the intervals in the format of the constructor.</summary>
    public int[] ToBounds() => [.. _bounds];

    public bool Contains(int number) => Place(number) % 2 == 1;

    /// <summary>Adds a number; false if it is already in the set.</summary>
    public bool Add(int number)
    {
        int at = Place(number);
        if (at % 2 == 1)
            return false;
        Count++;
        bool touchesLeft = at > 0 && _bounds[at - 1] == number, touchesRight = at < _bounds.Count && _bounds[at] == number + 1;
        if (touchesLeft && touchesRight)
            _bounds.RemoveRange(at - 1, 2);
        else if (touchesLeft)
            _bounds[at - 1] = number + 1;
        else if (touchesRight)
            _bounds[at] = number;
        else
            _bounds.InsertRange(at, [number, number + 1]);
        return true;
    }

    /// <summary>Returns the smallest number from <paramref name="from"/> on that is not in the set.</summary>
    public int NextMissing(int from)
    {
        int at = Place(from);
        return at % 2 == 1 ? _bounds[at] : from;
    }

    // Returns how many bounds are at most the number: odd within an interval.
    private int Place(int number)
    {
        int at = _bounds.BinarySearch(number);
        return at >= 0 ? at + 1 : ~at;
    }
}
