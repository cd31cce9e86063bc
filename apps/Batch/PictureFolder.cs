using System.Security.Cryptography;

namespace Lwg.MLNet.Batch;

/// <summary>The folder of the pictures (and motions) that a table names. Files outside it are not opened. Errors use the file names of
/// the table.</summary>
internal sealed class PictureFolder : IPictures
{
    private readonly string _path;
    private readonly Dictionary<string, string> _hashes = [];

    /// <exception cref="LwgException">The folder does not exist.</exception>
    public PictureFolder(string path)
    {
        if (!Directory.Exists(path))
            throw new LwgException($"'{path}': there is no such folder of pictures.");
        _path = Path.GetFullPath(path);
    }

    public string Locate(string name) => Locate(_path, name);

    /// <summary>Returns the path of a file in a folder.</summary>
    /// <exception cref="RequestException">The name points outside the folder.</exception>
    public static string Locate(string folder, string name)
    {
        string full = Path.GetFullPath(Path.Combine(folder, name));
        return full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full : throw new RequestException($"'{name}' is outside the folder of the pictures; only names within it are allowed.");
    }

    public byte[] Read(string name)
    {
        string path = Locate(name);
        try
        {
            return File.Exists(path) ? File.ReadAllBytes(path) : throw NotThere(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageInputException($"'{name}': the file cannot be read ({e.GetType().Name}).", e);
        }
    }

    /// <summary>Creates the error for a file that does not exist.</summary>
    public static ImageInputException NotThere(string name) => new($"'{name}': there is no such file in the folder of the pictures.");

    public string HashOf(string name)
    {
        if (_hashes.TryGetValue(name, out string? known))
            return known;
        string hash;
        try
        {
            string path = Locate(name);
            if (!File.Exists(path))
                return IPictures.Missing;
            using FileStream stream = File.OpenRead(path);
            hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is RequestException or IOException or UnauthorizedAccessException)
        {
            return IPictures.Missing;
        }
        return _hashes[name] = hash;
    }
}
