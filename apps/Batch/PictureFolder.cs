using System.Security.Cryptography;

namespace Lwg.MLNet.Batch;

/// <summary>The folder of the pictures (and motions) that a table names. Nothing outside it is opened, and errors call its files as the table does.</summary>
internal sealed class PictureFolder
{
    /// <summary>What stands for the hash of a file that is not there.</summary>
    public const string Missing = "missing";

    private readonly string _path;
    private readonly Dictionary<string, string> _hashes = [];

    /// <exception cref="LwgException">There is no such folder.</exception>
    public PictureFolder(string path)
    {
        if (!Directory.Exists(path))
            throw new LwgException($"'{path}': there is no such folder of pictures.");
        _path = Path.GetFullPath(path);
    }

    /// <summary>Where a file is.</summary>
    /// <exception cref="RequestException">The name leads out of the folder.</exception>
    public string Locate(string name)
    {
        string full = Path.GetFullPath(Path.Combine(_path, name));
        return full.StartsWith(_path + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full : throw new RequestException($"'{name}' is outside the folder of the pictures; names within it are allowed.");
    }

    /// <summary>A file's content.</summary>
    /// <exception cref="LwgException">It is not there, or outside the folder.</exception>
    public byte[] Read(string name)
    {
        string path = Locate(name);
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : throw new ImageInputException($"'{name}': there is no such file in the folder of the pictures.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageInputException($"'{name}': the file cannot be read ({e.GetType().Name}).", e);
        }
    }

    /// <summary>The SHA-256 of a file's content, read once; <see cref="Missing"/> where there is none to be read.</summary>
    public string HashOf(string name)
    {
        if (_hashes.TryGetValue(name, out string? known))
            return known;
        string hash;
        try
        {
            string path = Locate(name);
            if (!File.Exists(path))
                return Missing;
            using FileStream stream = File.OpenRead(path);
            hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is RequestException or IOException or UnauthorizedAccessException)
        {
            return Missing;
        }
        return _hashes[name] = hash;
    }
}
