using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Cli;

/// <summary>The results of an evaluation as Markdown and as JSON.</summary>
internal sealed class EvaluationReport(int size, int people, int painter, int? backdrops, bool asUsed)
{
    private readonly List<(string Job, string Generator, TransferMetrics Metrics)> _results = [];
    private readonly Dictionary<string, int> _refused = [];
    private readonly List<(string Job, string Generator, FaultShares Shares)> _faults = [];

    public void Add(string job, string generator, TransferMetrics metrics) => _results.Add((job, generator, metrics));

    /// <summary>Adds the faults of a generator.</summary>
    public void Count(string job, string generator, FaultShares shares) => _faults.Add((job, generator, shares));

    /// <summary>Sets the number of people of a job that an estimator refused.</summary>
    public void Refuse(string job, int count) => _refused[job] = count;

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        string before = backdrops is null ? "" : string.Create(CultureInfo.InvariantCulture, $", in front of {backdrops} photographs");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{people} held-out synthetic people, {size} x {size} pixels, painter {painter}{before}. SSIM and PSNR: higher is better; L1 "
            + $"(in units of [-1,1]) and the perceptual distance: lower is better.");
        text.AppendLine(asUsed ? "An estimator found source bodies and masks in the pictures." : "Source bodies are exact.");
        if (_results.All(r => double.IsNaN(r.Metrics.Mean(TransferRegion.Picture, TransferMeasure.Perceptual))))
            text.AppendLine($"The perceptual distance was not measured: {ResNetWeights.FileName} of the package "
                + $"{ResNetWeights.PackageName} is not available.");
        text.AppendLine("Differences are to the first generator of the table, with their 95 % interval (paired bootstrap).");
        foreach (IGrouping<string, (string Job, string Generator, TransferMetrics Metrics)> job in _results.GroupBy(r => r.Job))
        {
            text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"**{job.Key}**").AppendLine();
            if (_refused.TryGetValue(job.Key, out int refused))
                text.AppendLine(CultureInfo.InvariantCulture, $"The estimator refused {refused} of {people}; they are excluded.")
                    .AppendLine();
            text.AppendLine($"| region | pictures | generator | {TransferScores.Columns} |")
                .AppendLine($"|---|---|---|{TransferScores.Rule}|");
            TransferMetrics baseline = job.First().Metrics;
            foreach (TransferRegion region in Enum.GetValues<TransferRegion>().Where(r => baseline.Count(r) > 0))
            {
                foreach ((_, string generator, TransferMetrics metrics) in job)
                    text.AppendLine(CultureInfo.InvariantCulture,
                        $"| {TransferScores.NameOf(region)} | {metrics.Count(region)} | {generator} | "
                        + $"{TransferScores.Row(metrics, baseline, region)} |");
            }
        }
        AddFaults(text);
        return text.ToString();
    }

    private void AddFaults(StringBuilder text)
    {
        if (_faults.Count == 0)
            return;
        text.AppendLine().AppendLine("Share of pixels with a fault, in %:").AppendLine();
        text.AppendLine($"| job | generator | {string.Join(" | ", FaultShares.Names)} |").AppendLine(
            $"|---|---|{string.Concat(FaultShares.Names.Select(_ => "---|"))}");
        foreach ((string job, string generator, FaultShares shares) in _faults)
            text.AppendLine($"| {job} | {generator} | "
                + $"{string.Join(" | ", shares.Values.Select(Percent))} |");
    }

    private static string Percent(double share) =>
        double.IsNaN(share) ? "none counted" : (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static JsonObject Faults((string Job, string Generator, FaultShares Shares) faults) =>
        new(FaultShares.Names.Zip(faults.Shares.Values, (name, value) =>
            KeyValuePair.Create(name, double.IsNaN(value) ? null : (JsonNode?)value)))
        {
            ["job"] = faults.Job,
            ["generator"] = faults.Generator,
        };

    public void WriteJson(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        new JsonObject
        {
            ["people"] = people,
            ["size"] = size,
            ["painter"] = painter,
            ["backdrops"] = backdrops,
            ["asUsed"] = asUsed,
            ["refused"] = new JsonObject(_refused.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)r.Value))),
            ["faults"] = new JsonArray([.. _faults.Select(Faults)]),
            ["results"] = new JsonArray([.. from result in _results
                                            from region in Enum.GetValues<TransferRegion>()
                                            where result.Metrics.Count(region) > 0
                                            select new JsonObject { ["job"] = result.Job, ["generator"] = result.Generator }.With(
                                            result.Metrics, _results.First(r => r.Job == result.Job).Metrics, region)]),
        }.WriteTo(writer);
    }
}
