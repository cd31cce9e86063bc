using System.Diagnostics;

namespace Lwg.MLNet.Cluster;

/// <summary>
/// Passes the rows of a range to workers of its silo, one after another, so that rows of the same source share its features. It saves
/// nothing: the results are in the store, and the job's grain keeps the assignments.
/// </summary>
[Orleans.Placement.RandomPlacement]
internal sealed class RangeGrain(IStore store, SiloWork work, SiloJobs jobs, ClusterMeter meter, ILogger<RangeGrain> log) : Grain,
IRangeGrain
{
    private const int MostFailures = 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private int _through;
    private bool _stopped;
    private RangeReport? _report;
    private Task? _run;

    public Task<RangeAnswer> RunAsync(RangeOrder order)
    {
        _run ??= RunToEndAsync(order);
        return Task.FromResult(Answer());
    }

    public Task StopAsync()
    {
        _stopped = true;
        return Task.CompletedTask;
    }

    private RangeAnswer Answer() => new(work.Word(), _through, _report);

    private async Task RunToEndAsync(RangeOrder order)
    {
        // The caller gets its answer before the work starts.
        await Task.Yield();
        using Activity? activity = ClusterMeter.Traces.StartActivity("range");
        activity?.SetTag("job", order.Job).SetTag("range", order.Range);
        // The rows are read while the range waits for a place.
        Task<byte[][]> lines = ReadAsync(order);
        await Task.WhenAny(lines);
        await work.EnterAsync();
        try
        {
            _report = await WorkAsync(order, lines);
        }
        finally
        {
            work.Leave();
        }
        meter.Range(_report.End);
        activity?.SetTag("end", _report.End.ToString());
        if (_report.End != RangeEnd.Through)
            log.LogInformation("Job {Job}, range {Range}: {End}. {Reason}", order.Job, order.Range, _report.End, _report.Reason);
        try
        {
            await TellAsync(order);
        }
        finally
        {
            work.Told();
        }
    }

    private async Task<byte[][]> ReadAsync(RangeOrder order)
    {
        await jobs.OpenAsync(order.Job);
        return await RangeIndex.ReadLinesAsync(store, order.Job, order.Range);
    }

    private async Task<RangeReport> WorkAsync(RangeOrder order, Task<byte[][]> lines)
    {
        var counts = new RowCounts();
        var failures = new List<string>();
        try
        {
            foreach (byte[] line in await lines)
            {
                if (_stopped || work.Draining.IsCancellationRequested)
                    return End(RangeEnd.GivenBack, _stopped ? "The job was stopped." : "The silo drains.");
                RowOutcome outcome = await GrainFactory.GetGrain<IRowWorker>(0).MakeAsync(new RowOrder(order.Job, line, order.Careful));
                if (outcome.StoreTrouble.Length > 0)
                    return End(RangeEnd.StoreTrouble, outcome.StoreTrouble);
                counts += outcome.Counts;
                _through++;
                if (outcome.Failure.Length > 0 && failures.Count < MostFailures)
                    failures.Add(outcome.Failure);
            }
            return End(RangeEnd.Through, "");
        }
        catch (StoreException e)
        {
            return End(RangeEnd.StoreTrouble, e.Message);
        }
        catch (LwgException e)
        {
            return End(RangeEnd.SiloRefused, e.Message);
        }
        catch (Exception e)
        {
            log.LogError(e, "Job {Job}, range {Range}: it is returned.", order.Job, order.Range);
            return End(RangeEnd.GivenBack, e.Message);
        }

        RangeReport End(RangeEnd end, string reason) => new() { End = end, Reason = reason, Counts = counts, Failures = failures };
    }

    // If the report does not reach the job's grain, that grain asks for it.
    private async Task TellAsync(RangeOrder order)
    {
        (string job, int range, int attempt) = RangeKey.Parse(this.GetPrimaryKeyString());
        for (int i = 0; i < 3; i++)
        {
            try
            {
                await GrainFactory.GetGrain<IJobGrain>(job).ReportAsync(range, attempt, Answer());
                DeactivateOnIdle();
                return;
            }
            catch (Exception e)
            {
                log.LogWarning("Job {Job}, range {Range}: its end could not be reported to the job ({Reason}).", order.Job, order.Range,
                    e.Message);
                await Task.Delay(s_patience);
            }
        }
    }
}
