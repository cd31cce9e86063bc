using System.Diagnostics;

namespace Lwg.MLNet.Extensions;

/// <summary>What OpenTelemetry and the like are told to listen to.</summary>
public static class PersonTransferDiagnostics
{
    /// <summary>The meter: the histogram lwg.work (seconds of an engine), the gauges lwg.engines and lwg.engines.busy.</summary>
    public const string MeterName = "Lwg.MLNet";

    /// <summary>The source of the activities lwg.imitate and lwg.find_pose.</summary>
    public const string ActivitySourceName = "Lwg.MLNet";

    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}
