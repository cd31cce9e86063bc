using System.IO.Compression;

namespace Lwg.MLNet.Checkpoints;

/// <summary>What an entry of a zip file may unpack to: no more than a limit, and no more than 200 times what it takes in the file and 64 MB on top.</summary>
internal static class ZipEntries
{
    private const long Ratio = 200, Allowance = 64 << 20;

    /// <exception cref="ModelFileException">It claims more.</exception>
    public static void Check(ZipArchiveEntry entry, string source, string name, long limit)
    {
        if (entry.Length > limit)
            throw new ModelFileException(source, name, $"it claims {entry.Length} bytes; at most {limit} are allowed.");
        if (entry.Length > Allowance + Ratio * entry.CompressedLength)
            throw new ModelFileException(source, name, $"it claims {entry.Length} bytes out of {entry.CompressedLength}; at most {Ratio} times as many and {Allowance} are unpacked.");
    }
}
