namespace Lwg.MLNet;

/// <summary>Reads files whose size is looked at before memory is taken.</summary>
internal static class BoundedFile
{
    /// <summary>
    /// The length of a file. Pipes, devices and sockets have none, and are never opened: opening a pipe waits until somebody writes into
    /// it, maybe for ever.
    /// </summary>
    /// <exception cref="ModelFileException">There is no such file.</exception>
    public static long Length(string path) => Guarded(path, () => Target(path).Length);

    /// <summary>The bytes of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">How many it may have.</param>
    /// <exception cref="ModelFileException">It is missing, too large, empty, or no regular file.</exception>
    public static byte[] Read(string path, long limit) =>
        ReadOrEmpty(path, limit) is { Length: > 0 } bytes ? bytes
        : throw new ModelFileException(path, null, "it is empty or no regular file.");

    /// <summary>The bytes of a file, which may be empty; of what is no regular file there are none.</summary>
    /// <inheritdoc cref="Read"/>
    public static byte[] ReadOrEmpty(string path, long limit) => Guarded(path, () =>
    {
        FileInfo file = Target(path);
        if (file.Length > limit)
            throw new ModelFileException(path, null, $"it has {file.Length} bytes; at most {limit} are allowed.");
        if (file.Length == 0)
            return [];
        using FileStream stream = file.OpenRead();
        // It may have changed meanwhile.
        byte[] bytes = new byte[Math.Min(stream.Length, limit)];
        stream.ReadExactly(bytes);
        return bytes;
    });

    // A link has a length of its own.
    private static FileInfo Target(string path)
    {
        FileSystemInfo file = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
        return file is FileInfo { Exists: true } regular ? regular : throw new FileNotFoundException("there is no such file.");
    }

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, null, "it cannot be read: " + e.Message, e);
        }
    }
}
