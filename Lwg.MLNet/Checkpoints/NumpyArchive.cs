using System.IO.Compression;

namespace Lwg.MLNet.Checkpoints;

/// <summary>A source of arrays by name.</summary>
internal interface INumpyArrays
{
    bool Contains(string name);

    NumpyArray Read(string name);
}

/// <summary>A .npz file (a zip of .npy arrays). Arrays are read one by one.</summary>
internal sealed class NumpyArchive : INumpyArrays, IDisposable
{
    private const long EntryLimit = 1L << 31;

    private readonly string _source;
    private readonly ZipReader _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];

    /// <summary>Opens an archive.</summary>
    /// <param name="stream">A seekable stream; disposed with the archive unless <paramref name="leaveOpen"/> is set.</param>
    /// <param name="source">The name of the file, for errors.</param>
    /// <param name="leaveOpen">Whether the stream stays open when the archive is disposed.</param>
    /// <exception cref="ModelFileException">The stream is not a zip file, or its entries overlap.</exception>
    public NumpyArchive(Stream stream, string source, bool leaveOpen = false)
    {
        _source = source;
        try
        {
            _zip = new ZipReader(stream, source, leaveOpen);
            foreach (ZipArchiveEntry entry in _zip.Entries)
            {
                if (entry.FullName.EndsWith(".npy", StringComparison.Ordinal))
                    _entries[entry.FullName[..^4]] = entry;
            }
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(source, null, "it is not a complete .npz (zip) file.", e);
        }
    }

    /// <summary>Opens an archive file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is missing or not a zip file.</exception>
    public static NumpyArchive Open(string path) => new(OpenForReading(path), path);

    /// <summary>The names of the arrays.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Whether the file contains an array with this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>Reads one array. All arrays of a file together may have at most 64 MB plus 200 times the bytes of the file.</summary>
    /// <param name="name">The name of the array, without .npy.</param>
    /// <exception cref="ModelFileException">The array is missing, damaged, too large, or not numeric.</exception>
    public NumpyArray Read(string name)
    {
        if (!_entries.TryGetValue(name, out ZipArchiveEntry? entry))
            throw new ModelFileException(_source, name, $"the array is missing; the file contains {Listing.Of(_entries.Keys)}.");
        try
        {
            using Stream stream = _zip.Open(entry, name, EntryLimit);
            return NumpyArray.Read(stream, _source, name, entry.Length);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(_source, name, "it is damaged.", e);
        }
    }

    // The sparse matrix of a body may be stored in an object array.
    NumpyArray INumpyArrays.Read(string name) => _entries.ContainsKey(name) && ReadHeader(name).Type.Contains('O', StringComparison.Ordinal)
        ? new PickledArrays(_source, Budget).ToArray(ReadObjects(name), name) : Read(name);

    /// <summary>Reads the header of an array of any element type, and nothing else of it.</summary>
    internal NumpyHeader ReadHeader(string name)
    {
        try
        {
            using Stream stream = _entries[name].Open();
            return NumpyHeader.Read(stream, _source, name);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(_source, name, "it is damaged.", e);
        }
    }

    /// <summary>Reads the objects of an object array: a list, or one object if it is a scalar.</summary>
    internal object? ReadObjects(string name)
    {
        try
        {
            using var memory = new MemoryStream(_zip.Read(_entries[name], name, EntryLimit));
            NumpyHeader header = NumpyHeader.Read(memory, _source, name);
            object? pickled = PickleReader.Read(memory, _source, _zip.Budget);
            if (pickled is not PickledCall { State: PickledTuple { Items: [_, PickledTuple, _, _, List<object?> items] } })
                throw new ModelFileException(_source, name, "its objects are not what numpy writes.");
            return header.Shape.Length == 0 && items.Count == 1 ? items[0] : items;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new ModelFileException(_source, name, "it is damaged.", e);
        }
    }

    /// <summary>The read budget of the file.</summary>
    internal ReadBudget Budget => _zip.Budget;

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    internal static FileStream OpenForReading(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFileException(path, null, "there is no such file.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new ModelFileException(path, null, "it cannot be opened: " + e.Message, e);
        }
    }
}

/// <summary>Writes a .npz file whose bytes depend only on the arrays (fixed time stamps, order of the calls).</summary>
internal sealed class NumpyArchiveWriter : IDisposable
{
    private readonly ZipArchive _zip;

    /// <summary>Begins an archive.</summary>
    /// <param name="stream">The target stream; left open.</param>
    public NumpyArchiveWriter(Stream stream) => _zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);

    /// <summary>Adds an array of floats.</summary>
    public void Add(string name, ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        using Stream stream = Start(name);
        NumpyArray.Write(stream, values, shape);
    }

    /// <summary>Adds an array of integers.</summary>
    public void Add(string name, ReadOnlySpan<int> values, params ReadOnlySpan<int> shape)
    {
        using Stream stream = Start(name);
        NumpyArray.Write(stream, values, shape);
    }

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    private Stream Start(string name)
    {
        ZipArchiveEntry entry = _zip.CreateEntry(name + ".npy", CompressionLevel.SmallestSize);
        entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return entry.Open();
    }
}
