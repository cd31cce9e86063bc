using System.Diagnostics;
using System.Globalization;
using System.Net;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Lwg.MLNet.Service;

/// <summary>The web application: this is the file to read if you want to serve pictures.</summary>
internal static class ServiceApp
{
    /// <summary>Builds it.</summary>
    /// <param name="args">Settings, for example <c>--urls http://localhost:8080 --Lwg:Engines 4</c>; see <see cref="ServiceOptions"/>.</param>
    /// <param name="change">Puts other services in the place of those that are there, another generator for example; null for none.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? change = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.AddOptions<ServiceOptions>().BindConfiguration(ServiceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton(Runtime);
        builder.Services.AddSingleton(services => PersonEstimators.Open(services.GetRequiredService<IOptions<ServiceOptions>>().Value.Estimator, services.GetRequiredService<NetworkRuntimeOptions>()));
        builder.Services.AddSingleton<ITransferGenerator>(services => services.GetRequiredService<IOptions<ServiceOptions>>().Value.Generator == "texture"
            ? new TextureWarpGenerator(BodyModel.Default) : new SharpGenerator(BodyModel.Default, OwnModels.OpenGenerator(services.GetRequiredService<NetworkRuntimeOptions>())));
        builder.Services.AddSingleton<ImitationModel>().AddSingleton<EnginePool>().AddSingleton<ClientPlaces>().AddSingleton<ServiceMetrics>();
        change?.Invoke(builder.Services);
        builder.WebHost.ConfigureKestrel((context, kestrel) =>
        {
            ServiceOptions options = context.Configuration.GetSection(ServiceOptions.Section).Get<ServiceOptions>() ?? new ServiceOptions();
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaximumUploadBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
            kestrel.Limits.MaxConcurrentConnections = 1000;
            kestrel.Limits.MinRequestBodyDataRate = options.MinimumBytesPerSecond == 0 ? null : new Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate(options.MinimumBytesPerSecond, TimeSpan.FromSeconds(options.RateGraceSeconds));
        });
        WebApplication app = builder.Build();
        // The engines are there before the first client is.
        ServiceMetrics metrics = app.Services.GetRequiredService<ServiceMetrics>();
        app.Use(async (context, next) =>
        {
            // As the answer starts, so that they are on errors too, which clear what was set before.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.CacheControl = "no-store";
                context.Response.Headers.XContentTypeOptions = "nosniff";
                context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'";
                return Task.CompletedTask;
            });
            await Problems.HandleAsync(context, next, app.Logger);
            metrics.Answered((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "other", context.Response.StatusCode);
        });
        UseProxies(app);
        app.UseRouting();
        MapPage(app);
        MapWatch(app, metrics);
        app.MapGet("/motions", () => Motions.All.Select(m => new { m.Name, m.FrameCount, m.FramesPerSecond }));
        app.MapGet("/limits", (IOptions<ServiceOptions> options) => new { options.Value.MaximumUploadBytes, options.Value.MaximumPixels, ImageCodec.MinimumSide });
        app.MapPost("/imitate", (HttpContext context, EnginePool pool, IOptions<ServiceOptions> options) => ImitateAsync(context, pool, metrics, options.Value, animated: false));
        app.MapPost("/animate", (HttpContext context, EnginePool pool, IOptions<ServiceOptions> options) => ImitateAsync(context, pool, metrics, options.Value, animated: true));
        return app;
    }

    // The client's address is the one that the last of the known proxies tells.
    // Where the networks run; of a GPU that is missing the log says once.
    private static NetworkRuntimeOptions Runtime(IServiceProvider services)
    {
        string device = services.GetRequiredService<IOptions<ServiceOptions>>().Value.Device;
        ILogger log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServiceApp));
        return device == "cpu" ? new() : new() { GpuDeviceId = 0, FallbackToCpu = device == "auto", Warn = message => log.LogWarning("{Message}", message) };
    }

    private static void UseProxies(WebApplication app)
    {
        string[] proxies = app.Services.GetRequiredService<IOptions<ServiceOptions>>().Value.Proxies.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (proxies.Length == 0)
            return;
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (string proxy in proxies)
            forwarded.KnownProxies.Add(IPAddress.TryParse(proxy, out IPAddress? address) ? address : throw new LwgException($"The setting 'Lwg:Proxies' has '{proxy}', which is not an IP address."));
        app.UseForwardedHeaders(forwarded);
    }

    private static async Task ImitateAsync(HttpContext context, EnginePool pool, ServiceMetrics metrics, ServiceOptions options, bool animated)
    {
        if (context.Request.ContentLength > options.MaximumUploadBytes)
            throw new BadHttpRequestException($"The request has {context.Request.ContentLength / 1048576.0:0.0} MB; at most {options.MaximumUploadBytes / 1048576.0:0.##} MB are allowed.", StatusCodes.Status413PayloadTooLarge);
        var clients = context.RequestServices.GetRequiredService<ClientPlaces>();
        IPAddress client = ClientPlaces.ClientOf(context.Connection.RemoteIpAddress);
        if (!clients.TryEnter(client))
        {
            await Problems.WriteAsync(context, StatusCodes.Status429TooManyRequests, $"A client may have {options.PlacesPerClient} requests at a time; please wait for an answer.", pool.RetryAfterSeconds);
            return;
        }
        try
        {
            await InPlaceAsync(context, pool, metrics, options, animated);
        }
        finally
        {
            clients.Leave(client);
        }
    }

    private static async Task InPlaceAsync(HttpContext context, EnginePool pool, ServiceMetrics metrics, ServiceOptions options, bool animated)
    {
        if (!pool.TryEnter())
        {
            await Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "All places are taken; please try again in a while.", pool.RetryAfterSeconds);
            return;
        }
        try
        {
            CancellationToken gone = context.RequestAborted;
            ImitationRequest request = await Upload.ReadAsync(context.Request, options, animated, gone);
            var watch = Stopwatch.StartNew();
            (List<byte[]> pngs, float shown) = await pool.RunAsync(engine => engine.Imitate(request, options, animated ? options.AnimationSide : options.PictureSide, gone), gone);
            metrics.Worked(watch.Elapsed);
            byte[] answer = animated ? AnimatedPng.Join(pngs, (int)(1000 * request.Motion!.FrameCount / request.Motion.FramesPerSecond / pngs.Count)) : pngs[0];
            context.Response.ContentType = animated ? "image/apng" : "image/png";
            context.Response.ContentLength = answer.Length;
            context.Response.Headers["X-Surface-Shown"] = shown.ToString("0.00", CultureInfo.InvariantCulture);
            await context.Response.Body.WriteAsync(answer, gone);
        }
        finally
        {
            pool.Leave();
        }
    }

    private static void MapPage(WebApplication app)
    {
        app.MapGet("/", () => Resource("page/index.html", "text/html; charset=utf-8"));
        app.MapGet("/page.css", () => Resource("page/page.css", "text/css; charset=utf-8"));
        app.MapGet("/page.js", () => Resource("page/page.js", "text/javascript; charset=utf-8"));
        app.MapGet("/people/{name}.png", (string name) => Resource($"people/{name}.png", "image/png"));
    }

    private static void MapWatch(WebApplication app, ServiceMetrics metrics)
    {
        app.MapGet("/health", (EnginePool pool) => app.Lifetime.ApplicationStopping.IsCancellationRequested
            ? Results.Json(new { status = "stopping" }, statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Json(new { status = "ready", engines = pool.Count, busy = pool.Busy, places = pool.Places, taken = pool.Taken }));
        app.MapGet("/metrics", () => Results.Text(metrics.ToString(), "text/plain; version=0.0.4; charset=utf-8"));
    }

    private static IResult Resource(string name, string contentType) =>
        typeof(ServiceApp).Assembly.GetManifestResourceStream(name) is { } stream ? Results.Stream(stream, contentType) : Results.NotFound();
}
