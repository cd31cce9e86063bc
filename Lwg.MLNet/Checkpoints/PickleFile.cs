namespace Lwg.MLNet.Checkpoints;

/// <summary>Pickle files on disk.</summary>
internal static class PickleFile
{
    /// <summary>How many bytes each byte of a pickle may become: texts that are bytes, and arrays that are made of others.</summary>
    public const int Ratio = 16;

    private const long MaximumBytes = 1L << 31;

    /// <summary>Reads a file that holds one dictionary.</summary>
    /// <exception cref="ModelFileException">It is missing, damaged, or holds something else.</exception>
    public static PickledArchive ReadDictionary(string path)
    {
        using FileStream file = NumpyArchive.OpenForReading(path);
        return ReadDictionary(file, path);
    }

    /// <summary>Reads a stream that holds one dictionary.</summary>
    public static PickledArchive ReadDictionary(Stream stream, string source)
    {
        if (stream.Length > MaximumBytes)
            throw new ModelFileException(source, null, $"it has {stream.Length} bytes; pickles have at most {MaximumBytes}.");
        var budget = new ReadBudget(source, stream.Length, Ratio);
        using var buffered = new BufferedStream(stream, 1 << 16);
        return PickleReader.Read(buffered, source, budget) is PickledDictionary dictionary
            ? new PickledArchive(dictionary, source, budget) : throw new ModelFileException(source, null, "the pickle in it holds no dictionary.");
    }

    /// <summary>Whether a file begins as a zip does.</summary>
    public static bool IsZip(Stream stream)
    {
        Span<byte> start = stackalloc byte[4];
        int read = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == 4 && start is [(byte)'P', (byte)'K', 3, 4];
    }
}
