using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Apps.Tests.Service;

/// <summary>The page in a real browser, where there is one: a file is uploaded and the result is seen. LWG_SCREENSHOTS names a folder for what it looked like.</summary>
[TestClass]
public sealed class PageTests : IDisposable
{
    private const string NoBrowser = "There is no Chromium on the path (Debian's package is 'chromium'); the page is not tried in a browser.";

    private readonly TemporaryFolder _folder = new();

    public required TestContext TestContext { get; init; }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public async Task APhotographIsUploadedAndItsResultIsSeen()
    {
        if (Browser.Find() is not { } program)
        {
            Assert.Inconclusive(NoBrowser);
            return;
        }
        string[] settings = Environment.GetEnvironmentVariable("LWG_SCREENSHOTS") is null ? [] : ["--Lwg:Generator", "default", "--Lwg:Size", "384"];
        await using RunningService service = await RunningService.StartAsync(settings);
        await using Browser browser = await Browser.StartAsync(program, 1280, 900);
        await browser.OpenAsync(service.Address, "document.querySelectorAll('#motions input').length === 6");
        await SaveAsync(browser, "empty");

        await browser.ChooseFileAsync("#picture", TestPeople.FileOf("anna"));
        await browser.WaitAsync("document.getElementById('preview').complete && document.getElementById('preview').naturalWidth === 512");
        await browser.EvaluateAsync("document.querySelector('input[value=dance]').click(); document.getElementById('frame').value = 20; document.getElementById('make').click()");
        await browser.WaitAsync("!document.getElementById('result').hidden && document.getElementById('busy').hidden");
        Assert.AreEqual(512, (await browser.EvaluateAsync("document.getElementById('result').naturalWidth")).GetInt32());
        Assert.StartsWith("Dance: the photograph shows ", (await browser.EvaluateAsync("document.getElementById('about').textContent")).GetString());
        byte[] seen = await SaveAsync(browser, "picture");
        AssertColourful(seen);

        await browser.EvaluateAsync("document.getElementById('animate').click()");
        await browser.WaitAsync("!document.getElementById('busy').hidden");
        await SaveAsync(browser, "busy");
        await browser.WaitAsync("document.getElementById('busy').hidden");
        Assert.IsTrue((await browser.EvaluateAsync("document.getElementById('problem').hidden")).GetBoolean());
        await SaveAsync(browser, "animation");

        await browser.ChooseFileAsync("#picture", _folder.Write("nobody.png", ServiceTests.Flat(128, 128)));
        await browser.WaitAsync("document.getElementById('preview').naturalWidth === 128 && !document.getElementById('make').disabled");
        await browser.EvaluateAsync("document.getElementById('make').click()");
        await browser.WaitAsync("!document.getElementById('problem').hidden");
        Assert.Contains("Nobody is found", await TextAsync(browser, "problem"));
        await SaveAsync(browser, "problem");
    }

    [TestMethod]
    public async Task WhatIsNoPictureIsToldBeforeItIsUploaded()
    {
        if (Browser.Find() is not { } program)
        {
            Assert.Inconclusive(NoBrowser);
            return;
        }
        await using RunningService service = await RunningService.StartAsync();
        // As wide as a telephone.
        await using Browser browser = await Browser.StartAsync(program, 390, 900);
        await browser.OpenAsync(service.Address, "document.querySelectorAll('#motions input').length === 6");
        await RefusedAsync("picture", Path.Combine(AppContext.BaseDirectory, "People", "keypoints.json"), "“keypoints.json” is no picture of a kind that is read here; JPEG, PNG, WebP, BMP and GIF are.");
        await SaveAsync(browser, "no picture");
        await RefusedAsync("picture", _folder.Write("text.png", "This is no picture."u8.ToArray()), "“text.png” cannot be read as a picture: it is damaged, or something else than its name says.");
        await RefusedAsync("picture", _folder.Write("wide.png", ServiceTests.Flat(2000, 400)), "“wide.png” has 2000 × 400 pixels; at most 0.6 megapixels are allowed.");
        await RefusedAsync("picture", _folder.Write("small.png", ServiceTests.Flat(128, 20)), "“small.png” has 128 × 20 pixels; 32 are needed on every side.");
        await RefusedAsync("picture", _folder.Write("long.png", new byte[RunningService.MaximumUploadBytes * 3 / 2]), "“long.png” has 3 MB; at most 2 MB are allowed.");
        Assert.IsLessThanOrEqualTo(390, (await browser.EvaluateAsync("document.documentElement.scrollWidth")).GetInt32(), "the page is wider than the window");

        // A good one puts all in order; so it is with the photograph of the pose.
        await browser.ChooseFileAsync("#picture", TestPeople.FileOf("ben"));
        await browser.WaitAsync("document.getElementById('picture-problem').hidden && document.getElementById('preview').naturalWidth === 512 && !document.getElementById('make').disabled");
        await browser.EvaluateAsync("document.querySelector('input[value=reference]').click()");
        await RefusedAsync("reference", Path.Combine(AppContext.BaseDirectory, "People", "keypoints.json"), "“keypoints.json” is no picture");
        await SaveAsync(browser, "no reference");
        await browser.ChooseFileAsync("#reference", TestPeople.FileOf("carla"));
        await browser.WaitAsync("document.getElementById('reference-problem').hidden && !document.getElementById('make').disabled");
        Assert.DoesNotContain("imitate", await service.Client.GetStringAsync("metrics", TestContext.CancellationToken), "something was uploaded");

        async Task RefusedAsync(string role, string file, string sentence)
        {
            await browser.ChooseFileAsync("#" + role, file);
            await browser.WaitAsync($"document.getElementById('{role}-problem').textContent.includes('{Path.GetFileName(file)}')");
            Assert.StartsWith(sentence, await TextAsync(browser, role + "-problem"));
            Assert.IsTrue((await browser.EvaluateAsync($"!document.getElementById('{role}-problem').hidden && document.getElementById('make').disabled")).GetBoolean());
            if (role == "picture")
                Assert.IsTrue((await browser.EvaluateAsync("document.getElementById('preview').hidden && !document.getElementById('hint').hidden")).GetBoolean(), "an empty preview");
        }
    }

    private static async Task<string> TextAsync(Browser browser, string id) => (await browser.EvaluateAsync($"document.getElementById('{id}').textContent")).GetString()!;

    // The result's place on the page shows a photograph: far more colours than the page has.
    private static void AssertColourful(byte[] png)
    {
        PixelBuffer picture = ImageCodec.Decode(png, "screenshot");
        var colours = new HashSet<int>();
        for (int y = 0; y < picture.Height; y++)
        {
            Span<byte> row = picture.Row(y);
            for (int x = picture.Width / 2; x < picture.Width; x++)
                colours.Add(row[3 * x] << 16 | row[3 * x + 1] << 8 | row[3 * x + 2]);
        }
        Assert.IsGreaterThan(2000, colours.Count);
    }

    private static async Task<byte[]> SaveAsync(Browser browser, string name)
    {
        byte[] png = await browser.TakePictureAsync();
        if (Environment.GetEnvironmentVariable("LWG_SCREENSHOTS") is { } folder)
            await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(folder).FullName, name + ".png"), png);
        return png;
    }
}
