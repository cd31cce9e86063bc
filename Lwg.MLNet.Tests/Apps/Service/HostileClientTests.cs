using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Service;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>Clients that block resources, send invalid forms, or check error responses for missing headers.</summary>
[TestClass]
public class HostileClientTests
{
    private static readonly byte[] s_anna = TestPeople.Png("anna", 128);

    private static RunningService s_service = null!;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext _) =>
    s_service = await RunningService.StartAsync("--Lwg:PlacesPerClient", "2", "--Lwg:Proxies", "127.0.0.1", "--Lwg:UploadSeconds", "600",
    "--Lwg:MinimumBytesPerSecond", "0");

    [ClassCleanup]
    public static async Task Stop() => await s_service.DisposeAsync();

    [TestMethod]
    [DataRow("GET", "health", null, 200)]
    [DataRow("GET", "nothing", null, 404)]
    [DataRow("GET", "people/nobody.png", null, 404)]
    [DataRow("GET", "imitate", null, 405)]
    [DataRow("POST", "imitate", "text", 415)]
    [DataRow("POST", "imitate", "no picture", 422)]
    [DataRow("POST", "imitate", "no motion", 400)]
    [DataRow("POST", "imitate", "huge", 413)]
    [DataRow("POST", "imitate", "picture", 200)]
    public async Task EveryAnswerHasItsHeaders(string method, string path, string? content, int code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Headers = { ExpectContinue = true },
            Content = content switch
            {
                null => null,
                "text" => new StringContent("hello"),
                "no picture" => RunningService.Form("This is no picture."u8.ToArray(), ("motion", "wave")),
                "no motion" => RunningService.Form(s_anna),
                "huge" => RunningService.Form(new byte[RunningService.MaximumUploadBytes + 1], ("motion", "wave")),
                _ => RunningService.Form(s_anna, ("motion", "wave")),
            },
        };
        using HttpResponseMessage answer = await s_service.Client.SendAsync(request, TestContext.CancellationToken);
        Assert.AreEqual(code, (int)answer.StatusCode);
        AssertHeaders(answer);
    }

    [TestMethod]
    public async Task AFailureInsideHasThemToo()
    {
        await using RunningService service = await RunningService.StartAsync(services =>
            Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<Generation.TransferGenerator>(
            services, new WatchedGenerator(new Generation.TextureWarpGenerator(Lwg.MLNet.Body.BodyModel.Default), () =>
            throw new InvalidOperationException("broken"))));
        using HttpResponseMessage answer =
            await service.Client.PostAsync("imitate", RunningService.Form(s_anna, ("motion", "wave")), TestContext.CancellationToken);
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        AssertHeaders(answer);
    }

    [TestMethod]
    [DataRow("Multipart/Form-Data")]
    [DataRow("MULTIPART/FORM-DATA")]
    public async Task MediaTypesAreComparedWithoutCase(string type)
    {
        MultipartFormDataContent form = RunningService.Form(s_anna, ("motion", "wave"));
        form.Headers.ContentType!.MediaType = type;
        using HttpResponseMessage answer = await s_service.Client.PostAsync("imitate", form, TestContext.CancellationToken);
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.CancellationToken));
    }

    [TestMethod]
    [DataRow(2, true, "more than one part 'motion'")]
    [DataRow(20_000, true, "more than one part 'motion'")]
    [DataRow(17, false, "more than 16 parts")]
    [DataRow(20_000, false, "more than 16 parts")]
    public async Task PartsAreCounted(int count, bool sameName, string reason)
    {
        var body = new StringBuilder();
        for (int i = 0; i < count; i++)
            body.Append($"--x\r\nContent-Disposition: form-data; name={(sameName ? "motion" : $"m{i}")}\r\n\r\nwave\r\n");
        using var form = new StringContent(body.Append("--x--\r\n").ToString(), Encoding.ASCII);
        form.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        using HttpResponseMessage answer = await s_service.Client.PostAsync("imitate", form, TestContext.CancellationToken);
        await AssertProblemAsync(answer, 400, reason);
    }

    [TestMethod]
    public async Task AClientHoldsALimitedNumberOfPlacesAndOthersAreServed()
    {
        // Two endless uploads of one client; the service has 18 places.
        List<TcpClient> held = [await HoldAsync("203.0.113.7"), await HoldAsync("203.0.113.7")];
        try
        {
            await UntilAsync(() => s_service.Places.Taken == 2);
            using (HttpResponseMessage third = await PostAsync("203.0.113.7"))
            {
                await AssertProblemAsync(third, 429, "A client may have 2 requests at a time");
                Assert.IsTrue(third.Headers.RetryAfter!.Delta > TimeSpan.Zero);
                AssertHeaders(third);
            }
            foreach (string other in (string[])["203.0.113.8", "2001:db8::1"])
            {
                using HttpResponseMessage answer = await PostAsync(other);
                Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, other);
            }
            // Only the address from the proxy is trusted, not the one that the client put before it.
            using HttpResponseMessage lie = await PostAsync("198.51.100.1, 203.0.113.7");
            Assert.AreEqual(HttpStatusCode.TooManyRequests, lie.StatusCode);
        }
        finally
        {
            held.ForEach(c => c.Dispose());
        }
        await UntilAsync(() => s_service.Places.Taken == 0 && s_service.ClientPlaces.Clients == 0);
        using HttpResponseMessage again = await PostAsync("203.0.113.7");
        Assert.AreEqual(HttpStatusCode.OK, again.StatusCode);
    }

    [TestMethod]
    public async Task ASlowUploadIsAborted()
    {
        await using RunningService service =
            await RunningService.StartAsync("--Lwg:UploadSeconds", "3600", "--Lwg:MinimumBytesPerSecond", "100000",
            "--Lwg:RateGraceSeconds", "2");
        using TcpClient client = await HoldAsync("203.0.113.7", service);
        using var reader = new StreamReader(client.GetStream());
        string answer = await reader.ReadLineAsync(TestContext.CancellationToken) ?? "";
        Assert.Contains(" 408 ", answer);
        await UntilAsync(() => service.Places.Taken == 0 && service.ClientPlaces.Clients == 0);
    }

    [TestMethod]
    [DataRow("203.0.113.7", "203.0.113.7")]
    [DataRow("::ffff:203.0.113.7", "203.0.113.7")]
    [DataRow("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [DataRow("2001:db8:1:2::1", "2001:db8:1:2::")]
    public void AClientIsAnAddressOrANetwork(string address, string client) =>
    Assert.AreEqual(IPAddress.Parse(client), ClientPlaces.ClientOf(IPAddress.Parse(address)));

    [TestMethod]
    public async Task AnInvalidProxyAddressStopsTheStart()
    {
        LwgException e = await Assert.ThrowsExactlyAsync<LwgException>(async () =>
            await RunningService.StartAsync("--Lwg:Proxies", "somewhere"));
        Assert.Contains("'somewhere', which is not an IP address", e.Message);
    }

    /// <summary>Starts an upload that never ends.</summary>
    private async Task<TcpClient> HoldAsync(string from, RunningService? service = null)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, (service ?? s_service).Address.Port, TestContext.CancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes($"POST /imitate HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {from}\r\nContent-Type: "
            + $"multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n"), TestContext.CancellationToken);
        return client;
    }

    private async Task<HttpResponseMessage> PostAsync(string from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "imitate") { Content = RunningService.Form(s_anna, ("motion", "wave")),
            Headers = { ExpectContinue = true } };
        request.Headers.Add("X-Forwarded-For", from);
        return await s_service.Client.SendAsync(request, TestContext.CancellationToken);
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(10, TestContext.CancellationToken);
    }

    private static void AssertHeaders(HttpResponseMessage answer)
    {
        Assert.AreEqual("no-store", answer.Headers.CacheControl?.ToString());
        Assert.AreEqual("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.StartsWith("default-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    private async Task AssertProblemAsync(HttpResponseMessage answer, int code, string reason)
    {
        string text = await answer.Content.ReadAsStringAsync(TestContext.CancellationToken);
        Assert.AreEqual(code, (int)answer.StatusCode, text);
        using JsonDocument problem = JsonDocument.Parse(text);
        Assert.Contains(reason, problem.RootElement.GetProperty("detail").GetString()!);
    }
}
