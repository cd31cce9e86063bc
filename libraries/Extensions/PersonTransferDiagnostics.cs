using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Lwg.MLNet.Extensions;

/// <summary>The names of the meter and of the activity source, for OpenTelemetry and similar listeners.</summary>
public static class PersonTransferDiagnostics
{
    /// <summary>The meter. It has the histogram lwg.work (seconds of work of an engine) and the gauges lwg.engines and
    /// lwg.engines.busy.</summary>
    public const string MeterName = "Lwg.MLNet";

    /// <summary>The activity source of lwg.imitate, lwg.transfer_appearance, lwg.synthesize_view and lwg.find_pose.</summary>
    public const string ActivitySourceName = "Lwg.MLNet";

    // One meter per process, because a listener outlives a pool.
    private static readonly Meter s_meter = new(MeterName);
    private static readonly ConcurrentDictionary<PersonTransferPool, bool> s_pools = [];

    static PersonTransferDiagnostics()
    {
        s_meter.CreateObservableGauge("lwg.engines", () => s_pools.Keys.Sum(pool => pool.Count), description: "Engines.");
        s_meter.CreateObservableGauge("lwg.engines.busy", () => s_pools.Keys.Sum(pool => pool.Busy), description: "Engines in use.");
    }

    internal static ActivitySource Source { get; } = new(ActivitySourceName);

    internal static Histogram<double> Work { get; } =
        s_meter.CreateHistogram("lwg.work", "s", "The duration of an engine's work.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });

    internal static void Watch(PersonTransferPool pool) => s_pools.TryAdd(pool, true);

    internal static void Forget(PersonTransferPool pool) => s_pools.TryRemove(pool, out _);
}
