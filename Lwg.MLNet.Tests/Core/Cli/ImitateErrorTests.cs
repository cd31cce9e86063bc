using System.Globalization;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests.Imaging;
using Microsoft.ML;
using SkiaSharp;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests errors: the correct exit code, one sentence, and no written files.</summary>
[TestClass]
public class ImitateErrorTests
{
    [TestMethod]
    public async Task BadPhotographs()
    {
        await PhotoFails("the picture is truncated", SamplePhoto.Jpeg[..(SamplePhoto.Jpeg.Length / 2)]);
        await PhotoFails("it is not a picture that can be read", "This is a letter, whatever its name says."u8.ToArray());
        await PhotoFails("it is not a picture that can be read", []);
        await PhotoFails("the picture is truncated", SamplePhoto.Jpeg[..3]);
        await PhotoFails("1 x 1 pixels", TestPictures.Encode(new PixelBuffer(1, 1), SKEncodedImageFormat.Jpeg));
        await PhotoFails("20000 x 32 pixels", TestPictures.Encode(new PixelBuffer(20_000, 32), SKEncodedImageFormat.Jpeg));
    }

    [TestMethod]
    public async Task BadKeypoints()
    {
        float[] good = SamplePhoto.Carla.Keypoints!.Values.ToArray();
        await KeypointsFail("17 key points", Json(good[..48]));
        await KeypointsFail("is not JSON", First("NoN", Json(good)));
        await KeypointsFail("is not finite", First("1e99", Json(good)));
        await KeypointsFail("no person with visible key points", Json([.. good.Select((v, i) => i % 3 == 2 ? 0 : v)]));
        await KeypointsFail("outside the picture", Json([.. good.Select((v, i) => i == 0 ? 5000 : v)]));
        await KeypointsFail("confidence 7", Json([.. good.Select((v, i) => i == 2 ? 7 : v)]));
        await KeypointsFail("no person is marked in 'photo.jpg'",
            """{"images":[{"id":1,"file_name":"other.jpg"}],"annotations":[{"image_id":1,"keypoints":KEYPOINTS}]}""".Replace("KEYPOINTS",
            Json(good), StringComparison.Ordinal));
        await KeypointsFail("is not JSON", "a letter");
    }

    [TestMethod]
    public async Task MissingFiles()
    {
        using var folder = new TemporaryFolder();
        (string photo, string keypoints) = SamplePhoto.Write(folder);
        string missing = Path.Combine(folder.Path, "missing");
        await Fails(folder, 1, $"'{missing}'", "--source", missing, "--keypoints", keypoints);
        await Fails(folder, 1, $"'{missing}'", "--source", photo, "--keypoints", missing);
        await Fails(folder, 1, $"'{missing}'", "--reference", missing, "--reference-keypoints", keypoints);
        await Fails(folder, 1, $"'{missing}'", "--motion", missing);
        await Fails(folder, 1, "walk, wave", "--motion", "moonwalk");
        await Fails(folder, 1, $"'{missing}'", "--model", missing);
        await Fails(folder, 1, $"'{folder.Path}'", "--source", folder.Path, "--keypoints", keypoints);
    }

    [TestMethod]
    public async Task BadModels()
    {
        using var folder = new TemporaryFolder();
        var context = new MLContext(seed: 1);
        string other = Path.Combine(folder.Path, "other.zip"), strange = Path.Combine(folder.Path, "strange.zip");
        context.Model.Save(context.Transforms.CopyColumns("A", "ReferenceFrame").Fit(context.Data.LoadMotion("walk")), null, other);
        context.Model.Save(context.Transforms.CopyColumns("B", "A").Fit(context.Data.LoadFromEnumerable([new Row()])), null, strange);
        await Fails(folder, 1, "no column 'SourceImage'", "--model", other);
        await Fails(folder, 1, "not for photographs and motions", "--model", strange);
        await Fails(folder, 1, "it is not a saved model, or it is truncated or damaged", "--model",
            folder.Write("cut.zip", File.ReadAllBytes(other)[..100]));
    }

