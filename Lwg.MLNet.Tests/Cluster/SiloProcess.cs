using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>A silo in another process, which can be killed.</summary>
internal sealed class SiloProcess : IDisposable
{
    private static readonly HttpClient s_http = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = [];
    private readonly int _health = FreePort();

    private SiloProcess(int gateway, string[] args)
    {
        Gateway = gateway;
        _process = Start([.. args, "--silo-port", Text(FreePort()), "--gateway-port", Text(gateway), "--http", $"127.0.0.1:{_health}"],
            _said.Enqueue);
    }

    /// <summary>The port for clients.</summary>
    public int Gateway { get; }

    /// <summary>The output of the process.</summary>
    public string Said => string.Join('\n', _said);

    /// <summary>Starts a silo.</summary>
    public static SiloProcess Serve(string store, params string[] more) =>
        new(FreePort(), ["serve", "--store", store, "--places", "1", "--reminder-seconds", "1", "--probe-seconds", "0.5", .. more]);

    /// <summary>Starts the program.</summary>
    public static Process Start(string[] args, Action<string> said)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        // The processes are too short-lived to benefit from tiered compilation.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["LWG_STORE"] = Environment.GetEnvironmentVariable("LWG_STORE");
        foreach (string argument in (string[])["exec", typeof(ClusterProgram).Assembly.Location, .. args])
            start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => said(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => said(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits until the silo is healthy.</summary>
    public async Task ReadyAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await s_http.GetAsync($"http://127.0.0.1:{_health}/health/ready", patience.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                Assert.IsFalse(_process.HasExited, $"it ended: {Said}");
            }
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Kills the process.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to stop, and waits for its end.</summary>
    public async Task<int> StopAsync()
    {
        using Process kill = Process.Start("kill", $"-TERM {_process.Id}");
        await kill.WaitForExitAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
