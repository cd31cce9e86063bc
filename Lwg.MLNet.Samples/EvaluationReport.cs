using System.Globalization;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Samples;

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
            text.AppendLine("| region | pictures | generator | SSIM | PSNR | L1 | SSIM difference | L1 difference |");
            text.AppendLine("|---|---|---|---|---|---|---|---|");
            TransferMetrics baseline = job.First().Metrics;
            foreach (TransferRegion region in Enum.GetValues<TransferRegion>())
            {
                if (baseline.Count(region) == 0)
                    continue;
                foreach ((_, string generator, TransferMetrics metrics) in job)
                {
                    string ssim = "", l1 = "";
                    if (!ReferenceEquals(metrics, baseline))
                    {
                        ssim = Difference(metrics.Minus(baseline, region, TransferMeasure.Ssim));
                        l1 = Difference(metrics.Minus(baseline, region, TransferMeasure.L1));
                    }
                    text.AppendLine(CultureInfo.InvariantCulture,
                        $"| {Name(region)} | {metrics.Count(region)} | {generator} | {metrics.Mean(region, TransferMeasure.Ssim):0.0000} | {metrics.Mean(region, TransferMeasure.Psnr):0.00} | {metrics.Mean(region, TransferMeasure.L1):0.0000} | {ssim} | {l1} |");
                }
            }
        }
        return text.ToString();
    }

    public void WriteJson(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteNumber("people", people);
        writer.WriteNumber("size", size);
        writer.WriteStartArray("results");
        foreach ((string job, string generator, TransferMetrics metrics) in _results)
        {
            TransferMetrics baseline = _results.First(r => r.Job == job).Metrics;
            foreach (TransferRegion region in Enum.GetValues<TransferRegion>().Where(r => metrics.Count(r) > 0))
            {
                writer.WriteStartObject();
                writer.WriteString("job", job);
                writer.WriteString("generator", generator);
                writer.WriteString("region", Name(region));
                writer.WriteNumber("pictures", metrics.Count(region));
                foreach (TransferMeasure measure in Enum.GetValues<TransferMeasure>())
                {
                    PairedDifference difference = metrics.Minus(baseline, region, measure);
                    writer.WriteStartObject(measure.ToString().ToLowerInvariant());
                    writer.WriteNumber("mean", metrics.Mean(region, measure));
                    writer.WriteNumber("difference", difference.Mean);
                    writer.WriteNumber("low", difference.Low);
                    writer.WriteNumber("high", difference.High);
                    writer.WriteEndObject();
                }
                writer.WriteEndObject();
            }
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Difference(PairedDifference d) => string.Create(CultureInfo.InvariantCulture, $"{d.Mean:+0.0000;-0.0000} ({d.Low:+0.0000;-0.0000} to {d.High:+0.0000;-0.0000})");

    private static string Name(TransferRegion region) => region switch
    {
        TransferRegion.Picture => "whole picture",
        TransferRegion.Person => "within the person",
        TransferRegion.UncoveredBackground => "uncovered background",
        _ => "face box",
    };
}
