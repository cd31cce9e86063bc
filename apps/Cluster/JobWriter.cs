using System.Security.Cryptography;
using System.Text;
using Lwg.MLNet.Batch;
using Request = Lwg.MLNet.Batch.Request;

namespace Lwg.MLNet.Cluster;

/// <summary>Writes a job into the store: first the files that its rows name, then its rows, then their index, then the job
/// itself.</summary>
/// <param name="store">The store.</param>
/// <param name="settings">The settings.</param>
/// <param name="pictures">The files that the rows name.</param>
/// <param name="identity">The text of everything that results depend on, except the rows.</param>
internal sealed class JobWriter(IStore store, BatchSettings settings, IPictures pictures, string identity)
{
    private const int LongestRange = 10;

    // A bucket has a high latency for each request, but answers many in parallel.
    private const int FilesAtATime = 8;

    // Enough ranges to keep a dozen silos busy to the end, if the table has enough rows.
    private const int WantedRanges = 64;

    /// <summary>Writes the job.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="marked">Whether the rows have key points.</param>
    /// <param name="tableSha256">The hash of the table.</param>
    /// <param name="range">The maximum number of rows of a range; 0 to choose it automatically.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="LwgException">A file changed during the writing.</exception>
    public async Task<JobFile> WriteAsync(IReadOnlyList<Request> rows, bool marked, string tableSha256, int range,
        CancellationToken cancellationToken)
    {
        string[] keys = [.. rows.Select(r => BatchIdentity.KeyOf(r, marked, identity, pictures))];
        string id = IdOf(rows, keys, tableSha256);
        (string Name, string Sha256)[] files =
            [.. rows.SelectMany(BatchIdentity.FilesOf).Distinct().Select(name => (name, pictures.HashOf(name)))
                .DistinctBy(file => file.Item2)];
        await Parallel.ForEachAsync(files,
            new ParallelOptions { MaxDegreeOfParallelism = FilesAtATime, CancellationToken = cancellationToken }, async (file, _) =>
            await StoreInputAsync(file.Name, file.Sha256));
        var index = new List<RangeEntry>();
        await store.WriteAsync(JobFile.NameOf(id, RangeIndex.RowsName), stream =>
            WriteRowsAsync(rows, keys, range > 0 ? range
            : Math.Clamp(rows.Count / WantedRanges, 1, LongestRange), index, stream, cancellationToken));
        byte[] entries = new byte[index.Count * RangeEntry.Size];
        for (int i = 0; i < index.Count; i++)
            index[i].Write(entries.AsSpan(i * RangeEntry.Size));
        await store.WriteAsync(JobFile.NameOf(id, RangeIndex.Name), entries);
        var job = new JobFile
        {
            Id = id,
            // Paths of the submitting machine have no meaning on the silos.
            Settings = settings with { Requests = Path.GetFileName(settings.Requests), Pictures = "", Out = "" },
            Identity = identity,
            RequestsSha256 = tableSha256,
            Marked = marked,
            Rows = rows.Count,
            Ranges = index.Count - 1,
        };
        await job.WriteAsync(store);
        return job;
    }

    // A range ends when it has the full length, or half of it where another source begins.
    private async Task WriteRowsAsync(IReadOnlyList<Request> rows, string[] keys, int range, List<RangeEntry> index, Stream stream,
        CancellationToken cancellationToken)
    {
        long offset = 0;
        int first = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (i == 0 || i - first == range || 2 * (i - first) >= range && rows[i].Source != rows[i - 1].Source)
            {
                index.Add(new RangeEntry(i, offset, RangeEntry.SourceOf(rows[i].Source)));
                first = i;
            }
            byte[] line = new RowLine(rows[i].Row, rows[i], keys[i], BatchIdentity.FilesOf(rows[i])
                .ToDictionary(name => name, pictures.HashOf)).ToLine();
            await stream.WriteAsync(line, cancellationToken);
            offset += line.Length;
        }
        index.Add(new RangeEntry(rows.Count, offset, 0));
    }

    private async Task StoreInputAsync(string name, string sha256)
    {
        if (sha256 == IPictures.Missing || await store.ExistsAsync(RowLine.InputName(sha256)))
            return;
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(pictures.Locate(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LwgException($"'{name}' cannot be read: {e.Message}", e);
        }
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != sha256)
            throw new LwgException($"'{name}' changed while the job was being submitted; submit it again.");
        await store.WriteAsync(RowLine.InputName(sha256), bytes);
    }

    // Equal jobs have the same name, so that submitting a job twice finds the running one.
    private static string IdOf(IReadOnlyList<Request> rows, string[] keys, string tableSha256)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(tableSha256));
        for (int i = 0; i < keys.Length; i++)
            hash.AppendData(Encoding.UTF8.GetBytes($"{rows[i].Id} {keys[i]}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
