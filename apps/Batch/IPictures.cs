namespace Lwg.MLNet.Batch;

/// <summary>The pictures (and motions) that a table names.</summary>
internal interface IPictures
{
    /// <summary>What stands for the hash of a file that is not there.</summary>
    const string Missing = "missing";

    /// <summary>Where a file is.</summary>
    /// <exception cref="RequestException">The name leads out of the folder.</exception>
    string Locate(string name);

    /// <summary>A file's content.</summary>
    /// <exception cref="LwgException">It is not there, or outside the folder.</exception>
    byte[] Read(string name);

    /// <summary>The SHA-256 of a file's content, read once; <see cref="Missing"/> where there is none to be read.</summary>
    string HashOf(string name);
}
