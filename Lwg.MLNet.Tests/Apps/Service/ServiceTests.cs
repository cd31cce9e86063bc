using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Service;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>Tests the web service over a real socket.</summary>
[TestClass]
public class ServiceTests
{
    private static readonly byte[] s_anna = TestPeople.Png("anna", 128);

    private static RunningService s_service = null!;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext _) => s_service = await RunningService.StartAsync();

    [ClassCleanup]
    public static async Task Stop() => await s_service.DisposeAsync();

    [TestMethod]
    public async Task APhotographAndAMotionGiveAPicture()
    {
        using HttpResponseMessage answer = await PostAsync("imitate", RunningService.Form(s_anna, ("motion", "wave"), ("frame", "12")));
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode);
        Assert.AreEqual("image/png", answer.Content.Headers.ContentType!.MediaType);
        byte[] png = await answer.Content.ReadAsByteArrayAsync(TestContext.CancellationToken);
        PixelBuffer picture = ImageCodec.Decode(png, "answer"), source = ImageCodec.Decode(s_anna, "source");
        Assert.AreEqual((source.Width, source.Height), (picture.Width, picture.Height));
        int changed = Enumerable.Range(0, source.Data.Length).Count(i => Math.Abs(source.Data[i] - picture.Data[i]) > 20);
        // The arms move, the room stays: a part of the picture changes, not all of it.
        Assert.IsTrue(changed > source.Data.Length / 100
            && changed < source.Data.Length / 2, $"{changed} of {source.Data.Length} values differ");
        Assert.IsTrue(double.Parse(answer.Headers.GetValues("X-Surface-Shown").Single(),
            System.Globalization.CultureInfo.InvariantCulture) is > 0.5 and <= 1);

        using HttpResponseMessage again = await PostAsync("imitate", RunningService.Form(s_anna, ("motion", "wave"), ("frame", "12")));
        Assert.AreSequenceEqual(png, await again.Content.ReadAsByteArrayAsync(TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task AnotherPhotographGivesThePose()
    {
        MultipartFormDataContent form = RunningService.Form(s_anna);
        form.Add(RunningService.File(TestPeople.Png("ben", 128)), "reference", "ben.png");
        using HttpResponseMessage answer = await PostAsync("imitate", form);
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task ThePersonWearsWhatAnotherOneWears()
    {
        var parts = new Dictionary<string, byte[]>();
        foreach (string name in (string[])["upper", "lower"])
        {
            MultipartFormDataContent form = RunningService.Form(s_anna, ("parts", name));
            form.Add(RunningService.File(TestPeople.Png("ben", 128)), "reference", "ben.png");
            using HttpResponseMessage answer = await PostAsync("swap", form);
            Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.CancellationToken));
            Assert.IsFalse(answer.Headers.Contains("X-Surface-Shown"), "it says nothing of clothes");
            parts[name] = await answer.Content.ReadAsByteArrayAsync(TestContext.CancellationToken);
        }
        // 'upper' changes above the middle row, 'lower' below it.
        PixelBuffer source = ImageCodec.Decode(s_anna, "source"), upper = ImageCodec.Decode(parts["upper"], "upper"),
            lower = ImageCodec.Decode(parts["lower"], "lower");
        int middle = source.Data.Length / 2;
        Assert.IsGreaterThan(Changed(lower, 0, middle), Changed(upper, 0, middle));
        Assert.IsGreaterThan(Changed(upper, middle, source.Data.Length), Changed(lower, middle, source.Data.Length));

        int Changed(PixelBuffer picture, int from, int to) =>
            Enumerable.Range(from, to - from).Count(i => Math.Abs(source.Data[i] - picture.Data[i]) > 20);
    }

    [TestMethod]
    public async Task ThePersonIsSeenFromAnotherSide()
    {
        using HttpResponseMessage same = await PostAsync("view", RunningService.Form(s_anna)),
            turned = await PostAsync("view", RunningService.Form(s_anna, ("angle", "180")));
        Assert.AreEqual((HttpStatusCode.OK, HttpStatusCode.OK), (same.StatusCode, turned.StatusCode));
        Assert.IsGreaterThan(Shown(turned) + 0.3, Shown(same), "the photograph does not show the back");
        using HttpResponseMessage around = await PostAsync("turn", RunningService.Form(s_anna, ("frames", "3")));
        Assert.AreEqual("image/apng", around.Content.Headers.ContentType!.MediaType);
        byte[] png = await around.Content.ReadAsByteArrayAsync(TestContext.CancellationToken);
        Assert.AreEqual(3, AnimatedPng.ChunksOf(png).Count(c => c.Type == "fcTL"));

        static double Shown(HttpResponseMessage answer) =>
            double.Parse(answer.Headers.GetValues("X-Surface-Shown").Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    [TestMethod]
    public async Task TheProgressOfARequestCanBeQueried()
    {
        var ticket = Guid.NewGuid();
        Assert.AreEqual("none", await PhaseAsync());
        // The form is started, but not finished.
        var rest = new TaskCompletionSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "imitate") { Content = new SlowContent(rest.Task),
            Headers = { { RequestProgress.Header, ticket.ToString() } } };
        Task<HttpResponseMessage> answer = s_service.Client.SendAsync(request, TestContext.CancellationToken);
        while (await PhaseAsync() != "upload")
            await Task.Delay(5, TestContext.CancellationToken);
        rest.SetResult();
        Assert.AreEqual(HttpStatusCode.BadRequest, (await answer).StatusCode);
        Assert.AreEqual("none", await PhaseAsync());

        async Task<string?> PhaseAsync() =>
            (await s_service.Client.GetFromJsonAsync<JsonElement>($"progress/{ticket}", TestContext.CancellationToken)).GetProperty("phase")
            .GetString();
    }

    [TestMethod]
    public async Task LargePhotographsComeBackSmaller()
    {
        await using RunningService small = await RunningService.StartAsync("--Lwg:PictureSide", "96");
        using HttpResponseMessage answer =
            await small.Client.PostAsync("imitate", RunningService.Form(s_anna, ("motion", "walk")), TestContext.CancellationToken);
        PixelBuffer picture = ImageCodec.Decode(await answer.Content.ReadAsByteArrayAsync(TestContext.CancellationToken), "answer");
        Assert.AreEqual((96, 96), (picture.Width, picture.Height));
    }

    [TestMethod]
    public async Task AnAnimationHasItsFrames()
    {
        using HttpResponseMessage answer = await PostAsync("animate", RunningService.Form(s_anna, ("motion", "walk"), ("frames", "4")));
        Assert.AreEqual(HttpStatusCode.OK, answer.StatusCode);
        byte[] png = await answer.Content.ReadAsByteArrayAsync(TestContext.CancellationToken);
        // Readers without support for animation show the first frame.
        Assert.AreEqual(128, ImageCodec.Decode(png, "answer").Width);
        (string Type, ReadOnlyMemory<byte> Data)[] chunks = [.. AnimatedPng.ChunksOf(png)];
        Assert.AreEqual("IHDR", chunks[0].Type);
        Assert.AreEqual("IEND", chunks[^1].Type);
        Assert.AreEqual(4, Number(chunks.Single(c => c.Type == "acTL").Data));
        int[] sequence = [.. chunks.Where(c => c.Type is "fcTL" or "fdAT").Select(c => Number(c.Data))];
        Assert.AreSequenceEqual(Enumerable.Range(0, sequence.Length).ToArray(), sequence);
        Assert.AreEqual(4, chunks.Count(c => c.Type == "fcTL"));

        static int Number(ReadOnlyMemory<byte> data) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(data.Span);
    }

    [TestMethod]
    [DataRow("imitate", "picture", "motion=fly", 400, "The motion is 'fly'")]
    [DataRow("imitate", "picture", "", 400, "a file 'reference' is needed")]
    [DataRow("imitate", "picture", "motion=walk&frame=999", 400, "'frame' is '999'")]
    [DataRow("imitate", "picture", "motion=walk&frame=-1", 400, "'frame' is '-1'")]
    [DataRow("animate", "picture", "motion=walk&frames=1000", 400, "'frames' is '1000'")]
    [DataRow("imitate", "none", "motion=walk", 400, "no file 'picture'")]
    [DataRow("swap", "picture", "", 400, "no file 'reference'")]
    [DataRow("swap", "picture", "reference=x&parts=wings", 400, "'parts' is 'wings'; one of body, upper, lower is allowed.")]
    [DataRow("view", "picture", "angle=360", 400, "'angle' is '360'; whole numbers from 0 to 359 are allowed.")]
    [DataRow("turn", "picture", "frames=1", 400, "'frames' is '1'")]
    [DataRow("imitate", "text", "motion=walk", 422, "not a picture that can be read")]
    [DataRow("imitate", "half", "motion=walk", 422, "truncated")]
    [DataRow("imitate", "nobody", "motion=walk", 422, "No person is found")]
    [DataRow("imitate", "wide", "motion=walk", 422, "at most 0.6 megapixels are allowed")]
    [DataRow("imitate", "empty", "motion=walk", 422, "'picture'")]
    [DataRow("imitate", "huge", "motion=walk", 413, "at most 2 MB are allowed")]
    public async Task UnusableInputIsAProblemWithASentence(string path, string picture, string fields, int code, string reason)
    {
        MultipartFormDataContent form = RunningService.Form(
            Picture(picture), [.. fields.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(f => (f.Split('=')[0], f.Split('=')[1]))]);
        using HttpResponseMessage answer = await PostAsync(path, form);
        await AssertProblemAsync(answer, code, reason);
    }

    [TestMethod]
    public async Task AnInvalidFormIsAProblem()
    {
        using var text = new StringContent("hello");
        using HttpResponseMessage noForm = await PostAsync("imitate", text);
        await AssertProblemAsync(noForm, 415, "multipart/form-data");

        using var broken = new StringContent("--x\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a\"\r\n\r\nand no end",
            Encoding.ASCII);
        broken.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        using HttpResponseMessage cut = await PostAsync("imitate", broken);
        await AssertProblemAsync(cut, 400, "The form cannot be read");

        // A body without a content length is counted while it is read.
        using var endless = new StreamContent(new MemoryStream(new byte[2 * RunningService.MaximumUploadBytes]));
        endless.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        using var request = new HttpRequestMessage(HttpMethod.Post, "imitate") { Content = endless,
            Headers = { TransferEncodingChunked = true } };
        try
        {
            using HttpResponseMessage large = await s_service.Client.SendAsync(request, TestContext.CancellationToken);
            Assert.IsTrue((int)large.StatusCode is 400 or 413, large.StatusCode.ToString());
        }
        catch (HttpRequestException e) when (e.InnerException is IOException)
        {
            // The service has closed the connection during the upload.
        }
    }

    [TestMethod]
    public async Task UnknownAddressesAndMethodsAreErrors()
    {
        Assert.AreEqual(HttpStatusCode.NotFound, (await s_service.Client.GetAsync("nothing", TestContext.CancellationToken)).StatusCode);
        Assert.AreEqual(HttpStatusCode.NotFound,
            (await s_service.Client.GetAsync("people/nobody.png", TestContext.CancellationToken)).StatusCode);
        Assert.AreEqual(HttpStatusCode.MethodNotAllowed,
            (await s_service.Client.GetAsync("imitate", TestContext.CancellationToken)).StatusCode);
    }

    [TestMethod]
    public async Task WithoutAFreePlaceTheClientShouldRetry()
    {
        int taken = 0;
        while (s_service.Places.TryEnter())
            taken++;
        try
        {
            Assert.AreEqual(s_service.Places.Count, taken);
            using HttpResponseMessage answer = await PostAsync("imitate", RunningService.Form(s_anna, ("motion", "walk")));
            await AssertProblemAsync(answer, 503, "All places are taken");
            Assert.IsTrue(answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
            // Read-only requests are still answered.
            Assert.AreEqual(HttpStatusCode.OK, (await s_service.Client.GetAsync("health", TestContext.CancellationToken)).StatusCode);
        }
        finally
        {
            for (; taken > 0; taken--)
                s_service.Places.Leave();
        }
    }

    [TestMethod]
    [Timeout(1_800_000, CooperativeCancellation = true)]
    public async Task ADisconnectedClientFreesItsEngine()
    {
        // The first step lasts until the service detects that the client has disconnected, however fast or slow the machine is.
        using var gone = new ManualResetEventSlim();
        var working = new TaskCompletionSource();
        await using RunningService service = await RunningService.StartAsync(
            services => services.AddSingleton<IStartupFilter>(new AbortWatcher(gone.Set))
            .AddSingleton<TransferGenerator>(new WatchedGenerator(new TextureWarpGenerator(BodyModel.Default), () =>
            {
                working.TrySetResult();
                gone.Wait(TestContext.CancellationToken);
            })),
            "--Lwg:Engines", "1");
        using var patience = new CancellationTokenSource();
        Task<HttpResponseMessage> request =
            service.Client.PostAsync("animate", RunningService.Form(s_anna, ("motion", "dance"), ("frames", "24")), patience.Token);
        Assert.AreSame(working.Task, await Task.WhenAny(working.Task, request));
        await patience.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await request);
        while (service.Pool.Busy > 0 || await service.MetricAsync("lwg_requests_total", "endpoint=\"/animate\"", "code=\"499\"") == 0)
            await Task.Delay(10, TestContext.CancellationToken);
        Assert.AreEqual(0, service.Places.Taken);
    }

    [TestMethod]
    public async Task AnUploadThatTakesTooLongIsAborted()
    {
        await using RunningService service = await RunningService.StartAsync("--Lwg:UploadSeconds", "1");
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, service.Address.Port, TestContext.CancellationToken);
        System.Net.Sockets.NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /imitate HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: "
            + "1000\r\n\r\n--x\r\n"), TestContext.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.Contains(" 408 ", await reader.ReadLineAsync(TestContext.CancellationToken) ?? "");
        Assert.AreEqual(0, service.Places.Taken);
    }

    [TestMethod]
    public async Task HealthAndMetricsAreReported()
    {
        using JsonDocument health = JsonDocument.Parse(await s_service.Client.GetStringAsync("health", TestContext.CancellationToken));
        Assert.AreEqual("ready", health.RootElement.GetProperty("status").GetString());
        Assert.IsGreaterThan(0, await s_service.MetricAsync("lwg_engines"));
        Assert.IsGreaterThan(0, await s_service.MetricAsync("lwg_places"));
        Assert.AreEqual((2, 18), (health.RootElement.GetProperty("engines").GetInt32(), health.RootElement.GetProperty("places")
            .GetInt32()));
        double before = await s_service.MetricAsync("lwg_work_seconds_count");
        using HttpResponseMessage answer = await PostAsync("imitate", RunningService.Form(s_anna, ("motion", "walk")));
        Assert.IsGreaterThanOrEqualTo(before + 1, await s_service.MetricAsync("lwg_work_seconds_count"));
        Assert.IsGreaterThanOrEqualTo(before + 1, await s_service.MetricAsync("lwg_work_seconds_bucket", "le=\"+Inf\""));
        foreach (string line in (await s_service.Client.GetStringAsync("metrics", TestContext.CancellationToken)).TrimEnd().Split('\n'))
            Assert.MatchesRegex(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+=""[^""]*""(,[a-z_]+=""[^""]*"")*\})? [0-9.eE+-]+)$", line);
    }

    [TestMethod]
    public async Task OpenApiDescribesTheJobs()
    {
        using JsonDocument api = JsonDocument.Parse(await s_service.Client.GetStringAsync("openapi", TestContext.CancellationToken));
        JsonElement paths = api.RootElement.GetProperty("paths");
        Assert.IsFalse(paths.TryGetProperty("/page.js", out _));
        JsonElement form = paths.GetProperty("/imitate").GetProperty("post").GetProperty("requestBody").GetProperty("content")
            .GetProperty("multipart/form-data").GetProperty("schema");
        Assert.AreEqual("binary", form.GetProperty("properties").GetProperty("picture").GetProperty("format").GetString());
        Assert.IsTrue(paths.GetProperty("/animate").GetProperty("post").GetProperty("responses").GetProperty("200").GetProperty("content")
            .TryGetProperty("image/apng", out _));
    }

    [TestMethod]
    public async Task AWrongSettingStopsTheStart()
    {
        var e = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(async () =>
            await RunningService.StartAsync("--Lwg:Engines", "0"));
        Assert.Contains("Engines", e.Message);
    }

    private static byte[]? Picture(string kind) => kind switch
    {
        "picture" => s_anna,
        "none" => null,
        "text" => "This is no picture."u8.ToArray(),
        "half" => s_anna[..(s_anna.Length / 2)],
        "nobody" => Flat(128, 128),
        "wide" => Flat(2000, 400),
        "empty" => [],
        _ => new byte[RunningService.MaximumUploadBytes + 1],
    };

    internal static byte[] Flat(int width, int height)
    {
        var picture = new PixelBuffer(width, height);
        picture.Data.Fill(120);
        using var stream = new MemoryStream();
        ImageCodec.EncodePng(picture, stream);
        return stream.ToArray();
    }

    private async Task<HttpResponseMessage> PostAsync(string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content, Headers = { ExpectContinue = true } };
        return await s_service.Client.SendAsync(request, TestContext.CancellationToken);
    }

    private async Task AssertProblemAsync(HttpResponseMessage answer, int code, string reason)
    {
        string text = await answer.Content.ReadAsStringAsync(TestContext.CancellationToken);
        Assert.AreEqual(code, (int)answer.StatusCode, text);
        Assert.AreEqual("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        using JsonDocument problem = JsonDocument.Parse(text);
        string detail = problem.RootElement.GetProperty("detail").GetString()!;
        Assert.Contains(reason, detail);
        Assert.DoesNotContain("Stage '", detail);
    }

    /// <summary>A form whose second half is sent later.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly Task _rest;

        public SlowContent(Task rest)
        {
            _rest = rest;
            Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("--x\r\nContent-Disposition: form-data; name=\"motion\"\r\n\r\n"u8.ToArray());
            await stream.FlushAsync();
            await _rest;
            await stream.WriteAsync("walk\r\n--x--\r\n"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
