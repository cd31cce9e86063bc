namespace Lwg.MLNet.Batch;

/// <summary>Joins the results of all shards of a table. The output equals that of a single run over the table, byte for byte.</summary>
internal sealed class JoinRun(IReadOnlyList<string> parts, string target, TextWriter output)
{
    /// <summary>Joins the parts.</summary>
    /// <exception cref="LwgException">The parts do not belong together, one is missing, or a picture does not match its
    /// table.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        BatchManifest[] manifests = [.. parts.Select(BatchManifest.Read)];
        Check(manifests);
        int[] order = [.. Enumerable.Range(0, parts.Count).OrderBy(i => Shard.Parse(manifests[i].Shard!)!.Number)];
        string folder = Directory.CreateDirectory(target).FullName;
        Directory.CreateDirectory(Path.Combine(folder, BatchRun.PicturesName));
        var rows = new List<ResultRow>();
        var timings = new List<string[]>();
        foreach (string part in order.Select(i => parts[i]))
        {
            ResultRow[] results = ResultTable.Read(part);
            foreach (ResultRow row in results.Where(r => r.Status == ResultRow.Made))
            {
                cancellationToken.ThrowIfCancellationRequested();
                string picture = Path.Combine(part, row.Picture);
                if (Journal.HashOf(picture) != row.PictureSha256)
                    throw new LwgException($"'{picture}': the picture is missing, or does not match its table; run the shard "
                        + $"again.");
                using FileStream from = File.OpenRead(picture);
                AtomicFile.Write(Path.Combine(folder, row.Picture), from.CopyTo);
            }
            rows.AddRange(results);
            timings.AddRange(TimingsOf(part));
        }
        if (!rows.Select(r => r.Row).SequenceEqual(Enumerable.Range(1, manifests[0].Rows)))
            throw new LwgException($"The parts' tables contain {rows.Count} rows, which are not the rows 1 to {manifests[0].Rows} in their "
                + $"order; run the shards again.");
        await ResultTable.WriteAsync(folder, rows, manifests[0].Parquet);
        CsvTable.Write(Path.Combine(folder, BatchRun.TimingsName), BatchRun.TimingsColumns, timings);
        (manifests[0] with { Shard = null }).Write(folder);
        output.WriteLine($"{rows.Count} rows of {parts.Count} parts: {Path.Combine(folder, ResultTable.CsvName)}");
    }

    private static IEnumerable<string[]> TimingsOf(string part)
    {
        string path = Path.Combine(part, BatchRun.TimingsName);
        try
        {
            return CsvTable.Read(path).InOrder(BatchRun.TimingsColumns);
        }
        catch (FormatException e)
        {
            throw new LwgException($"'{path}': it is not a table of timings: {e.Message}", e);
        }
    }

    private void Check(BatchManifest[] manifests)
    {
        for (int i = 0; i < manifests.Length; i++)
        {
            if (Shard.Parse(manifests[i].Shard ?? "") is not { } shard)
                throw new LwgException($"'{parts[i]}': these are the results of a whole table; results of shards are required.");
            if (shard.Count != manifests.Length)
                throw new LwgException($"'{parts[i]}': it is shard {shard}, but {manifests.Length} folders were given; all "
                    + $"{shard.Count} are required, once each.");
            if (Array.FindIndex(manifests, m => m.Shard == manifests[i].Shard) is var first && first != i)
                throw new LwgException($"'{parts[i]}': it is shard {shard}, as '{parts[first]}' is; each is required once.");
            if (manifests[i] with { Shard = null } != manifests[0] with { Shard = null })
                throw new LwgException($"'{parts[i]}': its table or settings differ from those of '{parts[0]}'.");
        }
    }
}
