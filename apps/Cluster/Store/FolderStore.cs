namespace Lwg.MLNet.Cluster;

/// <summary>A store in a folder of this machine, or in a network folder that all machines mount. Entries are written to a temporary file,
/// flushed and moved to their place.</summary>
internal sealed class FolderStore : IStore
{
    // The extension of files that are being written, or were left by a process that died.
    private const string TemporaryEnding = ".tmp";

    private readonly string _root;

    /// <param name="root">The folder.</param>
    /// <param name="create">Whether a missing folder is created; otherwise it is an error, because it may be a network folder that is not
    /// mounted.</param>
    public FolderStore(string root, bool create)
    {
        _root = Path.GetFullPath(root);
        if (create)
            Try(() => Directory.CreateDirectory(_root), "");
    }

    public Task<bool> ExistsAsync(string name)
    {
        CheckRoot();
        return Task.FromResult(File.Exists(PathOf(name)));
    }

    public async Task<byte[]?> ReadAsync(string name)
    {
        CheckRoot();
        string path = PathOf(name);
        return await TryAsync(async () => File.Exists(path) ? await File.ReadAllBytesAsync(path) : null, name);
    }

    public async Task<byte[]> ReadAsync(string name, long offset, int count) => await TryAsync(
        async () =>
        {
            byte[] bytes = new byte[count];
            await using FileStream file = File.OpenRead(PathOf(name));
            file.Position = offset;
            await file.ReadExactlyAsync(bytes);
            return bytes;
        },
        name);

    public async Task WriteAsync(string name, Func<Stream, Task> write)
    {
        CheckRoot();
        string path = PathOf(name), temporary = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}{TemporaryEnding}";
        await TryAsync(
            async () =>
            {
                try
                {
                    await using (FileStream file = Create(temporary))
                    {
                        await write(file);
                        file.Flush(flushToDisk: true);
                    }
                    File.Move(temporary, path, overwrite: true);
                    return true;
                }
                catch
                {
                    File.Delete(temporary);
                    throw;
                }
            },
            name);
    }

    public Task DeleteAsync(string name)
    {
        CheckRoot();
        // Without its folder, an entry does not exist.
        string path = PathOf(name);
        if (!File.Exists(path))
            return Task.CompletedTask;
        Try(() => File.Delete(path), name);
        RemoveEmptyFolders(Path.GetDirectoryName(path)!);
        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<string> ListAsync(string folder)
    {
        CheckRoot();
        foreach (string path in await TryAsync(() =>
            Task.Run(() => Directory.Exists(PathOf(folder)) ? Directory.GetFiles(PathOf(folder), "*", SearchOption.AllDirectories) : []),
            folder))
        {
            if (!path.EndsWith(TemporaryEnding, StringComparison.Ordinal))
                yield return Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/');
        }
    }

    public async Task<string> LocalFileAsync(string name) =>
        await ExistsAsync(name) ? PathOf(name) : throw new StoreException($"The store '{_root}' has no '{name}'.");

    public Task CheckAsync()
    {
        CheckRoot();
        return Task.CompletedTask;
    }

    private void CheckRoot()
    {
        if (!Directory.Exists(_root))
            throw new StoreException($"The store '{_root}' cannot be reached: there is no such folder.");
    }

    private string PathOf(string name) => Path.Combine(_root, name);

    private FileStream Create(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        for (int attempt = 1; ; attempt++)
        {
            if (!Directory.Exists(folder))
            {
                // CreateDirectory would also create the root of an unmounted store, which then could not be mounted again.
                CheckRoot();
                Directory.CreateDirectory(folder);
            }
            try
            {
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            }
            catch (DirectoryNotFoundException) when (attempt < 3)
            {
                // Another process has just removed the folder, which was empty.
            }
        }
    }

    private void RemoveEmptyFolders(string folder)
    {
        try
        {
            for (; folder.Length > _root.Length; folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder is not empty, or another process has removed it.
        }
    }

    private void Try(Action action, string name) => TryAsync(
        () =>
        {
            action();
            return Task.FromResult(true);
        },
        name).GetAwaiter().GetResult();

    private async Task<T> TryAsync<T>(Func<Task<T>> action, string name)
    {
        try
        {
            return await action();
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not StoreException)
        {
            CheckRoot();
            throw new StoreException($"The store '{_root}' cannot be used{(name.Length > 0 ? $" ('{name}')" : "")}: "
                + $"{e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
