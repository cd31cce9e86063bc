using System.Security.Cryptography;
using System.Text.Json;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>Makes the output of the batch app from a job's results in the store: the same pictures, table and manifest. Only the store is
/// needed.</summary>
internal sealed class FetchRun(IStore store, string id, string target, TextWriter output)
{
    // A bucket has a high latency for each request, but answers many in parallel.
    private const int RowsAtATime = 16;

    /// <summary>Fetches the results.</summary>
    /// <exception cref="LwgException">Rows are not finished yet, or a picture is damaged; then no table is written.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        JobFile job = await JobFile.ReadAsync(store, id);
        string folder = Directory.CreateDirectory(target).FullName;
        Directory.CreateDirectory(Path.Combine(folder, BatchRun.PicturesName));
        var results = new List<ResultRow>();
        var timings = new List<string[]>();
        int missing = 0, firstMissing = 0;
        await foreach (RowLine[] rows in RangeIndex.ReadRowsAsync(store, job).Chunk(RowsAtATime).WithCancellation(cancellationToken))
        {
            JournalEntry?[] entries = await Task.WhenAll(rows.Select(row => FetchAsync(row, folder)));
            foreach ((RowLine row, JournalEntry? through) in rows.Zip(entries))
            {
                if (through is null)
                {
                    missing++;
                    firstMissing = firstMissing == 0 ? row.Row : firstMissing;
                    continue;
                }
                results.Add(through.Result);
                timings.Add([Number(row.Row), through.Result.Id, Number(through.Milliseconds)]);
            }
        }
        if (missing > 0)
            throw new LwgException($"{missing} of the {job.Rows} rows of the job '{id}' are not finished yet, row {firstMissing} first; "
                + $"'status' shows its progress.");
        await ResultTable.WriteAsync(folder, results, job.Settings.Parquet);
        CsvTable.Write(Path.Combine(folder, BatchRun.TimingsName), BatchRun.TimingsColumns, timings);
        new BatchManifest { RequestsSha256 = job.RequestsSha256, Rows = job.Rows, Settings = job.Identity,
            Parquet = job.Settings.Parquet }.Write(folder);
        output.WriteLine($"{Count(ResultRow.Made)} pictures made, {Count(ResultRow.Refused)} rows refused, "
            + $"{Count(ResultRow.Failed)} failed: {Path.Combine(folder, ResultTable.CsvName)}");

        int Count(string status) => results.Count(r => r.Status == status);
    }

    /// <summary>Returns a row's result, and writes its picture; null if the row is not finished.</summary>
    private async Task<JournalEntry?> FetchAsync(RowLine row, string folder)
    {
        byte[]? bytes = await store.ReadAsync(row.ResultName) ?? await store.ReadAsync(row.FailureName(id));
        if (bytes is null)
            return null;
        JournalEntry entry = Parse(bytes, row);
        // Equal rows of different tables share a result, but have different names.
        ResultRow result = entry.Result with { Row = row.Row };
        if (result.Status == ResultRow.Made)
            await FetchPictureAsync(row, result, folder);
        return entry with { Result = result };
    }

    private async Task FetchPictureAsync(RowLine row, ResultRow result, string folder)
    {
        byte[]? png = await store.ReadAsync(row.PictureName);
        if (png is null || Convert.ToHexStringLower(SHA256.HashData(png)) != result.PictureSha256)
            throw new LwgException($"The store's picture of row {row.Row} ('{result.Id}') is missing or changed; 'submit "
                + $"--again' makes it again.");
        AtomicFile.Write(Path.Combine(folder, result.Picture), stream => stream.Write(png));
    }

    private static JournalEntry Parse(byte[] entry, RowLine row)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalEntry>(entry) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new LwgException($"The store's result of row {row.Row} ('{row.Request.Id}') is damaged; 'submit --again' makes it again.",
                e);
        }
    }

    private static string Number(IFormattable number) => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture);
}
