using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Samples.Tests.Service;

/// <summary>The page in a real browser, where there is one: a file is uploaded and the result is seen. LWG_SCREENSHOTS names a folder for what it looked like.</summary>
[TestClass]
public class PageTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task APhotographIsUploadedAndItsResultIsSeen()
    {
        if (Browser.Find() is not { } program)
        {
            Assert.Inconclusive("There is no Chromium on the path (Debian's package is 'chromium'); the page is not tried in a browser.");
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

        string text = Path.Combine(AppContext.BaseDirectory, "People", "keypoints.json");
        await browser.ChooseFileAsync("#picture", text);
        await browser.EvaluateAsync("document.getElementById('make').click()");
        await browser.WaitAsync("!document.getElementById('problem').hidden");
        Assert.Contains("not a picture", (await browser.EvaluateAsync("document.getElementById('problem').textContent")).GetString()!);
        await SaveAsync(browser, "problem");
    }

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
