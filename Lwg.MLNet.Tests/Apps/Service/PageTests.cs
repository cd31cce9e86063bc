using System.Text.RegularExpressions;
using Lwg.MLNet.Body;
using Lwg.MLNet.Extensions;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Microsoft.Playwright.MSTest;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>
/// Tests the page in Debian's Chromium with Playwright, in desktop and phone sizes. LWG_SCREENSHOTS names a folder for screenshots; our
/// own generator then makes the pictures.
/// </summary>
[TestClass]
public sealed class PageTests : PlaywrightTest, IDisposable
{
    private const int Desktop = 1280, Phone = 390;

    private static readonly string? s_screenshots = Environment.GetEnvironmentVariable("LWG_SCREENSHOTS");
    private static readonly ManualResetEventSlim s_gate = new(true);

    private static RunningService s_service = null!;
    private static IPlaywright? s_playwright;
    private static IBrowser? s_browser;
    private static int s_steps;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _complaints = [];
    private IPage _page = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        if (FindBrowser() is not { } program)
            return;
        // The texture generator, with a gate that a test can close after some steps.
        s_service = s_screenshots is not null ? await RunningService.StartAsync("--Lwg:Generator", "default", "--Lwg:Size", "384")
            : await RunningService.StartAsync(
            services => services.AddSingleton<TransferGenerator>(new WatchedGenerator(new TextureWarpGenerator(BodyModel.Default), () =>
            {
                if (Interlocked.Increment(ref s_steps) > 3)
                    s_gate.Wait();
            })));
        s_playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        s_browser = await s_playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        if (s_browser is null)
            return;
        await s_browser.DisposeAsync();
        s_playwright!.Dispose();
        await s_service.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(Desktop)]
    [DataRow(Phone)]
    public async Task EachJobsResultIsInView(int width)
    {
        await OpenAsync(width);
        await SaveAsync("empty");
        await _page.Locator("#picture").SetInputFilesAsync(TestPeople.FileOf("anna"));
        await Expect(_page.Locator("#preview")).ToBeVisibleAsync();

        await _page.GetByText("Dance", new() { Exact = true }).ClickAsync();
        await _page.Locator("#frame").FillAsync("20");
        await MakeAsync("Make the picture", "Dance: the photograph shows ");
        await SaveAsync("imitate");
        AssertColourful(await _page.Locator("#result").ScreenshotAsync());

        await _page.GetByText("Change clothes").ClickAsync();
        await Expect(_page.Locator("#make")).ToBeDisabledAsync();
        await Expect(_page.Locator("#animate")).ToBeHiddenAsync();
        await _page.Locator("[data-role=reference][data-person=ben]").ClickAsync();
        await _page.GetByText("Above the waist").ClickAsync();
        await MakeAsync("Make the picture", "Other clothes; ");
        await SaveAsync("swap");

        await _page.GetByText("Other sides").ClickAsync();
        await Expect(_page.Locator("#degrees")).ToHaveTextAsync("45°");
        await MakeAsync("Make the picture", "Turned by 45°: the photograph shows ");
        await SaveAsync("view");
        Assert.IsLessThanOrEqualTo(width, await _page.EvaluateAsync<int>("document.documentElement.scrollWidth"),
            "the page is wider than the window");
        Assert.IsEmpty(_complaints, string.Join('\n', _complaints));
    }

    [TestMethod]
    public async Task AnAnimationReportsItsProgress()
    {
        await OpenAsync(Phone);
        await _page.Locator(".people [data-person=anna]").First.ClickAsync();
        await Expect(_page.Locator("#animate")).ToBeEnabledAsync();
        s_steps = 0;
        if (s_screenshots is null)
            s_gate.Reset();
        try
        {
            await _page.Locator("#animate").ClickAsync();
            // The gate closes after the source's preparation and two pictures, or after three pictures if an engine has the source in
            // memory.
            await Expect(_page.Locator("#phase"))
                .ToHaveTextAsync(new Regex(s_screenshots is null ? "Picture [34] of 16" : "Picture .* of 16"), new() { Timeout = 60_000 });
            await Expect(_page.Locator("#cancel")).ToBeInViewportAsync();
            await Expect(_page.Locator("#make")).ToBeDisabledAsync();
            await SaveAsync("busy");
        }
        finally
        {
            s_gate.Set();
        }
        await Expect(_page.Locator("#result")).ToBeInViewportAsync(new() { Ratio = 1, Timeout = 60_000 });
        await Expect(_page.Locator("#busy")).ToBeHiddenAsync();

        // A stopped request leaves an empty stage.
        s_steps = 0;
        if (s_screenshots is null)
            s_gate.Reset();
        try
        {
            await _page.Locator("#animate").ClickAsync();
            await Expect(_page.Locator("#result")).ToBeHiddenAsync();
            await _page.Locator("#cancel").ClickAsync();
            await Expect(_page.Locator("#empty")).ToBeVisibleAsync();
            await Expect(_page.Locator("#problem")).ToBeHiddenAsync();
        }
        finally
        {
            s_gate.Set();
        }
    }

    [TestMethod]
    [DataRow(Desktop)]
    [DataRow(Phone)]
    public async Task NoOldResultIsShownAfterAnError(int width)
    {
        await OpenAsync(width);
        await _page.Locator("#picture").SetInputFilesAsync(TestPeople.FileOf("carla"));
        await MakeAsync("Make the picture", "Walk: the photograph shows ");

        // The result belongs to another photograph.
        await _page.Locator("#picture").SetInputFilesAsync(_folder.Write("nobody.png", ServiceTests.Flat(128, 128)));
        await Expect(_page.Locator("#result")).ToBeHiddenAsync();
        await Expect(_page.Locator("#caption")).ToBeHiddenAsync();
        await Expect(_page.Locator("#empty")).ToBeVisibleAsync();
        await _page.Locator("#make").ClickAsync();
        await Expect(_page.Locator("#problem")).ToContainTextAsync("No person is found", new() { Timeout = 60_000 });
        await Expect(_page.Locator("#problem")).ToBeInViewportAsync(new() { Ratio = 1 });
        foreach (string id in (string[])["result", "caption", "empty", "busy"])
            await Expect(_page.Locator($"#{id}")).ToBeHiddenAsync();
        await SaveAsync("problem");

        await _page.Locator("#picture").SetInputFilesAsync(TestPeople.FileOf("carla"));
        await Expect(_page.Locator("#problem")).ToBeHiddenAsync();
        await MakeAsync("Make the picture", "Walk: the photograph shows ");
    }

    [TestMethod]
    public async Task AFileThatIsNotAPictureIsReportedBeforeTheUpload()
    {
        await OpenAsync(Phone);
        string noPicture = Path.Combine(AppContext.BaseDirectory, "People", "keypoints.json");
        await RefusedAsync("picture", noPicture,
            "“keypoints.json” is not a picture that is read here; JPEG, PNG, WebP, BMP and GIF are.");
        await SaveAsync("no-picture");
        await RefusedAsync("picture", _folder.Write("text.png", "This is no picture."u8.ToArray()),
            "“text.png” cannot be read as a picture: it is damaged, or not what its name says.");
        await RefusedAsync("picture", _folder.Write("wide.png", ServiceTests.Flat(2000, 400)),
            "“wide.png” has 2000 × 400 pixels; at most 0.6 megapixels are allowed.");
        await RefusedAsync("picture", _folder.Write("small.png", ServiceTests.Flat(128, 20)),
            "“small.png” has 128 × 20 pixels; at least 32 are needed on each side.");
        await RefusedAsync("picture", _folder.Write("long.png", new byte[RunningService.MaximumUploadBytes * 3 / 2]),
            "“long.png” has 3 MB; at most 2 MB are allowed.");
        Assert.IsLessThanOrEqualTo(Phone, await _page.EvaluateAsync<int>("document.documentElement.scrollWidth"),
            "the page is wider than the window");

        // A valid photograph removes the error; the same holds for the photograph of the pose.
        await _page.Locator("#picture").SetInputFilesAsync(TestPeople.FileOf("ben"));
        await Expect(_page.Locator("#picture-problem")).ToBeHiddenAsync();
        await Expect(_page.Locator("#make")).ToBeEnabledAsync();
        await _page.GetByText("Another photograph’s pose").ClickAsync();
        await RefusedAsync("reference", noPicture, "“keypoints.json” is not a picture");
        await SaveAsync("no-reference");
        await _page.Locator("#reference").SetInputFilesAsync(TestPeople.FileOf("carla"));
        await Expect(_page.Locator("#reference-problem")).ToBeHiddenAsync();
        await Expect(_page.Locator("#make")).ToBeEnabledAsync();

        async Task RefusedAsync(string role, string file, string sentence)
        {
            await _page.Locator("#" + role).SetInputFilesAsync(file);
            await Expect(_page.Locator($"#{role}-problem")).ToHaveTextAsync(new Regex("^" + Regex.Escape(sentence)));
            await Expect(_page.Locator("#make")).ToBeDisabledAsync();
            await Expect(_page.Locator(role == "picture" ? "#preview" : "#reference-preview")).ToBeHiddenAsync();
            await Expect(_page.Locator(role == "picture" ? "#hint" : "#reference-hint")).ToBeVisibleAsync();
        }
    }

    private async Task OpenAsync(int width)
    {
        if (s_browser is null)
            Assert.Inconclusive("There is no Chromium on the path (Debian's package is 'chromium'); the page is not tried in a browser.");
        _page = await s_browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = width == Phone ? 844 : 900 } });
        _page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _complaints.Add(message.Text);
        };
        _page.PageError += (_, error) => _complaints.Add(error);
        await _page.GotoAsync(s_service.Address.AbsoluteUri);
        await Expect(_page.Locator("#motions input")).ToHaveCountAsync(6);
        Assert.IsTrue((await s_service.Client.GetAsync(await _page.Locator("link[rel=icon]").GetAttributeAsync("href"),
            TestContext.CancellationToken)).IsSuccessStatusCode, "the icon");
    }

    private async Task MakeAsync(string button, string about)
    {
        await _page.GetByText(button).ClickAsync();
        await Expect(_page.Locator("#about")).ToHaveTextAsync(new Regex("^" + Regex.Escape(about)), new() { Timeout = 60_000 });
        await Expect(_page.Locator("#busy")).ToBeHiddenAsync();
        await Expect(_page.Locator("#result")).ToBeInViewportAsync(new() { Ratio = 1 });
        await Expect(_page.Locator("#save")).ToBeInViewportAsync();
        Assert.IsGreaterThan(0, await _page.EvaluateAsync<int>("document.getElementById('result').naturalWidth"));
    }

    private async Task SaveAsync(string name)
    {
        if (s_screenshots is not null)
            await _page.ScreenshotAsync(new(
                ) { Path = Path.Combine(Directory.CreateDirectory(s_screenshots).FullName, $"{name}-{_page.ViewportSize!.Width}.png") });
    }

    // A photograph has far more colours than the page.
    private static void AssertColourful(byte[] png)
    {
        PixelBuffer picture = ImageCodec.Decode(png, "screenshot");
        Assert.IsGreaterThan(2000, Enumerable.Range(0, picture.Height)
            .SelectMany(y => Enumerable.Range(0, picture.Width)
            .Select(x => (picture.Row(y)[3 * x], picture.Row(y)[3 * x + 1], picture.Row(y)[3 * x + 2]))).Distinct().Count());
    }

    private static string? FindBrowser() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         from name in (string[])["chromium", "chromium-browser", "google-chrome"]
         let path = Path.Combine(folder, name)
         where folder.Length > 0 && File.Exists(path)
         select path).FirstOrDefault();
}
