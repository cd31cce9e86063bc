namespace Lwg.MLNet.Cluster;

/// <summary>Where tables, pictures and results lie: all silos and clients see it. Names are relative paths with '/'. Every method may throw
/// <see cref="StoreException"/>.</summary>
internal interface IStore
{
    /// <summary>Whether there is such an entry.</summary>
    Task<bool> ExistsAsync(string name);

    /// <summary>An entry's content; null where there is none.</summary>
    Task<byte[]?> ReadAsync(string name);

    /// <summary>A part of an entry's content.</summary>
    /// <exception cref="StoreException">There is no such entry, or it ends before the part does.</exception>
    Task<byte[]> ReadAsync(string name, long offset, int count);

    /// <summary>Writes an entry, whole or not at all.</summary>
    Task WriteAsync(string name, Func<Stream, Task> write);

    /// <summary>Takes an entry away, if it is there.</summary>
    Task DeleteAsync(string name);

    /// <summary>The names of the entries in a folder and in the folders in it, in any order; with an empty name those of all.</summary>
    IAsyncEnumerable<string> ListAsync(string folder);

    /// <summary>A file of this machine that has the entry's content.</summary>
    /// <exception cref="StoreException">There is no such entry.</exception>
    Task<string> LocalFileAsync(string name);

    /// <summary>Says whether the store can be used now.</summary>
    /// <exception cref="StoreException">It cannot.</exception>
    Task CheckAsync();
}

/// <summary>What all stores can.</summary>
internal static class StoreExtensions
{
    /// <summary>What the names of a folder's entries begin with.</summary>
    public static string PrefixOf(string folder) => folder.Length == 0 ? "" : folder.TrimEnd('/') + "/";

    /// <summary>Writes an entry.</summary>
    public static Task WriteAsync(this IStore store, string name, byte[] content) =>
        store.WriteAsync(name, stream => stream.WriteAsync(content).AsTask());
}
