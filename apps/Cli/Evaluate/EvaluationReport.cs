using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Cli;

/// <summary>The results of an evaluation as Markdown and as JSON.</summary>
internal sealed class EvaluationReport(int size, int people)
{
    private readonly List<(string Job, string Generator, TransferMetrics Metrics)> _results = [];

    public void Add(string job, string generator, TransferMetrics metrics) => _results.Add((job, generator, metrics));

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{people} held-out synthetic people, {size} x {size} pixels. SSIM and PSNR: more is better; L1 (in units of [-1,1]): less is better.");
        text.AppendLine("Differences are to the first generator of the table, with their 95 % interval (paired bootstrap).");
        foreach (IGrouping<string, (string Job, string Generator, TransferMetrics Metrics)> job in _results.GroupBy(r => r.Job))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"**{job.Key}**").AppendLine();
            text.AppendLine($"| region | pictures | generator | {TransferScores.Columns} |").AppendLine("|---|---|---|---|---|---|---|---|");
            TransferMetrics baseline = job.First().Metrics;
            foreach (TransferRegion region in Enum.GetValues<TransferRegion>().Where(r => baseline.Count(r) > 0))
            {
                foreach ((_, string generator, TransferMetrics metrics) in job)
                    text.AppendLine(CultureInfo.InvariantCulture, $"| {TransferScores.NameOf(region)} | {metrics.Count(region)} | {generator} | {TransferScores.Row(metrics, baseline, region)} |");
            }
        }
        return text.ToString();
    }

    public void WriteJson(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        new JsonObject
        {
            ["people"] = people,
            ["size"] = size,
            ["results"] = new JsonArray([.. from result in _results
                                            from region in Enum.GetValues<TransferRegion>()
                                            where result.Metrics.Count(region) > 0
                                            select new JsonObject { ["job"] = result.Job, ["generator"] = result.Generator }.With(result.Metrics, _results.First(r => r.Job == result.Job).Metrics, region)]),
        }.WriteTo(writer);
    }
}
