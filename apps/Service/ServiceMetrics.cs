using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Lwg.MLNet.Service;

/// <summary>What the service counts beside the engines' own meter; OpenTelemetry tells it at /metrics.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    public const string MeterName = "Lwg.MLNet.Service";

    // One meter for the process: what listens to it outlives a service.
    private static readonly Meter s_meter = new(MeterName);
    private static readonly ConcurrentDictionary<Places, bool> s_places = [];
    private static readonly Counter<long> s_answers =
        s_meter.CreateCounter<long>("lwg.requests", description: "Answers by endpoint and status code; 499 is a client that had gone.");

    private readonly Places _places;

    static ServiceMetrics()
    {
        s_meter.CreateObservableGauge("lwg.places", () =>
            s_places.Keys.Sum(p => p.Count), description: "Requests that may be inside, those that wait included.");
        s_meter.CreateObservableGauge("lwg.places.taken", () => s_places.Keys.Sum(p => p.Taken), description: "Requests that are inside.");
    }

    public ServiceMetrics(Places places)
    {
        _places = places;
        s_places.TryAdd(places, true);
    }

    /// <summary>Counts an answer.</summary>
    public static void Answered(string endpoint, int code) => s_answers.Add(1, new("endpoint", endpoint), new("code", code));

    public void Dispose() => s_places.TryRemove(_places, out _);
}
