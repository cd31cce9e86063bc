using System.Diagnostics.Metrics;

namespace Lwg.MLNet.Samples.Service;

/// <summary>What the service counts beside the engines' own meter; OpenTelemetry tells it at /metrics.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    public const string MeterName = "Lwg.MLNet.Samples.Service";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _answers;

    public ServiceMetrics(Places places)
    {
        _answers = _meter.CreateCounter<long>("lwg.requests", description: "Answers by endpoint and status code; 499 is a client that had gone.");
        _meter.CreateObservableGauge("lwg.places", () => places.Count, description: "Requests that may be inside, those that wait included.");
        _meter.CreateObservableGauge("lwg.places.taken", () => places.Taken, description: "Requests that are inside.");
    }

    /// <summary>Counts an answer.</summary>
    public void Answered(string endpoint, int code) => _answers.Add(1, new("endpoint", endpoint), new("code", code));

    public void Dispose() => _meter.Dispose();
}
