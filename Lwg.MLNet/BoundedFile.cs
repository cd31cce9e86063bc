namespace Lwg.MLNet;

/// <summary>Reads files after checking their size, before memory is allocated.</summary>
internal static class BoundedFile
{
    /// <summary>Returns the length of a file. Pipes, devices and sockets have length 0 and are never opened: opening a pipe waits for a
    /// writer, possibly indefinitely.</summary>
    /// <exception cref="ModelFileException">The file does not exist.</exception>
    public static long Length(string path) => Guarded(path, () => Target(path).Length);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The maximum number of bytes.</param>
    /// <exception cref="ModelFileException">The file is missing, too large, empty, or not a regular file.</exception>
    public static byte[] Read(string path, long limit) =>
        ReadOrEmpty(path, limit) is { Length: > 0 } bytes ? bytes
        : throw new ModelFileException(path, null, "it is empty or not a regular file.");

    /// <summary>Reads the bytes of a file, which may be empty. Returns no bytes if it is not a regular file.</summary>
    /// <inheritdoc cref="Read"/>
    public static byte[] ReadOrEmpty(string path, long limit) => Guarded(path, () =>
    {
        FileInfo file = Target(path);
        if (file.Length > limit)
            throw new ModelFileException(path, null, $"it has {file.Length} bytes; at most {limit} are allowed.");
        if (file.Length == 0)
            return [];
        using FileStream stream = file.OpenRead();
        // The length may have changed since the check.
        byte[] bytes = new byte[Math.Min(stream.Length, limit)];
        stream.ReadExactly(bytes);
        return bytes;
    });

    // A link has a length of its own, so its target is used.
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
