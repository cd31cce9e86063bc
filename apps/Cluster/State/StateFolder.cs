using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lwg.MLNet.Cluster;

/// <summary>Small JSON files, one for each entry, for a cluster of one silo without further software. Only one process can use a folder
/// at a time; it holds a lock there.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;

    /// <exception cref="LwgException">Another silo uses the folder.</exception>
    public StateFolder(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        try
        {
            _lock = new FileStream(Path.Combine(_folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new LwgException($"'{_folder}': another silo keeps its state here. Files serve one silo; several need --redis or "
                + $"--postgres.", e);
        }
    }

    public T? Read<T>(string kind, string key) where T : class
    {
        string path = PathOf(kind, key);
        return File.Exists(path) ? Parse<T>(path) : null;
    }

    public IEnumerable<T> ReadAll<T>(string kind) where T : class
    {
        string folder = Path.Combine(_folder, kind);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Select(Parse<T>) : [];
    }

    public void Write<T>(string kind, string key, T value)
    {
        Directory.CreateDirectory(Path.Combine(_folder, kind));
        AtomicFile.Write(PathOf(kind, key), stream => JsonSerializer.Serialize(stream, value));
    }

    public void Delete(string kind, string key)
    {
        if (File.Exists(PathOf(kind, key)))
            File.Delete(PathOf(kind, key));
    }

    public void Dispose() => _lock.Dispose();

    // Keys can contain any characters; file names cannot.
    private string PathOf(string kind, string key) =>
        Path.Combine(_folder, kind, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 16)) + ".json");

    private static T Parse<T>(string path) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path)) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new LwgException($"'{path}': the saved state is damaged: {e.Message}", e);
        }
    }
}
