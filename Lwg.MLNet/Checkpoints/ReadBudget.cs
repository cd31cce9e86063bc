namespace Lwg.MLNet.Checkpoints;

/// <summary>The limits for reading one file: bytes created from its content, and items (objects of a pickle, entries of a zip file). All
/// readers of a file share one budget, so a file cannot exceed it in many small steps.</summary>
internal sealed class ReadBudget
{
    /// <summary>The number of bytes that any file may expand to, however small it is.</summary>
    public const long Allowance = 64 << 20;

    /// <summary>The maximum number of bytes that a file may expand to, unless four times its length is more.</summary>
    public const long Most = 8L << 30;

    /// <summary>The maximum number of items of a file.</summary>
    public const long MostItems = 4_000_000;

    private readonly string _source;
    private readonly string _rule;
    private long _bytes, _items;

    /// <summary>Creates the budget of a file.</summary>
    /// <param name="source">The name of the file, for errors.</param>
    /// <param name="length">The length of the file in bytes.</param>
    /// <param name="ratio">The number of bytes that each byte of the file may expand to, in addition to the allowance.</param>
    public ReadBudget(string source, long length, int ratio)
    {
        _source = source;
        Bytes = Math.Max(4 * length, Math.Min(Allowance + ratio * length, Most));
        _rule = $"{Bytes} are allowed for a file of {length} ({ratio} for each and {Allowance} on top, but not more than {Most} or 4 for "
            + $"each)";
    }

    /// <summary>The total number of bytes allowed.</summary>
    public long Bytes { get; }

    /// <summary>Charges bytes before they are allocated.</summary>
    /// <param name="count">The number of bytes.</param>
    /// <param name="entry">The entry that needs them; null for the file as a whole.</param>
    /// <exception cref="ModelFileException">The budget is exhausted.</exception>
    public void Take(long count, string? entry)
    {
        if (count < 0 || count > Bytes - _bytes)
            throw new ModelFileException(_source, entry, $"it needs {count} bytes more after {_bytes}; {_rule}.");
        _bytes += count;
    }

    /// <summary>Charges items.</summary>
    /// <param name="count">The number of items.</param>
    /// <param name="kind">The name of the items, in the plural.</param>
    /// <exception cref="ModelFileException">The budget is exhausted.</exception>
    public void TakeItems(long count, string kind)
    {
        if (count < 0 || count > MostItems - _items)
            throw new ModelFileException(_source, null, $"it has more than {MostItems} {kind}, which is the maximum.");
        _items += count;
    }
}
