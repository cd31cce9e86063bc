using System.Text.Json;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public class EvaluateTests
{
    [TestMethod]
    public async Task AsUsedComparesWithTheCopiedSourceAndSaysWhomTheEstimatorRefuses()
    {
        using var folder = new TemporaryFolder();
        string generator = Path.Combine(folder.Path, "generator");
        OwnModels.Generator.SaveFolder(generator);
        Imitate run = (await Imitate.RunAsync("evaluate", "--as-used", "--people", "2", "--size", "64", "--job", "self-imitation",
            "--generator", generator, "--out", folder.Path)).Succeeded();
        StringAssert.Contains(run.Output, "An estimator found source bodies");
        StringAssert.Contains(run.Output, "source copied");
        using JsonDocument results = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.Path, "evaluation.json")));
        Assert.IsTrue(results.RootElement.GetProperty("asUsed").GetBoolean());
        int refused = results.RootElement.GetProperty("refused").TryGetProperty("self-imitation", out JsonElement count) ? count.GetInt32()
            : 0;
        foreach (JsonElement result in results.RootElement.GetProperty("results").EnumerateArray()
            .Where(r => r.GetProperty("region").GetString() == "whole picture"))
            Assert.AreEqual(2, result.GetProperty("pictures").GetInt32() + refused);
        (await Imitate.RunAsync("evaluate", "--estimator", folder.Path)).FailedUsage("--as-used");
    }
}
