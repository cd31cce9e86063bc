using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using Lwg.MLNet.Tests;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>A Chromium without a window, driven by the Chrome DevTools Protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _profile;
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _cancellation = new(s_patience);
    private int _commands;

    private Browser(TemporaryFolder profile, Process process) => (_profile, _process) = (profile, process);

    /// <summary>Where one is; null if there is none.</summary>
    public static string? Find() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         from name in (string[])["chromium", "chromium-browser", "google-chrome"]
         let path = Path.Combine(folder, name)
         where folder.Length > 0 && File.Exists(path)
         select path).FirstOrDefault();

    /// <summary>Starts one with an empty page.</summary>
    public static async Task<Browser> StartAsync(string program, int width, int height)
    {
        var profile = new TemporaryFolder();
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={profile.Path}", string.Create(CultureInfo.InvariantCulture, $"--window-size={width},{height}"), "about:blank"])
            start.ArgumentList.Add(argument);
        var browser = new Browser(profile, Process.Start(start)!);
        browser._process.ErrorDataReceived += (_, _) => { };
        browser._process.BeginErrorReadLine();
        browser._process.OutputDataReceived += (_, _) => { };
        browser._process.BeginOutputReadLine();
        try
        {
            await browser.ConnectAsync();
            await browser.SendAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = false });
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to a page and waits until an expression on it is true.</summary>
    public async Task OpenAsync(Uri address, string until)
    {
        await SendAsync("Page.navigate", new { url = address.AbsoluteUri });
        await WaitAsync(until);
    }

    /// <summary>Chooses a file, as a person would.</summary>
    public async Task ChooseFileAsync(string selector, string file)
    {
        JsonElement document = await SendAsync("DOM.getDocument", new { });
        JsonElement node = await SendAsync("DOM.querySelector", new { nodeId = document.GetProperty("root").GetProperty("nodeId").GetInt32(), selector });
        await SendAsync("DOM.setFileInputFiles", new { files = (string[])[file], nodeId = node.GetProperty("nodeId").GetInt32() });
    }

    /// <summary>The value of an expression.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        JsonElement answer = await SendAsync("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true });
        Assert.IsFalse(answer.TryGetProperty("exceptionDetails", out JsonElement e), e.ToString());
        return answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task WaitAsync(string expression)
    {
        while ((await EvaluateAsync($"Boolean({expression})")).ValueKind != JsonValueKind.True)
            await Task.Delay(50, _cancellation.Token);
    }

    /// <summary>What is seen, a PNG.</summary>
    public async Task<byte[]> TakePictureAsync() => (await SendAsync("Page.captureScreenshot", new { format = "png" })).GetProperty("data").GetBytesFromBase64();

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _cancellation.Dispose();
        // Its helpers may take a moment to let go of the profile.
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                _profile.Dispose();
                return;
            }
            catch (IOException) when (attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }

    private async Task ConnectAsync()
    {
        string file = Path.Combine(_profile.Path, "DevToolsActivePort");
        string[] lines;
        do
        {
            await Task.Delay(50, _cancellation.Token);
            lines = File.Exists(file) ? await File.ReadAllLinesAsync(file, _cancellation.Token) : [];
        }
        while (lines.Length < 2);
        using var client = new HttpClient();
        using JsonDocument pages = JsonDocument.Parse(await client.GetStringAsync($"http://127.0.0.1:{lines[0]}/json/list", _cancellation.Token));
        string address = pages.RootElement.EnumerateArray().First(p => p.GetProperty("type").GetString() == "page").GetProperty("webSocketDebuggerUrl").GetString()!;
        await _socket.ConnectAsync(new Uri(address), _cancellation.Token);
    }

    private async Task<JsonElement> SendAsync(string method, object parameters)
    {
        int id = ++_commands;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["id"] = id, ["method"] = method, ["params"] = parameters }), WebSocketMessageType.Text, true, _cancellation.Token);
        while (true)
        {
            using var message = new MemoryStream();
            byte[] part = new byte[1 << 16];
            WebSocketReceiveResult received;
            do
            {
                received = await _socket.ReceiveAsync(part, _cancellation.Token);
                message.Write(part, 0, received.Count);
            }
            while (!received.EndOfMessage);
            JsonElement answer = JsonSerializer.Deserialize<JsonElement>(message.ToArray());
            // Anything else is an event, of which nobody here wants to hear.
            if (!answer.TryGetProperty("id", out JsonElement to) || to.GetInt32() != id)
                continue;
            Assert.IsFalse(answer.TryGetProperty("error", out JsonElement error), $"{method}: {error}");
            return answer.GetProperty("result");
        }
    }
}
