namespace Lwg.MLNet.Checkpoints;

/// <summary>
/// What the reading of one file may take: bytes that are made of its content, and items (objects of a pickle, entries of a zip file). All
/// readers of a file draw on the same budget, so that it does not matter by how many small steps a file asks for too much.
/// </summary>
internal sealed class ReadBudget
{
    /// <summary>How many bytes any file may become, however small it is.</summary>
    public const long Allowance = 64 << 20;

    /// <summary>How many bytes a file may become at most, unless four times its own length is more.</summary>
    public const long Most = 8L << 30;

    /// <summary>How many items a file may have.</summary>
    public const long MostItems = 4_000_000;

    private readonly string _source;
    private readonly string _rule;
    private long _bytes, _items;

    /// <summary>Makes the budget of a file.</summary>
    /// <param name="source">The file's name, for errors.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <param name="ratio">How many bytes each of them may become, on top of the allowance.</param>
    public ReadBudget(string source, long length, int ratio)
    {
        _source = source;
        Bytes = Math.Max(4 * length, Math.Min(Allowance + ratio * length, Most));
        _rule = $"{Bytes} are allowed for a file of {length} ({ratio} for each and {Allowance} on top, but not more than {Most} or 4 for "
            + $"each)";
    }

    /// <summary>How many bytes are allowed in all.</summary>
    public long Bytes { get; }

    /// <summary>Takes bytes, before they are allocated.</summary>
    /// <param name="count">How many.</param>
    /// <param name="entry">What they are needed for; null for the file as a whole.</param>
    /// <exception cref="ModelFileException">There are not so many left.</exception>
    public void Take(long count, string? entry)
    {
        if (count < 0 || count > Bytes - _bytes)
            throw new ModelFileException(_source, entry, $"it needs {count} bytes more after {_bytes}; {_rule}.");
        _bytes += count;
    }

    /// <summary>Takes items.</summary>
    /// <param name="count">How many.</param>
    /// <param name="kind">What they are, in the plural.</param>
    /// <exception cref="ModelFileException">There are not so many left.</exception>
    public void TakeItems(long count, string kind)
    {
        if (count < 0 || count > MostItems - _items)
            throw new ModelFileException(_source, null, $"it has more than {MostItems} {kind}; that is the most that is allowed.");
        _items += count;
    }
}
