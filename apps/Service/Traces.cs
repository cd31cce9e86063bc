using Lwg.MLNet.Extensions;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Lwg.MLNet.Service;

/// <summary>Exports traces to the target in <see cref="ServiceOptions.Traces"/>.</summary>
internal static class Traces
{
    private const string Console = "console";

    /// <exception cref="LwgException">The setting is neither 'console' nor an address.</exception>
    public static void Export(TracerProviderBuilder traces, IConfiguration configuration)
    {
        string place = configuration.GetSection(ServiceOptions.Section).Get<ServiceOptions>()?.Traces ?? "";
        if (place.Length == 0)
            return;
        // Progress queries are frequent and are not traced.
        traces.ConfigureResource(resource => resource.AddService("lwg-service")).AddSource(PersonTransferDiagnostics.ActivitySourceName)
            .AddAspNetCoreInstrumentation(o => o.Filter = context => !context.Request.Path.StartsWithSegments("/progress"));
        if (place == Console)
            traces.AddConsoleExporter();
        else if (Uri.TryCreate(place, UriKind.Absolute, out Uri? collector) && collector.Scheme is ("http" or "https"))
            traces.AddOtlpExporter(o => (o.Protocol, o.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new Uri(collector, "v1/traces")));
        else
            throw new LwgException($"The setting 'Lwg:Traces' is '{place}'; 'console' or the address of a collector is needed, for "
                + $"example http://localhost:4318.");
    }
}
