using System.IO.Compression;

namespace Lwg.MLNet.Checkpoints;

/// <summary>Reads pickle files.</summary>
internal static class PickleFile
{
    /// <summary>The number of bytes that each byte of a pickle may expand to: texts that are bytes, and arrays that are made of
    /// others.</summary>
    public const int Ratio = 16;

    private const long MaximumBytes = 1L << 31;

    /// <summary>Reads a file that contains one dictionary.</summary>
    /// <exception cref="ModelFileException">The file is missing, damaged, or contains something else.</exception>
    public static PickledArchive ReadDictionary(string path)
    {
        using FileStream file = NumpyArchive.OpenForReading(path);
        return ReadDictionary(file, path);
    }

    /// <summary>Reads a stream that contains one dictionary.</summary>
    public static PickledArchive ReadDictionary(Stream stream, string source)
    {
        (object? value, ReadBudget budget) = Read(stream, source);
        return value is PickledDictionary dictionary
            ? new PickledArchive(dictionary, source, budget)
            : throw new ModelFileException(source, null, "the pickle in it contains no dictionary.");
    }

    /// <summary>Reads a stream that contains a pickle, plain or compressed by joblib.</summary>
    /// <exception cref="ModelFileException">The stream is damaged or not a pickle; the message names the type of the file if it is
    /// known.</exception>
    public static (object? Value, ReadBudget Budget) Read(Stream stream, string source)
    {
        if (stream.Length > MaximumBytes)
            throw new ModelFileException(source, null, $"it has {stream.Length} bytes; pickles have at most {MaximumBytes}.");
        byte[] start = FileSignature.Start(stream);
        var budget = new ReadBudget(source, stream.Length, Ratio);
        if (IsZlib(start))
            return (PickleReader.Read(Unpacked(stream, source, budget), source, budget), budget);
        if (start is not [0x80, ..] && FileSignature.Of(start, stream.Length) is { } what)
            throw new ModelFileException(source, null, $"it is not a pickle: it is {what}.");
        using var buffered = new BufferedStream(stream, 1 << 16);
        return (PickleReader.Read(buffered, source, budget), budget);
    }

    /// <summary>Whether a file begins like a zip file.</summary>
    public static bool IsZip(Stream stream)
    {
        Span<byte> start = stackalloc byte[4];
        int read = stream.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        stream.Position = 0;
        return read == 4 && start is [(byte)'P', (byte)'K', 3, 4];
    }

    // The two bytes of the zlib header are a multiple of 31. No pickle begins with 'x' (0x78).
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
