using System.Diagnostics;
using System.Globalization;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Batch;

/// <summary>One run over a table, or a shard of it. Rows in the journal of an earlier run are kept; one fitted pipeline processes the
/// others.</summary>
internal sealed class BatchRun(BatchSettings settings, TextWriter output)
{
    public const string PicturesName = "pictures";
    public const string TimingsName = "timings.csv";

    public static IReadOnlyList<string> TimingsColumns { get; } = ["Row", "Id", "Milliseconds"];

    /// <summary>Processes the rows and writes the results.</summary>
    /// <param name="cancellationToken">Stops the run between two rows; finished rows are kept for the next run.</param>
    /// <exception cref="LwgException">The table or a folder cannot be used.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        RequestTable table = await RequestTable.LoadAsync(settings.Requests);
        var pictures = new PictureFolder(settings.Pictures);
        string folder = MakeFolder(settings.Out);
        using Journal journal = Journal.Open(folder);
        foreach (string abandoned in Directory.GetFiles(folder, "*.tmp", SearchOption.AllDirectories))
            File.Delete(abandoned);

        using var estimator = PersonEstimators.Open(settings.Estimator, settings.Device.Runtime(TextWriter.Null)) as IDisposable;
        string identity = BatchIdentity.Of(settings, ((SmplEstimator)estimator!).Package!.Hash);
        Request[] requests = [.. table.Rows.Take(settings.Shard?.Of(table.Rows.Count) ?? Range.All)];
        string[] keys = [.. requests.Select(r => BatchIdentity.KeyOf(r, table.HasKeypoints, identity, pictures))];
        var entries = keys.Select(journal.Find).ToArray();
        int[] open = [.. Enumerable.Range(0, requests.Length).Where(i => entries[i] is null)];
        if (requests.Length > open.Length)
            output.WriteLine($"{requests.Length - open.Length} of {requests.Length} rows are kept from an earlier run.");

        if (open.Length > 0)
            Make(table.HasKeypoints, pictures, folder, [.. open.Select(i => requests[i])], (i, entry) =>
                journal.Add(entries[open[i]] = entry with { Key = keys[open[i]] }), cancellationToken);

        ResultRow[] rows = [.. requests.Select((request, i) => entries[i]!.Result with { Row = request.Row })];
        await ResultTable.WriteAsync(folder, rows, settings.Parquet);
        CsvTable.Write(Path.Combine(folder, TimingsName), TimingsColumns,
            rows.Select((row, i) => (string[])[Text(row.Row), row.Id, Text(entries[i]!.Milliseconds)]));
        new BatchManifest { RequestsSha256 = table.Sha256, Rows = table.Rows.Count, Settings = identity, Shard = settings.Shard?.ToString(),
            Parquet = settings.Parquet }.Write(folder);
        output.WriteLine($"{rows.Count(r => r.Status == ResultRow.Made)} pictures made, "
            + $"{rows.Count(r => r.Status == ResultRow.Refused)} rows refused: {Path.Combine(folder, ResultTable.CsvName)}");
    }

    /// <summary>Processes rows with the pipeline.</summary>
    /// <param name="marked">Whether the rows have key points.</param>
    /// <param name="pictures">The pictures of the rows.</param>
    /// <param name="folder">The folder for the results.</param>
    /// <param name="requests">The rows.</param>
    /// <param name="through">Called after each finished row, with its index in <paramref name="requests"/>.</param>
    /// <param name="cancellationToken">Stops the run between two rows.</param>
    private void Make(bool marked, PictureFolder pictures, string folder, Request[] requests, Action<int, JournalEntry> through,
        CancellationToken cancellationToken)
    {
        using var models = new BatchModels(settings, output);
        using var engine = new RowEngine(settings, marked, models, pictures, output);
        var progress = new BatchProgress(output, requests.Length);
        for (int i = 0; i < requests.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            (ResultRow result, byte[]? png) = engine.Make(requests[i]);
            if (png is not null)
                AtomicFile.Write(Path.Combine(folder, result.Picture), stream => stream.Write(png));
            through(i, new JournalEntry("", watch.ElapsedMilliseconds, result));
            progress.Add(result.Status == ResultRow.Refused);
        }
    }

    private static string MakeFolder(string path)
    {
        if (File.Exists(path))
            throw new LwgException($"'{path}' is a file; --out needs a folder.");
        string folder = Directory.CreateDirectory(path).FullName;
        Directory.CreateDirectory(Path.Combine(folder, PicturesName));
        return folder;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
