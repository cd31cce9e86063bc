using System.Security.Cryptography;
using System.Text;

namespace Lwg.MLNet.Cluster;

/// <summary>Copies of a store's entries in a folder of this process's own, so that rows of one source fetch it once. Those that were not
/// asked for longest go first.</summary>
internal sealed class LocalCopies : IDisposable
{
    /// <summary>How many bytes are kept.</summary>
    private const long MostBytes = 1L << 30;

    /// <summary>How many are kept however large they are: as many as rows at hand may name.</summary>
    private const int FewestKept = 64;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string Name, string Path, long Length)> _kept = [];
    private DirectoryInfo? _folder;
    private long _bytes;

    /// <summary>The file with an entry's content.</summary>
    /// <param name="name">The entry.</param>
    /// <param name="fetch">Fetches it, where there is no copy.</param>
    public async Task<string> GetAsync(string name, Func<Task<byte[]>> fetch)
    {
        if (Find(name) is { } kept)
            return kept;
        byte[] content = await fetch();
        string path;
        lock (_lock)
            path = Path.Combine((_folder ??= Directory.CreateTempSubdirectory("lwg-store-")).FullName,
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))));
        // Two that fetch the same write the same.
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
