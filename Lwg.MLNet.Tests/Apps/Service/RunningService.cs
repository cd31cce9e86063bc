using System.Globalization;
using System.Net.Http.Headers;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Service;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>The service on a free loopback port, with settings for speed, and a client.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    public const int MaximumUploadBytes = 2 << 20;

    private readonly WebApplication _app;

    private RunningService(WebApplication app)
    {
        _app = app;
        Client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(20) }) { BaseAddress =
            new Uri(app.Urls.Single()), Timeout = TimeSpan.FromMinutes(30) };
    }

    public HttpClient Client { get; }

    public Uri Address => Client.BaseAddress!;

    public ClientPlaces ClientPlaces => (ClientPlaces)_app.Services.GetService(typeof(ClientPlaces))!;

    public PersonTransferPool Pool => (PersonTransferPool)_app.Services.GetService(typeof(PersonTransferPool))!;

    public Places Places => (Places)_app.Services.GetService(typeof(Places))!;

    /// <summary>Sends pending traces.</summary>
    public void Flush() => _app.Services.GetRequiredService<TracerProvider>().ForceFlush();

    /// <summary>Starts a service.</summary>
    public static Task<RunningService> StartAsync(params string[] settings) => StartAsync(null, settings);

    /// <summary>Starts a service with some replaced services.</summary>
    public static async Task<RunningService> StartAsync(Action<IServiceCollection>? change, params string[] settings)
    {
        WebApplication app = ServiceApp.Build(
        [
            "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Warning", "--Lwg:Generator", "texture", "--Lwg:Size", "64",
            "--Lwg:Engines", "2",
            "--Lwg:MaximumUploadBytes", MaximumUploadBytes.ToString(CultureInfo.InvariantCulture), "--Lwg:MaximumPixels", "600000",
            // All clients of a test have the same address.
            "--Lwg:PlacesPerClient", "10000", .. settings,
        ],
        change);
        await app.StartAsync();
        return new RunningService(app);
    }

    /// <summary>Creates a form.</summary>
    /// <param name="picture">The file 'picture'; null for none.</param>
    /// <param name="fields">The other fields: name, value.</param>
    public static MultipartFormDataContent Form(byte[]? picture, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        if (picture is not null)
            form.Add(File(picture), "picture", "picture.png");
        foreach ((string name, string value) in fields)
            form.Add(new StringContent(value), name);
        return form;
    }

    /// <summary>Creates a file in a form.</summary>
    public static ByteArrayContent File(byte[] bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };

    /// <summary>Reads the value of a metric with some labels; 0 if it is not reported. All services of a process are counted
    /// together.</summary>
    public async Task<double> MetricAsync(string name, params string[] labels)
    {
        string line = (await Client.GetStringAsync("metrics")).Split('\n')
            .FirstOrDefault(l => l.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(l.Contains)) ?? "0 0";
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
