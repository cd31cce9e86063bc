using System.IO.Compression;

namespace Lwg.MLNet.Checkpoints;

/// <summary>
/// A zip file from outside. Its entries must not lie over each other, one must not claim more than a number of times what it takes in the
/// file (and the allowance on top), and all together no more than the file's budget. Nothing is allocated for what is only claimed.
/// </summary>
internal sealed class ZipReader : IDisposable
{
    /// <summary>How many bytes each byte of the file may become.</summary>
    public const int Ratio = 200;

    /// <summary>How many entries there may be.</summary>
    public const int MostEntries = 100_000;

    private const int FirstPiece = 1 << 20;

    private readonly string _source;
    private readonly int _ratio;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];
    private readonly HashSet<ZipArchiveEntry> _paid = [];

    /// <summary>Opens a zip file and looks at its directory.</summary>
    /// <param name="stream">A stream that can seek; disposed with this unless it is left open.</param>
    /// <param name="source">The file's name, for errors.</param>
    /// <param name="leaveOpen">Whether the stream outlives this, also where it cannot be opened.</param>
    /// <param name="ratio">How many bytes each byte of the file may become.</param>
    /// <exception cref="InvalidDataException">It is not a zip file.</exception>
    /// <exception cref="ModelFileException">It has too many entries, or they lie over each other.</exception>
    public ZipReader(Stream stream, string source, bool leaveOpen, int ratio = Ratio)
    {
        (_source, _ratio) = (source, ratio);
        try
        {
            _zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen);
            Budget = new ReadBudget(source, stream.Length, ratio);
            CheckDirectory(stream.Length);
        }
        catch
        {
            _zip?.Dispose();
            if (!leaveOpen)
                stream.Dispose();
            throw;
        }
    }

    /// <summary>What the file may take.</summary>
    public ReadBudget Budget { get; }

    /// <summary>The entries, in the order of the file.</summary>
    public IReadOnlyCollection<ZipArchiveEntry> Entries => _zip.Entries;

    /// <summary>The entry of a name, the last one where there are several; null where there is none.</summary>
    public ZipArchiveEntry? Find(string name) => _entries.GetValueOrDefault(name);

    /// <summary>Opens an entry. Whoever opens it again does not pay again.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="limit">How many bytes it may have.</param>
    /// <exception cref="ModelFileException">It claims more than is allowed.</exception>
    public Stream Open(ZipArchiveEntry entry, string name, long limit)
    {
        Check(entry, name, limit);
        return entry.Open();
    }

    /// <summary>Takes an entry out of the budget.</summary>
    /// <exception cref="ModelFileException">It claims more than is allowed.</exception>
    public void Check(ZipArchiveEntry entry, string name, long limit)
    {
        if (entry.Length > limit)
            throw new ModelFileException(_source, name, $"it claims {entry.Length} bytes; at most {limit} are allowed.");
        if (entry.Length > ReadBudget.Allowance + _ratio * entry.CompressedLength)
            throw new ModelFileException(_source, name,
                $"it claims {entry.Length} bytes out of {entry.CompressedLength}; at most {_ratio} times as many and "
                + $"{ReadBudget.Allowance} are unpacked.");
        if (_paid.Add(entry))
            Budget.Take(entry.Length, name);
    }

    /// <summary>Reads an entry, piece by piece, so that one that claims more than it holds takes no more than about twice what it
    /// holds.</summary>
    /// <exception cref="ModelFileException">It claims more than is allowed.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    /// <exception cref="EndOfStreamException">It is cut short.</exception>
    public byte[] Read(ZipArchiveEntry entry, string name, long limit)
    {
        using Stream stream = Open(entry, name, Math.Min(limit, Array.MaxLength));
        return ReadPieces(stream, (int)entry.Length);
    }

    /// <summary>Reads so many bytes from a stream of which it is not known whether it has them.</summary>
    /// <exception cref="EndOfStreamException">It has fewer.</exception>
    public static byte[] ReadPieces(Stream stream, int length)
    {
        byte[] bytes = new byte[Math.Min(length, FirstPiece)];
        stream.ReadExactly(bytes);
        while (bytes.Length < length)
        {
            int have = bytes.Length;
            Array.Resize(ref bytes, (int)Math.Min(length, 2L * have));
            stream.ReadExactly(bytes.AsSpan(have));
        }
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    private void CheckDirectory(long length)
    {
        if (_zip.Entries.Count > MostEntries)
            throw new ModelFileException(_source, null, $"it has {_zip.Entries.Count} entries; at most {MostEntries} are allowed.");
        Budget.TakeItems(_zip.Entries.Count, "entries");
        long left = length;
        foreach (ZipArchiveEntry entry in _zip.Entries)
        {
            if (entry.CompressedLength < 0 || entry.CompressedLength > left)
                throw new ModelFileException(_source, entry.FullName,
                    $"up to this entry the entries take more than the {length} bytes of the file: they lie over each other, which is not "
                    + $"allowed.");
            left -= entry.CompressedLength;
            _entries[entry.FullName] = entry;
        }
    }
}
