namespace Lwg.MLNet.Batch;

/// <summary>The pictures (and motions) that a table names.</summary>
internal interface IPictures
{
    /// <summary>The value in place of the hash of a file that does not exist.</summary>
    const string Missing = "missing";

    /// <summary>Returns the path of a file.</summary>
    /// <exception cref="RequestException">The name points outside the folder.</exception>
    string Locate(string name);

    /// <summary>Reads the content of a file.</summary>
    /// <exception cref="LwgException">The file does not exist, or is outside the folder.</exception>
    byte[] Read(string name);

    /// <summary>Returns the SHA-256 of a file's content, which is read once; <see cref="Missing"/> if it cannot be read.</summary>
    string HashOf(string name);
}
