using System.Security.Cryptography;
using System.Text;
using Lwg.MLNet.Batch;
using Request = Lwg.MLNet.Batch.Request;

namespace Lwg.MLNet.Cluster;

/// <summary>Puts a job into the store: first the files that its rows name, then its rows, then their index, then the job itself.</summary>
/// <param name="store">The store.</param>
/// <param name="settings">The settings.</param>
/// <param name="pictures">The files that the rows name.</param>
/// <param name="identity">All but the rows that results depend on.</param>
internal sealed class JobWriter(IStore store, BatchSettings settings, IPictures pictures, string identity)
{
    private const int LongestRange = 10;

    // A bucket answers each request late, but many at a time.
    private const int FilesAtATime = 8;

    // As many ranges as keep a dozen silos busy to the end, if there are so many rows.
    private const int WantedRanges = 64;

    /// <summary>Writes the job.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="marked">Whether they have key points.</param>
    /// <param name="tableSha256">The hash of their table.</param>
    /// <param name="range">How many rows a range has at most; 0 for what is good.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LwgException">A file changed meanwhile.</exception>
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
            // The paths of the submitter's machine mean nothing on the silos.
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

    // A range ends where it is long enough, or where it is half as long and another source begins.
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

    // Equal jobs have one name: who submits a job twice finds it at work.
    private static string IdOf(IReadOnlyList<Request> rows, string[] keys, string tableSha256)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(tableSha256));
        for (int i = 0; i < keys.Length; i++)
            hash.AppendData(Encoding.UTF8.GetBytes($"{rows[i].Id} {keys[i]}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
