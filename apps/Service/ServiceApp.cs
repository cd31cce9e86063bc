using System.Globalization;
using System.Net;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using OpenTelemetry.Metrics;
using KestrelServerOptions = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace Lwg.MLNet.Service;

/// <summary>The web application. Start here to serve pictures from a service of your own.</summary>
internal static class ServiceApp
{
    /// <summary>Builds the application.</summary>
    /// <param name="args">Settings, for example <c>--urls http://localhost:8080 --Lwg:Engines 4</c>; see
    /// <see cref="ServiceOptions"/>.</param>
    /// <param name="change">Replaces registered services, for example the generator; null for none.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? change = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        AddServices(builder);
        change?.Invoke(builder.Services);
        builder.Services.AddPersonTransfer(ServiceOptions.Section);
        builder.WebHost.ConfigureKestrel(Limit);
        WebApplication app = builder.Build();
        // Creates the engines before the first client connects.
        _ = app.Services.GetRequiredService<ServiceMetrics>();
        UseHeadersAndProblems(app);
        UseProxies(app);
        app.UseRouting();
        MapPage(app);
        MapWatch(app);
        MapRequests(app);
        return app;
    }

    private static void AddServices(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ServiceOptions>().BindConfiguration(ServiceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<Places>().AddSingleton<ClientPlaces>().AddSingleton<ServiceMetrics>().AddSingleton<RequestProgress>();
        builder.Services.AddHealthChecks().AddCheck<StoppingCheck>("stopping");
        builder.Services.AddOpenApi();
        // The library provides engines, metrics and traces; OpenTelemetry exports them.
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(PersonTransferDiagnostics.MeterName, ServiceMetrics.MeterName, "System.Runtime")
            .AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0))
            .WithTracing(traces => Traces.Export(traces, builder.Configuration));
    }

    private static void Limit(WebHostBuilderContext context, KestrelServerOptions kestrel)
    {
        ServiceOptions options = context.Configuration.GetSection(ServiceOptions.Section).Get<ServiceOptions>() ?? new ServiceOptions();
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaximumUploadBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        kestrel.Limits.MaxConcurrentConnections = 1000;
        kestrel.Limits.MinRequestBodyDataRate = options.MinimumBytesPerSecond == 0 ? null
            : new MinDataRate(options.MinimumBytesPerSecond, TimeSpan.FromSeconds(options.RateGraceSeconds));
    }

    private static void UseHeadersAndProblems(WebApplication app) =>
        app.Use(async (context, next) =>
        {
            // Set when the response starts, so that errors have the headers too, which clear those that were set before.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.CacheControl = "no-store";
                context.Response.Headers.XContentTypeOptions = "nosniff";
                context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'";
                return Task.CompletedTask;
            });
            await Problems.HandleAsync(context, next, app.Logger);
            ServiceMetrics.Answered((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "other", context.Response.StatusCode);
        });

    // The client's address is the one that the last of the known proxies reports.
    private static void UseProxies(WebApplication app)
    {
        string[] proxies = app.Services.GetRequiredService<IOptions<ServiceOptions>>().Value.Proxies.Split(',',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (proxies.Length == 0)
            return;
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (string proxy in proxies)
            forwarded.KnownProxies.Add(IPAddress.TryParse(proxy, out IPAddress? address) ? address
                : throw new LwgException($"The setting 'Lwg:Proxies' has '{proxy}', which is not an IP address."));
        app.UseForwardedHeaders(forwarded);
    }

    private static void MapRequests(WebApplication app)
    {
        app.MapGet("/motions", () => Motions.All.Select(m => new { m.Name, m.FrameCount, m.FramesPerSecond }));
        app.MapGet("/limits", (IOptions<ServiceOptions> options) =>
            new { options.Value.MaximumUploadBytes, options.Value.MaximumPixels, ImageCodec.MinimumSide });
        app.MapPost("/imitate", (HttpContext context, Places places) => AnswerAsync(context, places, RequestKind.Imitate))
            .Describe("Returns the person of a photograph in the pose of a motion's frame or of another photograph.",
            "image/png", "picture", "motion", "frame", "reference");
        app.MapPost("/animate", (HttpContext context, Places places) => AnswerAsync(context, places, RequestKind.Animate))
            .Describe("Returns the person of a photograph doing a motion, an animated PNG.", "image/apng", "picture", "motion", "frames");
        app.MapPost("/swap", (HttpContext context, Places places) => AnswerAsync(context, places, RequestKind.Swap))
            .Describe("Returns the person of a photograph in the clothes of another one ('parts': body, upper or lower).",
            "image/png", "picture", "reference", "parts");
        app.MapPost("/view", (HttpContext context, Places places) => AnswerAsync(context, places, RequestKind.View))
            .Describe("Returns the person of a photograph turned by 0 to 359 degrees.", "image/png", "picture", "angle");
        app.MapPost("/turn", (HttpContext context, Places places) => AnswerAsync(context, places, RequestKind.Turn))
            .Describe("Returns the person of a photograph from all sides, an animated PNG.", "image/apng", "picture", "frames");
        app.MapGet("/progress/{ticket:guid}", (Guid ticket, RequestProgress progress) => progress.Of(ticket))
            .WithSummary($"The progress of a request by the ticket (a GUID) in its header {RequestProgress.Header}: phase (none, upload, "
            + $"wait, work), and the number of pictures that are made, and their total.");
    }

    private static async Task AnswerAsync(HttpContext context, Places places, RequestKind kind)
    {
        ServiceOptions options = context.RequestServices.GetRequiredService<IOptions<ServiceOptions>>().Value;
        if (context.Request.ContentLength > options.MaximumUploadBytes)
            throw new BadHttpRequestException(
                $"The request has {context.Request.ContentLength / 1048576.0:0.0} MB; at most "
                + $"{options.MaximumUploadBytes / 1048576.0:0.##} MB are allowed.", StatusCodes.Status413PayloadTooLarge);
        var clients = context.RequestServices.GetRequiredService<ClientPlaces>();
        IPAddress client = ClientPlaces.ClientOf(context.Connection.RemoteIpAddress);
        if (!clients.TryEnter(client))
        {
            await Problems.WriteAsync(context, StatusCodes.Status429TooManyRequests,
                $"A client may have {options.PlacesPerClient} requests at a time; please wait for an answer.", places.RetryAfterSeconds);
            return;
        }
        try
        {
            await InPlaceAsync(context, places, options, kind);
        }
        finally
        {
            clients.Leave(client);
        }
    }

    private static async Task InPlaceAsync(HttpContext context, Places places, ServiceOptions options, RequestKind kind)
    {
        if (!places.TryEnter())
        {
            await Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable,
                "All places are taken; please try again later.", places.RetryAfterSeconds);
            return;
        }
        try
        {
            CancellationToken gone = context.RequestAborted;
            using RequestProgress.Entry progress = context.RequestServices.GetRequiredService<RequestProgress>().Begin(context.Request);
            bool animated = kind is RequestKind.Animate or RequestKind.Turn;
            TransferRequest request = await Upload.ReadAsync(context.Request, options, kind, gone);
            progress.Wait(request.Count);
            (List<byte[]> pngs, float? shown) = await places.RunAsync(engine =>
                RequestWork.Make(engine, request, options, animated ? options.AnimationSide : options.PictureSide, progress.Work, gone),
                gone);
            byte[] answer = animated ? AnimatedPng.Join(pngs, request.FrameMilliseconds) : pngs[0];
            context.Response.ContentType = animated ? "image/apng" : "image/png";
            context.Response.ContentLength = answer.Length;
            if (shown is { } share)
                context.Response.Headers["X-Surface-Shown"] = share.ToString("0.00", CultureInfo.InvariantCulture);
            await context.Response.Body.WriteAsync(answer, gone);
        }
        finally
        {
            places.Leave();
        }
    }

    private static void MapPage(WebApplication app)
    {
        app.MapGet("/", () => Resource("page/index.html", "text/html; charset=utf-8")).ExcludeFromDescription();
        app.MapGet("/page.css", () => Resource("page/page.css", "text/css; charset=utf-8")).ExcludeFromDescription();
        app.MapGet("/favicon.svg", () => Resource("page/favicon.svg", "image/svg+xml")).ExcludeFromDescription();
        app.MapGet("/page.js", () => Resource("page/page.js", "text/javascript; charset=utf-8")).ExcludeFromDescription();
        app.MapGet("/people/{name}.png", (string name) => Resource($"people/{name}.png", "image/png")).ExcludeFromDescription();
    }

    private static void MapWatch(WebApplication app)
    {
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteHealthAsync });
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapOpenApi();
        app.MapGet("/openapi", () => Results.Redirect("/openapi/v1.json")).ExcludeFromDescription();
    }

    private static Task WriteHealthAsync(HttpContext context, HealthReport report)
    {
        PersonTransferPool pool = context.RequestServices.GetRequiredService<PersonTransferPool>();
        Places places = context.RequestServices.GetRequiredService<Places>();
        string status = report.Status == HealthStatus.Healthy ? "ready" : report.Entries["stopping"].Status == HealthStatus.Unhealthy
            ? "stopping" : "broken";
        return context.Response.WriteAsJsonAsync(
            new { status, engines = pool.Count, busy = pool.Busy, places = places.Count, taken = places.Taken });
    }

    private static IResult Resource(string name, string contentType) =>
        typeof(ServiceApp).Assembly.GetManifestResourceStream(name) is { } stream ? Results.Stream(stream, contentType)
        : Results.NotFound();

    private static OpenApiSchema FormOf(string[] fields) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "picture" },
        Properties = fields.ToDictionary(f => f, f =>
        (IOpenApiSchema)new OpenApiSchema { Type = JsonSchemaType.String, Format = f is "picture" or "reference" ? "binary" : null }),
    };

    private static void Describe(this RouteHandlerBuilder route, string summary, string contentType, params string[] fields) =>
        route.WithSummary(summary)
        .AddOpenApiOperationTransformer((operation, _, _) =>
        {
            // Declared here instead of with Accepts, because then routing would reject other content types itself, without a message.
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = new Dictionary<string,
                OpenApiMediaType> { ["multipart/form-data"] = new() { Schema = FormOf(fields) } } };
            return Task.CompletedTask;
        })
        .Produces<byte[]>(StatusCodes.Status200OK, contentType)
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .ProducesProblem(StatusCodes.Status429TooManyRequests).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private sealed class StoppingCheck(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The service is stopping.")
            : HealthCheckResult.Healthy());
    }
}
