using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Formats the comparison as Markdown and as JSON.</summary>
internal sealed class AblationReport(GeneratorTrainingOptions options, int people)
{
    private static readonly TransferRegion[] s_regions =
        [TransferRegion.Picture, TransferRegion.Person, TransferRegion.UncoveredBackground];

    private readonly List<(string Name, TransferMetrics Metrics)> _results = [];

    public void Add(string name, TransferMetrics metrics) => _results.Add((name, metrics));

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        string schedule = string.Join(", then ",
            options.Schedule.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Samples} of {s.Size} x {s.Size}")));
        text.AppendLine(CultureInfo.InvariantCulture,
            $"d = {options.Shape.Width}; samples: {schedule}; {people} held-out synthetic people. SSIM and PSNR: higher is better; L1 (in "
            + $"units of [-1,1]): lower is better.");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"Differences are relative to '{AblationVariant.Baseline}', with 95 % intervals (paired bootstrap).").AppendLine();
        text.AppendLine($"| region | generator | {TransferScores.Columns} |").AppendLine($"|---|---|{TransferScores.Rule}|");
        foreach (TransferRegion region in Measured)
        {
            foreach ((string name, TransferMetrics metrics) in _results)
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {TransferScores.NameOf(region)} | {name} | {TransferScores.Row(metrics, Baseline, region)} |");
        }
        return text.ToString();
    }

    public void WriteJson(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        new JsonObject
        {
            ["people"] = people,
            ["width"] = options.Shape.Width,
            ["schedule"] = new JsonArray([.. options.Schedule.Select(s => new JsonObject { ["size"] = s.Size, ["samples"] = s.Samples })]),
            ["baseline"] = AblationVariant.Baseline,
            ["results"] = new JsonArray([.. from region in Measured
                                            from result in _results
                                            select new JsonObject { ["generator"] = result.Name }.With(result.Metrics, Baseline, region)]),
        }.WriteTo(writer);
    }

    private TransferMetrics Baseline => _results.First(r => r.Name == AblationVariant.Baseline).Metrics;

    private IEnumerable<TransferRegion> Measured => s_regions.Where(r => Baseline.Count(r) > 0);
}
