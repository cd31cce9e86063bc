using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Batch;
using Orleans.Concurrency;

namespace Lwg.MLNet.Cluster;

/// <summary>Processes rows. A row's result is named by the hash of its inputs, and its picture is written first, so that processing a row
/// twice writes the same bytes twice.</summary>
[StatelessWorker(MostAtATime, removeIdleWorkers: false)]
internal sealed class RowWorker(IStore store, SiloJobs jobs, IRowMaker maker, RowPace pace, ClusterMeter meter,
ILogger<RowWorker> log) : Grain, IRowWorker
{
    /// <summary>The number of attempts before a row fails.</summary>
    public const int MostTries = 3;

    private const int MostAtATime = 256;

    public async Task<RowOutcome> MakeAsync(RowOrder order)
    {
        RowLine row = RowLine.Parse(order.Line);
        using Activity? activity = ClusterMeter.Traces.StartActivity("row");
        activity?.SetTag("job", order.Job).SetTag("row", row.Row);
        try
        {
            if (await KeptAsync(row) is { } kept)
            {
                meter.Row("kept");
                return new RowOutcome { Counts = Count(kept) with { Kept = 1 } };
            }
            await pace.WaitAsync();
            RowOutcome outcome = await TryAsync(await jobs.OpenAsync(order.Job), row, order.Careful);
            activity?.SetTag("retries", outcome.Counts.Retries);
            return outcome;
        }
        catch (StoreException e)
        {
            log.LogWarning("Job {Job}, row {Row}: {Trouble}", order.Job, row.Row, e.Message);
            return new RowOutcome { StoreTrouble = e.Message };
        }
    }

    private async Task<RowOutcome> TryAsync(JobFile job, RowLine row, bool careful)
    {
        int died = careful ? await CountedTriesAsync(job, row) : 0, retries = 0;
        string reason = $"the process died on it {died} times";
        for (int tries = died; tries < MostTries; tries++)
        {
            if (careful)
                await store.WriteAsync(row.TriesName(job.Id), Encoding.ASCII.GetBytes((tries + 1).ToString(CultureInfo.InvariantCulture)));
            try
            {
                RowCounts made = await MakeAsync(job, row) with { Retries = retries };
                if (careful)
                    await store.DeleteAsync(row.TriesName(job.Id));
                return new RowOutcome { Counts = made };
            }
            catch (Exception e) when (e is not StoreException)
            {
                reason = $"{e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}";
                log.LogWarning(e, "Job {Job}, row {Row} ('{Id}'): try {Try} of {Tries} failed.", job.Id, row.Row, row.Request.Id, tries
                    + 1, MostTries);
                if (tries + 1 < MostTries)
                {
                    retries++;
                    meter.Retry();
                }
            }
        }
        return await FailAsync(job, row, reason, retries);
    }

    private async Task<RowCounts> MakeAsync(JobFile job, RowLine row)
    {
        var watch = Stopwatch.StartNew();
        MadeRow made = await maker.MakeAsync(job, row);
        TimeSpan read = watch.Elapsed - made.Measure - made.Picture;
        long milliseconds = watch.ElapsedMilliseconds;
        watch.Restart();
        if (made.Png is not null)
            await store.WriteAsync(row.PictureName, made.Png);
        await store.WriteAsync(row.ResultName, JsonSerializer.SerializeToUtf8Bytes(new JournalEntry(row.Key, milliseconds, made.Result)));
        meter.Stage("read", read);
        meter.Stage("measure", made.Measure);
        meter.Stage("picture", made.Picture);
        meter.Stage("write", watch.Elapsed);
        meter.Row(made.Result.Status);
        log.LogDebug("Job {Job}, row {Row} ('{Id}'): {Status} in {Milliseconds} ms.", job.Id, row.Row, row.Request.Id, made.Result.Status,
            milliseconds);
        return Count(made.Result);
    }

    // The row fails only for this job; another job may run on a better machine.
    private async Task<RowOutcome> FailAsync(JobFile job, RowLine row, string reason, int retries)
    {
        var result = new ResultRow { Id = row.Request.Id, Source = row.Request.Source, Motion = row.Request.Motion,
            Frame = row.Request.Frame, Reference = row.Request.Reference, Status = ResultRow.Failed, Refusal = "Failed",
            Message = $"The row failed {MostTries} times: {reason}" };
        await store.WriteAsync(row.FailureName(job.Id), JsonSerializer.SerializeToUtf8Bytes(new JournalEntry(row.Key, 0, result)));
        meter.Row(ResultRow.Failed);
        log.LogError("Job {Job}, row {Row} ('{Id}') is given up: {Reason}", job.Id, row.Row, row.Request.Id, reason);
        return new RowOutcome { Counts = new RowCounts { Failed = 1, Retries = retries },
            Failure = $"Row {row.Row} ('{row.Request.Id}') failed {MostTries} times: {reason}" };
    }

    private async Task<ResultRow?> KeptAsync(RowLine row)
    {
        if (await store.ReadAsync(row.ResultName) is not { } bytes || ResultOf(bytes) is not { } result)
            return null;
        if (result.Status == ResultRow.Refused)
            return result;
        return await store.ReadAsync(row.PictureName) is { } png && Convert.ToHexStringLower(SHA256.HashData(png)) == result.PictureSha256
            ? result : null;
    }

    private static ResultRow? ResultOf(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<JournalEntry>(bytes)?.Result;
        }
        catch (JsonException)
        {
            // The result is not readable; the row is processed again.
            return null;
        }
    }

    private async Task<int> CountedTriesAsync(JobFile job, RowLine row) =>
        await store.ReadAsync(row.TriesName(job.Id)) is { } text && int.TryParse(text, CultureInfo.InvariantCulture, out int tries) ? tries
        : 0;

    private static RowCounts Count(ResultRow result) =>
        result.Status == ResultRow.Made ? new RowCounts { Made = 1 } : new RowCounts { Refused = 1 };
}
