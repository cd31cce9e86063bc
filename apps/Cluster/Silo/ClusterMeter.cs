using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Lwg.MLNet.Cluster;

/// <summary>The metrics of a silo, which OpenTelemetry exports.</summary>
internal sealed class ClusterMeter : IDisposable
{
    public const string Name = "Lwg.Cluster";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _rows;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _ranges;
    private readonly Histogram<double> _stages;

    public ClusterMeter(SiloWork work)
    {
        _rows = _meter.CreateCounter<long>("lwg.cluster.rows", "{row}",
            "Finished rows by result: made, refused, failed; kept are those whose results were in the store.");
        _retries = _meter.CreateCounter<long>("lwg.cluster.retries", "{try}",
            "Failed attempts at rows that were followed by another one.");
        _ranges = _meter.CreateCounter<long>("lwg.cluster.ranges", "{range}", "Finished ranges by result.");
        _stages = _meter.CreateHistogram<double>("lwg.cluster.stage.duration", "s",
            "Seconds a row, by stage: read (its files), measure (person and pose), picture, write (its result).",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries =
            [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
        _meter.CreateObservableGauge("lwg.cluster.places", () => work.Places, "{range}", "Ranges that the silo processes at a time.");
        _meter.CreateObservableGauge("lwg.cluster.taken", () => work.Taken, "{range}", "Running ranges.");
        _meter.CreateObservableGauge("lwg.cluster.queue", () => work.Waiting, "{range}", "Ranges that wait for a place.");
    }

    public static ActivitySource Traces { get; } = new(Name);

    public void Row(string status) => _rows.Add(1, new KeyValuePair<string, object?>("status", status));

    public void Retry() => _retries.Add(1);

    public void Range(RangeEnd end) => _ranges.Add(1, new KeyValuePair<string, object?>("end", end.ToString()));

    public void Stage(string stage, TimeSpan time) => _stages.Record(time.TotalSeconds, new KeyValuePair<string, object?>("stage", stage));

    public void Dispose() => _meter.Dispose();
}
