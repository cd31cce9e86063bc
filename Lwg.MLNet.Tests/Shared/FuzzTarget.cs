namespace Lwg.MLNet.Tests.Fuzzing;

/// <summary>A reader of files, and a file that is right.</summary>
/// <param name="Name">The file's name; an error's message must contain it.</param>
/// <param name="Weight">How often it comes, against the others.</param>
/// <param name="Bytes">The file.</param>
/// <param name="Read">Reads a file; how many items (arrays, tensors, people, rows...) came out of it.</param>
internal sealed record FuzzTarget(string Name, int Weight, byte[] Bytes, Func<string, long> Read)
{
    /// <summary>The exceptions that are allowed; everything else is a failure.</summary>
    public Type[] Refusals { get; init; } = [typeof(ModelFileException)];

    /// <summary>What an error's message must contain; null for the file's name.</summary>
    public string? Called { get; init; }

    /// <summary>How many bytes may be allocated, however small the file is.</summary>
    public long FixedBytes { get; init; } = 192 << 20;

    /// <summary>How many bytes may be allocated for each byte of the file, on top of the fixed ones.</summary>
    public long BytesPerByte { get; init; } = 200;

    /// <summary>Whether damage may go unnoticed and nothing be refused, as with a journal whose damaged lines do not count.</summary>
    public bool ReadsAnything { get; init; }

    /// <summary>Whether the reader works on several threads, so that the allocations of all are counted: only for tests that run
    /// alone.</summary>
    public bool AllThreads { get; init; }
}
