using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Lwg.MLNet.Service;

/// <summary>The metrics of the service, in addition to those of the engines. OpenTelemetry exports them at /metrics.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    public const string MeterName = "Lwg.MLNet.Service";

    // One meter for the process, because its listeners outlive a service.
    private static readonly Meter s_meter = new(MeterName);
    private static readonly ConcurrentDictionary<Places, bool> s_places = [];
    private static readonly Counter<long> s_answers =
        s_meter.CreateCounter<long>("lwg.requests", description: "Answers by endpoint and status code; 499 is a client that disconnected.");

    private readonly Places _places;

    static ServiceMetrics()
    {
        s_meter.CreateObservableGauge("lwg.places", () =>
            s_places.Keys.Sum(p => p.Count), description: "The maximum number of requests, including those that wait.");
        s_meter.CreateObservableGauge("lwg.places.taken", () => s_places.Keys.Sum(p => p.Taken), description: "Requests that run or wait.");
    }

    public ServiceMetrics(Places places)
    {
        _places = places;
        s_places.TryAdd(places, true);
    }

    /// <summary>Counts a response.</summary>
    public static void Answered(string endpoint, int code) => s_answers.Add(1, new("endpoint", endpoint), new("code", code));

    public void Dispose() => s_places.TryRemove(_places, out _);
}
