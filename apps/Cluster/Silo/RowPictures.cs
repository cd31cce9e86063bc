using System.Security.Cryptography;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>The files that the current row names, as they were when the job was submitted. Errors in the files are reported as in the
/// batch app; errors of the store do not refuse a row.</summary>
internal sealed class RowPictures : IPictures
{
    // The folder does not exist; names are checked as if they were in it.
    private static readonly string s_nowhere = Path.Combine(AppContext.BaseDirectory, "pictures-of-the-table");

    private IReadOnlyDictionary<string, string> _hashes = new Dictionary<string, string>();
    private IReadOnlyDictionary<string, string?> _files = new Dictionary<string, string?>();

    /// <summary>Sets the files of the next row.</summary>
    /// <param name="hashes">The hashes of the files that the row names.</param>
    /// <param name="files">Their paths on this machine; null for missing files.</param>
    public void Set(IReadOnlyDictionary<string, string> hashes, IReadOnlyDictionary<string, string?> files) =>
        (_hashes, _files) = (hashes, files);

    public string Locate(string name)
    {
        string path = PictureFolder.Locate(s_nowhere, name);
        return _files.GetValueOrDefault(name) ?? path;
    }

    public byte[] Read(string name)
    {
        string path = Locate(name);
        if (_files.GetValueOrDefault(name) is null)
            throw PictureFolder.NotThere(name);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The store's file of '{name}' cannot be read: {e.Message}", e);
        }
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == _hashes[name] ? bytes
            : throw new StoreException($"The store's file of '{name}' is damaged: '{path}' is not what was submitted.");
    }

    public string HashOf(string name) => _hashes.GetValueOrDefault(name, IPictures.Missing);
}
