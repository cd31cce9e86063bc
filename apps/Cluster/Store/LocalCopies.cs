using System.Security.Cryptography;
using System.Text;

namespace Lwg.MLNet.Cluster;

/// <summary>Copies of a store's entries in a folder of this process, so that rows of the same source fetch it once. The least recently
/// used copies are removed first.</summary>
internal sealed class LocalCopies : IDisposable
{
    /// <summary>The maximum number of bytes.</summary>
    private const long MostBytes = 1L << 30;

    /// <summary>The number of copies that are kept regardless of their size: as many as current rows can name.</summary>
    private const int FewestKept = 64;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Name, string Path, long Length)> _kept = [];
    private DirectoryInfo? _folder;
    private long _bytes;

    /// <summary>Returns the path of a file with an entry's content.</summary>
    /// <param name="name">The entry.</param>
    /// <param name="fetch">Fetches the entry if there is no copy.</param>
    public async Task<string> GetAsync(string name, Func<Task<byte[]>> fetch)
    {
        if (Find(name) is { } kept)
            return kept;
        byte[] content = await fetch();
        string path;
        lock (_lock)
            path = Path.Combine((_folder ??= Directory.CreateTempSubdirectory("lwg-store-")).FullName,
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))));
        // Concurrent fetches of the same entry write the same content.
        AtomicFile.Write(path, stream => stream.Write(content));
        lock (_lock)
        {
            if (_kept.All(k => k.Name != name))
            {
                _kept.AddLast((name, path, content.Length));
                _bytes += content.Length;
            }
            while (_bytes > MostBytes && _kept.Count > FewestKept)
            {
                (_, string oldest, long length) = _kept.First!.Value;
                _kept.RemoveFirst();
                _bytes -= length;
                File.Delete(oldest);
            }
        }
        return path;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _folder?.Delete(recursive: true);
            _folder = null;
            _kept.Clear();
            _bytes = 0;
        }
    }

    private string? Find(string name)
    {
        lock (_lock)
        {
            for (LinkedListNode<(string Name, string Path, long Length)>? node = _kept.First; node is not null; node = node.Next)
            {
                if (node.Value.Name != name)
                    continue;
                _kept.Remove(node);
                _kept.AddLast(node);
                return node.Value.Path;
            }
            return null;
        }
    }
}
