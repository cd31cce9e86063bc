namespace Lwg.MLNet.Cluster;

/// <summary>The store of tables, pictures and results, which all silos and clients share. Names are relative paths with '/'. Every method
/// can throw <see cref="StoreException"/>.</summary>
internal interface IStore
{
    /// <summary>Returns whether an entry exists.</summary>
    Task<bool> ExistsAsync(string name);

    /// <summary>Reads the content of an entry; null if it does not exist.</summary>
    Task<byte[]?> ReadAsync(string name);

    /// <summary>Reads a part of an entry's content.</summary>
    /// <exception cref="StoreException">The entry does not exist, or ends before the end of the part.</exception>
    Task<byte[]> ReadAsync(string name, long offset, int count);

    /// <summary>Writes an entry atomically.</summary>
    Task WriteAsync(string name, Func<Stream, Task> write);

    /// <summary>Removes an entry, if it exists.</summary>
    Task DeleteAsync(string name);

    /// <summary>Lists the names of the entries in a folder and its subfolders, in any order; an empty name lists all.</summary>
    IAsyncEnumerable<string> ListAsync(string folder);

    /// <summary>Returns the path of a file on this machine with the entry's content.</summary>
    /// <exception cref="StoreException">The entry does not exist.</exception>
    Task<string> LocalFileAsync(string name);

    /// <summary>Checks whether the store can be used now.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    Task CheckAsync();
}

/// <summary>Methods for all stores.</summary>
internal static class StoreExtensions
{
    /// <summary>Returns the prefix of the names of a folder's entries.</summary>
    public static string PrefixOf(string folder) => folder.Length == 0 ? "" : folder.TrimEnd('/') + "/";

    /// <summary>Writes an entry.</summary>
    public static Task WriteAsync(this IStore store, string name, byte[] content) =>
        store.WriteAsync(name, stream => stream.WriteAsync(content).AsTask());
}
