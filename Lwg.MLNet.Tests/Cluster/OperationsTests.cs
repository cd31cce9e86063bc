using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Batch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Request = Lwg.MLNet.Batch.Request;
using Lwg.MLNet.Tests;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Tests health checks, logs and metrics for the operators of silos.</summary>
[TestClass]
public class OperationsTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task HealthDashboardLogAndTelemetryReportASilo()
    {
        using var folder = new TemporaryFolder();
        var received = new ConcurrentQueue<(string Path, string Body)>();
        var logged = new ConcurrentQueue<string>();
        await using WebApplication collector = await CollectAsync(received);
        var http = new IPEndPoint(IPAddress.Loopback, SiloProcess.FreePort());
        var place = new ClusterPlace { Gateway = new IPEndPoint(IPAddress.Loopback, SiloProcess.FreePort()) };
        var settings = new SiloSettings
        {
            Place = place,
            Store = folder.Path,
            SiloPort = SiloProcess.FreePort(),
            GatewayPort = place.Gateway.Port,
            Http = http,
            Dashboard = true,
            Otlp = new Uri(collector.Urls.Single()),
            Places = 1,
            Sleep = TimeSpan.FromMilliseconds(1),
        };
        using var client = new HttpClient { BaseAddress = new Uri($"http://{http}") };
        await using (WebApplication silo = SiloHost.Build(settings, services => services.AddSingleton<ILoggerProvider>(new Log(logged))))
        {
            await silo.StartAsync(TestContext.CancellationToken);
            JsonElement ready = await client.GetFromJsonAsync<JsonElement>("/health/ready", TestContext.CancellationToken);
            Assert.AreEqual(("ready", 1), (ready.GetProperty("status").GetString(), ready.GetProperty("places").GetInt32()));
            Assert.AreEqual(HttpStatusCode.OK, (await client.GetAsync("/dashboard", TestContext.CancellationToken)).StatusCode);

            string job = await RunJobAsync(folder.Path, place);
            Assert.Contains(line => line.Contains($"Job={job}", StringComparison.Ordinal)
                && line.Contains("Made=6", StringComparison.Ordinal), logged, "the log's fields");

            await silo.Services.GetRequiredService<SiloWork>().DrainAsync(TimeSpan.FromSeconds(1));
            using HttpResponseMessage drained = await client.GetAsync("/health/ready", TestContext.CancellationToken);
            Assert.AreEqual(HttpStatusCode.ServiceUnavailable, drained.StatusCode);
            Assert.Contains("The silo drains.", await drained.Content.ReadAsStringAsync(TestContext.CancellationToken));
            Assert.AreEqual(HttpStatusCode.OK, (await client.GetAsync("/health/live", TestContext.CancellationToken)).StatusCode);
            silo.Services.GetRequiredService<MeterProvider>().ForceFlush();
            await silo.StopAsync(TestContext.CancellationToken);
        }
        string metrics = string.Concat(received.Where(r => r.Path == "/v1/metrics").Select(r => r.Body)),
            traces = string.Concat(received.Where(r => r.Path == "/v1/traces").Select(r => r.Body));
        foreach (string name in (string[])["lwg.cluster.rows", "lwg.cluster.ranges", "lwg.cluster.stage.duration", "lwg.cluster.places",
            "orleans-"])
            Assert.Contains(name, metrics);
        Assert.Contains("range", traces);
    }

    private async Task<string> RunJobAsync(string store, ClusterPlace place)
    {
        Request[] rows = [.. Enumerable.Range(1, 6)
            .Select(i => new Request { Row = i, Id = $"r{i}", Source = "a.png", Motion = "walk" })];
        JobFile job = await new JobWriter(new FolderStore(store, false),
            new BatchSettings { Requests = "t.csv", Pictures = "", Out = "" }, new RowPictures(), SleepingRowMaker.Identity).WriteAsync(
            rows, false, "t", 3, TestContext.CancellationToken);
        await using ClusterClient asks = await ClusterClient.ConnectAsync(place, TestContext.CancellationToken);
        JobStatus status = await asks.AskAsync(job.Id, grain => grain.StartAsync(false));
        while (status.Phase != JobPhase.Done)
        {
            await Task.Delay(20, TestContext.CancellationToken);
            status = await asks.AskAsync(job.Id, grain => grain.StatusAsync());
        }
        Assert.AreEqual(6, status.Counts.Made);
        return job.Id;
    }

    private static async Task<WebApplication> CollectAsync(ConcurrentQueue<(string Path, string Body)> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add($"http://127.0.0.1:{SiloProcess.FreePort()}");
        app.MapPost("/v1/{kind}", async (HttpRequest request, string kind) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue(($"/v1/{kind}", Encoding.Latin1.GetString(body.ToArray())));
            return Results.Bytes([], "application/x-protobuf");
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>Keeps the fields of this project's log lines.</summary>
    private sealed class Log(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter) =>
            lines.Enqueue(state is IEnumerable<KeyValuePair<string, object?>> fields
            ? string.Join(' ', fields.Select(f => $"{f.Key}={f.Value}")) : "");

        public void Dispose()
        {
        }
    }
}
