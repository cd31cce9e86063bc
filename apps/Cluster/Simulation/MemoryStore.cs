using System.Collections.Concurrent;

namespace Lwg.MLNet.Cluster;

/// <summary>A store in memory that counts reads and writes.</summary>
internal sealed class MemoryStore : IStore
{
    private readonly ConcurrentDictionary<string, byte[]> _entries = [];
    private long _writes;

    public long Writes => Interlocked.Read(ref _writes);

    public Task<bool> ExistsAsync(string name) => Task.FromResult(_entries.ContainsKey(name));

    public Task<byte[]?> ReadAsync(string name) => Task.FromResult(_entries.GetValueOrDefault(name));

    public Task<byte[]> ReadAsync(string name, long offset, int count) =>
        _entries.TryGetValue(name, out byte[]? bytes) && offset + count <= bytes.Length
            ? Task.FromResult(bytes.AsSpan((int)offset, count).ToArray())
            : throw new StoreException($"The store has no '{name}' of {offset + count} bytes.");

    public async Task WriteAsync(string name, Func<Stream, Task> write)
    {
        Interlocked.Increment(ref _writes);
        using var stream = new MemoryStream();
        await write(stream);
        _entries[name] = stream.ToArray();
    }

    public Task DeleteAsync(string name)
    {
        _entries.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<string> ListAsync(string folder) =>
        _entries.Keys.Where(name => name.StartsWith(StoreExtensions.PrefixOf(folder), StringComparison.Ordinal)).ToAsyncEnumerable();

    public Task<string> LocalFileAsync(string name) => throw new StoreException("A store in memory has no files.");

    public Task CheckAsync() => Task.CompletedTask;
}
