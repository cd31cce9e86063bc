using System.IO.Compression;

namespace Lwg.MLNet.Checkpoints;

/// <summary>
/// Reads an untrusted zip file. Its entries must not overlap. An entry may claim at most a fixed multiple of its size in the file (plus
/// the allowance), and all entries together at most the file's budget. No memory is allocated for sizes that are only claimed.
/// </summary>
internal sealed class ZipReader : IDisposable
{
    /// <summary>The number of bytes that each byte of the file may expand to.</summary>
    public const int Ratio = 200;

    /// <summary>The maximum number of entries.</summary>
    public const int MostEntries = 100_000;

    private const int FirstPiece = 1 << 20;

    private readonly string _source;
    private readonly int _ratio;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];
    private readonly HashSet<ZipArchiveEntry> _paid = [];

    /// <summary>Opens a zip file and checks its directory.</summary>
    /// <param name="stream">A seekable stream; disposed with the reader unless <paramref name="leaveOpen"/> is set.</param>
    /// <param name="source">The name of the file, for errors.</param>
    /// <param name="leaveOpen">Whether the stream stays open, even if opening fails.</param>
    /// <param name="ratio">The number of bytes that each byte of the file may expand to.</param>
    /// <exception cref="InvalidDataException">The stream is not a zip file.</exception>
    /// <exception cref="ModelFileException">There are too many entries, or they overlap.</exception>
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

    /// <summary>The read budget of the file.</summary>
    public ReadBudget Budget { get; }

    /// <summary>The entries, in the order of the file.</summary>
    public IReadOnlyCollection<ZipArchiveEntry> Entries => _zip.Entries;

    /// <summary>Returns the entry with a name, the last one if there are several; null if there is none.</summary>
    public ZipArchiveEntry? Find(string name) => _entries.GetValueOrDefault(name);

    /// <summary>Opens an entry. Opening it again is not charged again.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="name">The name of the entry in errors.</param>
    /// <param name="limit">The maximum number of bytes.</param>
    /// <exception cref="ModelFileException">The entry claims more than is allowed.</exception>
    public Stream Open(ZipArchiveEntry entry, string name, long limit)
    {
        Check(entry, name, limit);
        return entry.Open();
    }

    /// <summary>Charges an entry to the budget.</summary>
    /// <exception cref="ModelFileException">The entry claims more than is allowed.</exception>
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

    /// <summary>Reads an entry piece by piece, so an entry that claims more than it contains allocates at most about twice its real
    /// size.</summary>
    /// <exception cref="ModelFileException">The entry claims more than is allowed.</exception>
    /// <exception cref="InvalidDataException">The entry is damaged.</exception>
    /// <exception cref="EndOfStreamException">The entry is truncated.</exception>
    public byte[] Read(ZipArchiveEntry entry, string name, long limit)
    {
        using Stream stream = Open(entry, name, Math.Min(limit, Array.MaxLength));
        return ReadPieces(stream, (int)entry.Length);
    }

    /// <summary>Reads a number of bytes from a stream that may contain fewer, without allocating them all at once.</summary>
    /// <exception cref="EndOfStreamException">The stream contains fewer bytes.</exception>
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
                    $"up to this entry the entries take more than the {length} bytes of the file: they overlap, which is not "
                    + $"allowed.");
            left -= entry.CompressedLength;
            _entries[entry.FullName] = entry;
        }
    }
}