    [TestMethod]
    public async Task BadOutputFolders()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", []);
        (await Imitate.RunAsync("--out", file)).FailedWith(1, "is a file");
        (await Imitate.RunAsync("--out", Path.Combine(file, "below"))).FailedWith(3, "below");
        Assert.AreEqual(0, new FileInfo(file).Length);
        if (OperatingSystem.IsLinux())
            (await Imitate.RunAsync("--out", "/proc/lwg-imitate")).FailedWith(3, "/proc/lwg-imitate");
    }

    [TestMethod]
    public async Task AModelThatCannotBeSaved()
    {
        using var folder = new TemporaryFolder();
        await Fails(folder, 3, "nowhere", "--save", Path.Combine(folder.Path, "nowhere", "model.zip"));
    }

    [TestMethod]
    [DataRow("--person", "dora")]
    [DataRow("--keypoints", "keypoints.json")]
    [DataRow("--person", "anna", "--source", "photo.jpg", "--keypoints", "keypoints.json")]
    [DataRow("--motion", "walk", "--reference", "photo.jpg", "--reference-keypoints", "keypoints.json")]
    [DataRow("--place", "width")]
    [DataRow("--size", "31")]
    [DataRow("--size", "2049")]
    [DataRow("--size", "large")]
    [DataRow("--size", "128", "--model", "model.zip")]
    [DataRow("--save", "a.zip", "--model", "b.zip")]
    [DataRow("--nonsense")]
    [DataRow("dance")]
    public async Task WrongUsage(params string[] args)
    {
        using var folder = new TemporaryFolder();
        string results = Path.Combine(folder.Path, "out");
        foreach (string[] command in (string[][])[[], ["imitate"]])
        {
            Imitate run = await Imitate.RunAsync([.. command, .. args, "--out", results]);
            Assert.AreEqual(2, run.ExitCode, run.Error);
            Assert.EndsWith("See --help." + Environment.NewLine, run.Error);
        }
        Assert.IsFalse(Directory.Exists(results));
    }

    [TestMethod]
    public async Task HelpReturnsSuccess()
    {
        Imitate run = (await Imitate.RunAsync("imitate", "--help")).Succeeded();
        Assert.Contains("--reference-keypoints", run.Output);
    }

    [TestMethod]
    [DataRow("   at Lwg.MLNet.Motion.", "--motion", "moonwalk")]
    [DataRow("   at Lwg.MLNet.Cli.InspectRun.", "inspect", "/nowhere.onnx")]
    public async Task VerboseShowsTheStack(string stack, params string[] args)
    {
        Imitate run = await Imitate.RunAsync([.. args, "--verbose"]);
        Assert.AreEqual(1, run.ExitCode, run.Error);
        Assert.Contains(stack, run.Error);
    }

    private static async Task PhotoFails(string words, byte[] photo)
    {
        using var folder = new TemporaryFolder();
        (string path, string keypoints) = SamplePhoto.Write(folder, photo);
        await Fails(folder, 1, words, "--source", path, "--keypoints", keypoints);
    }

    private static async Task KeypointsFail(string words, string json)
    {
        using var folder = new TemporaryFolder();
        (string path, string keypoints) = SamplePhoto.Write(folder, keypoints: json);
        await Fails(folder, 1, words, "--source", path, "--keypoints", keypoints);
    }

    private static async Task Fails(TemporaryFolder folder, int exitCode, string words, params string[] args)
    {
        string results = Path.Combine(folder.Path, "out");
        (await Imitate.RunAsync([.. args, "--out", results])).FailedWith(exitCode, words);
        Assert.IsFalse(Directory.Exists(results), "A run that fails leaves no folder.");
    }

    private static string First(string number, string json) => "[" + number + json[json.IndexOf(',', StringComparison.Ordinal)..];

    private static string Json(float[] keypoints) =>
        $"[{string.Join(",", keypoints.Select(v => v.ToString(CultureInfo.InvariantCulture)))}]";

    private sealed class Row
    {
        public float A { get; set; }
    }
}
