namespace Lwg.MLNet.Checkpoints;

/// <summary>Pickle files on disk.</summary>
internal static class PickleFile
{
    private const long MaximumBytes = 1L << 31;

    /// <summary>Reads a file that holds one dictionary.</summary>
    /// <exception cref="ModelFileException">It is missing, damaged, or holds something else.</exception>
    public static PickledDictionary ReadDictionary(string path)
    {
        using FileStream file = NumpyArchive.OpenForReading(path);
        return ReadDictionary(file, path);
    }

    /// <summary>Reads a stream that holds one dictionary.</summary>
    public static PickledDictionary ReadDictionary(Stream stream, string source)
    {
        if (stream.Length > MaximumBytes)
            throw new ModelFileException(source, null, $"it has {stream.Length} bytes; pickles have at most {MaximumBytes}.");
        using var buffered = new BufferedStream(stream, 1 << 16);
        return PickleReader.Read(buffered, source) as PickledDictionary ?? throw new ModelFileException(source, null, "the pickle in it holds no dictionary.");
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
