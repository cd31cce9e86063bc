using System.IO.Compression;

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
        (object? value, ReadBudget budget) = Read(stream, source);
        return value is PickledDictionary dictionary
            ? new PickledArchive(dictionary, source, budget)
            : throw new ModelFileException(source, null, "the pickle in it holds no dictionary.");
    }

    /// <summary>Reads a stream that holds a pickle, or one that joblib compressed.</summary>
    /// <exception cref="ModelFileException">It is no pickle, or damaged; the message tells what else it is.</exception>
    public static (object? Value, ReadBudget Budget) Read(Stream stream, string source)
    {
        if (stream.Length > MaximumBytes)
            throw new ModelFileException(source, null, $"it has {stream.Length} bytes; pickles have at most {MaximumBytes}.");
        byte[] start = FileSignature.Start(stream);
        var budget = new ReadBudget(source, stream.Length, Ratio);
        if (IsZlib(start))
            return (PickleReader.Read(Unpacked(stream, source, budget), source, budget), budget);
        if (start is not [0x80, ..] && FileSignature.Of(start, stream.Length) is { } what)
            throw new ModelFileException(source, null, $"it is no pickle: it is {what}.");
        using var buffered = new BufferedStream(stream, 1 << 16);
        return (PickleReader.Read(buffered, source, budget), budget);
    }

    /// <summary>Whether a file begins as a zip does.</summary>
    public static bool IsZip(Stream stream)
    {
        Span<byte> start = stackalloc byte[4];
        int read = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == 4 && start is [(byte)'P', (byte)'K', 3, 4];
    }

    // Zlib's two bytes are a multiple of 31; no pickle begins with an x.
    private static bool IsZlib(ReadOnlySpan<byte> start) => start is [0x78, _, ..] && (start[0] * 256 + start[1]) % 31 == 0;

    private static MemoryStream Unpacked(Stream stream, string source, ReadBudget budget)
    {
        var unpacked = new MemoryStream();
        byte[] piece = new byte[1 << 16];
        try
        {
            using var zlib = new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true);
            for (int read; (read = zlib.Read(piece)) > 0;)
            {
                budget.Take(2L * read, null);
                unpacked.Write(piece, 0, read);
            }
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(source, null, "what is compressed in it is damaged.", e);
        }
        unpacked.Position = 0;
        return unpacked;
    }
}
