namespace Lwg.MLNet.Cluster;

/// <summary>A set of ranges' numbers as few intervals: since ranges are lent nearly in their order, it takes no more room than what is lent
/// at a time, however long the job is.</summary>
internal sealed class RangeSet
{
    // Pairs of the first number of an interval and the one behind its last, in order; intervals do not touch.
    private readonly List<int> _bounds;

    public RangeSet(IEnumerable<int>? bounds = null)
    {
        _bounds = [.. bounds ?? []];
        Count = _bounds.Chunk(2).Sum(pair => pair[1] - pair[0]);
    }

    /// <summary>How many numbers there are.</summary>
    public int Count { get; private set; }

    /// <summary>The intervals, as the constructor takes them.</summary>
    public int[] ToBounds() => [.. _bounds];

    public bool Contains(int number) => Place(number) % 2 == 1;

    /// <summary>Adds a number; false if it was there.</summary>
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

    /// <summary>The least number of at least <paramref name="from"/> that is not there.</summary>
    public int NextMissing(int from)
    {
        int at = Place(from);
        return at % 2 == 1 ? _bounds[at] : from;
    }

    // How many bounds are at most the number: odd within an interval.
    private int Place(int number)
    {
        int at = _bounds.BinarySearch(number);
        return at >= 0 ? at + 1 : ~at;
    }
}
