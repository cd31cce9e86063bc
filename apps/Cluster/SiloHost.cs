using System.Globalization;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Reminders;

namespace Lwg.MLNet.Cluster;

/// <summary>A silo with its services and health checks. Start here to host one.</summary>
internal static class SiloHost
{
    /// <summary>The key of the clock of jobs.</summary>
    public const string JobClock = "jobs";

    /// <summary>Builds the silo.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="change">Replaces registered services; null for none.</param>
    public static WebApplication Build(SiloSettings settings, Action<IServiceCollection>? change = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.Http);
        });
        AddLogs(builder.Logging, settings.JsonLogs);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = settings.DrainTime + TimeSpan.FromSeconds(30));
        AddWork(builder.Services, settings);
        builder.UseOrleans(silo => AddSilo(silo, settings));
        builder.Services.AddHostedService<SiloDrain>();
        AddTelemetry(builder.Services, settings);
        change?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        MapHealth(app, settings);
        if (settings.Dashboard)
            app.MapOrleansDashboard("/dashboard");
        return app;
    }

    /// <summary>Adds the services that process rows, without those of the silo itself.</summary>
    public static void AddWork(IServiceCollection services, SiloSettings settings)
    {
        services.AddSingleton(settings);
        AddClock(services, settings);
        services.AddSingleton<IStore>(_ => Stores.Open(settings.Store, create: settings.Place.IsEmbedded));
        services.AddSingleton(s => new SiloWork(s.GetRequiredService<ILocalSiloDetails>(), Math.Max(1, settings.Places)));
        services.AddSingleton<SiloJobs>().AddSingleton<ClusterMeter>();
        services.AddSingleton(_ => new RowPace(settings.RowsPerSecond));
        if (settings.Sleep is { } sleep)
            services.AddSingleton<IRowMaker>(_ => new SleepingRowMaker(sleep));
        else
            services.AddSingleton<IRowMaker, EngineRowMaker>();
        if (settings.Places == 0)
            services.AddHostedService<RoomKeeper>();
    }

    private static void AddSilo(ISiloBuilder silo, SiloSettings settings)
    {
        settings.Place.Configure(silo, settings.State);
        silo.Configure<EndpointOptions>(o => (o.SiloPort, o.GatewayPort) = (settings.SiloPort, settings.GatewayPort));
        if (!settings.Kubernetes)
            silo.Configure<EndpointOptions>(o => o.AdvertisedIPAddress = settings.Address);
        if (settings.Name is not null)
            silo.Configure<SiloOptions>(o => o.SiloName = settings.Name);
        silo.Configure<ReminderOptions>(o =>
            o.MinimumReminderPeriod = TimeSpan.FromTicks(Math.Min(settings.ReminderPeriod.Ticks, o.MinimumReminderPeriod.Ticks)));
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            o.ProbeTimeout = settings.ProbeTimeout;
            o.NumMissedProbesLimit = 3;
            // One vote is enough, because processing a range twice does no harm.
            o.NumVotesForDeathDeclaration = 1;
        });
        if (settings.Kubernetes)
            silo.UseKubernetesHosting();
        if (settings.Dashboard)
            silo.AddDashboard();
        silo.AddActivityPropagation();
    }

    // Only jobs and reminders have the shifted clock: a silo whose membership had it would find its own signs of life too old.
    private static void AddClock(IServiceCollection services, SiloSettings settings)
    {
        TimeProvider clock = settings.ClockAhead == TimeSpan.Zero ? TimeProvider.System : new ShiftedTime(settings.ClockAhead);
        services.AddKeyedSingleton(JobClock, clock);
        if (settings.ClockAhead != TimeSpan.Zero)
            services.AddKeyedSingleton(ReminderTimeProviderNames.Reminders, clock);
    }

    private static void AddLogs(ILoggingBuilder logs, bool json)
    {
        logs.ClearProviders();
        logs.AddFilter("Orleans", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        if (json)
            logs.AddJsonConsole(o => o.UseUtcTimestamp = true);
        else
            logs.AddSimpleConsole(o => (o.SingleLine, o.TimestampFormat, o.ColorBehavior) =
                (true, "HH:mm:ss ", LoggerColorBehavior.Disabled));
    }

    // Metrics and traces are always recorded, and exported if --otlp is given.
    private static void AddTelemetry(IServiceCollection services, SiloSettings settings)
    {
        if (settings.Otlp is not { } endpoint)
            return;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("lwg-cluster", serviceInstanceId: settings.Name
            ?? settings.SiloPort.ToString(CultureInfo.InvariantCulture)))
            .WithMetrics(metrics => metrics.AddMeter(ClusterMeter.Name, "Microsoft.Orleans").AddOtlpExporter(Export("v1/metrics")))
            .WithTracing(traces => traces.AddSource(ClusterMeter.Name, "Microsoft.Orleans.Application")
            .AddOtlpExporter(Export("v1/traces")));

        Action<OtlpExporterOptions> Export(string path) => o =>
            (o.Protocol, o.Endpoint) = (OtlpExportProtocol.HttpProtobuf, new Uri(endpoint, path));
    }

    private static void MapHealth(WebApplication app, SiloSettings settings)
    {
        app.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        app.MapGet("/health/ready", async (SiloWork work, ISiloStatusOracle silo, IStore store) =>
        {
            string reason = work.Draining.IsCancellationRequested ? "The silo drains." : silo.CurrentStatus != SiloStatus.Active
                ? $"The silo is {silo.CurrentStatus}." : "";
            try
            {
                await store.CheckAsync();
            }
            catch (StoreException e)
            {
                reason = e.Message;
            }
            return Results.Json(
                new { status = reason.Length == 0 ? "ready"
                : "not ready", reason, silo = silo.SiloName, places = work.Places, taken = work.Taken, waiting = work.Waiting },
                statusCode: reason.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
