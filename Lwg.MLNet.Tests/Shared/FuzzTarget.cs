namespace Lwg.MLNet.Tests.Fuzzing;

/// <summary>A reader of files, and a valid file.</summary>
/// <param name="Name">The file's name, which an error's message must contain.</param>
/// <param name="Weight">The frequency relative to other targets.</param>
/// <param name="Bytes">The content of the valid file.</param>
/// <param name="Read">Reads a file and returns the number of items (arrays, tensors, people, rows...).</param>
internal sealed record FuzzTarget(string Name, int Weight, byte[] Bytes, Func<string, long> Read)
{
    /// <summary>The allowed exceptions; all others are failures.</summary>
    public Type[] Refusals { get; init; } = [typeof(ModelFileException)];

    /// <summary>The text that an error's message must contain; null for the file's name.</summary>
    public string? Called { get; init; }

    /// <summary>The number of bytes that may be allocated for a file of any size.</summary>
    public long FixedBytes { get; init; } = 192 << 20;

    /// <summary>The number of bytes that may be allocated for each byte of the file, in addition to the fixed ones.</summary>
    public long BytesPerByte { get; init; } = 200;

    /// <summary>Whether the reader may accept all damaged files, like a journal that ignores damaged lines.</summary>
    public bool ReadsAnything { get; init; }

    /// <summary>Whether the reader uses several threads, so that the allocations of all threads are counted; only for tests that run
    /// alone.</summary>
    public bool AllThreads { get; init; }
}
