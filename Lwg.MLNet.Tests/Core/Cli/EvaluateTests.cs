using System.Text.Json;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public class EvaluateTests
{
    [TestMethod]
    public void FaultsAreCountedWhereColoursDiffer()
    {
        const int Side = 4, n = Side * Side;
        float[] truth = [.. Enumerable.Repeat(1f, 3 * n)], background = [.. Enumerable.Repeat(-1f, 3 * n)], face = [0, 0, 0],
            feet = [.. Enumerable.Range(0, n).Select(i => i < 8 ? 1f : 0)], none = new float[n];
        // Of the eight pixels of the feet, two show the background, one is undecided, and at one both are similar.
        float[] result = [.. truth];
        for (int c = 0; c < 3; c++)
        {
            (result[c * n], result[c * n + 1], result[c * n + 2]) = (-1, -0.1f, 0);
            background[c * n + 3] = 0.9f;
        }
        var shares = new FaultShares();
        shares.Add(result, truth, background, face, [feet, none, none]);
        Assert.AreEqual(2 / 7.0, shares.Values[0], 1e-12);
        Assert.IsTrue(double.IsNaN(shares.Values[1]), "nothing was counted");
    }

    [TestMethod]
    public async Task AsUsedComparesWithTheCopiedSourceAndListsRefusedPeople()
    {
        using var folder = new TemporaryFolder();
        string generator = Path.Combine(folder.Path, "generator");
        OwnModels.Generator.SaveFolder(generator);
        string backdrops = Directory.CreateDirectory(Path.Combine(folder.Path, "backdrops")).FullName;
        ImageCodec.SavePng(new PixelBuffer(90, 70), Path.Combine(backdrops, "dark.png"));
        Imitate run = (await Imitate.RunAsync("evaluate", "--as-used", "--people", "2", "--size", "128", "--job", "self-imitation",
            "--painter", "2", "--backdrops", backdrops, "--faults", "--generator", generator, "--out", folder.Path)).Succeeded();
        StringAssert.Contains(run.Output, "An estimator found source bodies");
        StringAssert.Contains(run.Output, "source copied");
        StringAssert.Contains(run.Output, "painter 2, in front of 1 photographs");
        using JsonDocument results = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.Path, "evaluation.json")));
        Assert.IsTrue(results.RootElement.GetProperty("asUsed").GetBoolean());
        int refused = results.RootElement.GetProperty("refused").TryGetProperty("self-imitation", out JsonElement count) ? count.GetInt32()
            : 0;
        foreach (JsonElement result in results.RootElement.GetProperty("results").EnumerateArray()
            .Where(r => r.GetProperty("region").GetString() == "whole picture"))
            Assert.AreEqual(2, result.GetProperty("pictures").GetInt32() + refused);
        foreach (string name in new[] { "texture warp", "source copied", "generator, sharp" })
        {
            JsonElement faults = results.RootElement.GetProperty("faults").EnumerateArray()
                .Single(f => f.GetProperty("generator").GetString() == name);
            Assert.IsTrue(faults.GetProperty("background in feet").GetDouble() is >= 0 and <= 1, name);
        }
        StringAssert.Contains(run.Output, "| background in feet | hair lost | face colour on backs |");
        (await Imitate.RunAsync("evaluate", "--painter", "3")).FailedUsage("--painter");
        (await Imitate.RunAsync("evaluate", "--estimator", folder.Path)).FailedUsage("--as-used");
    }
}
