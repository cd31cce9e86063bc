using System.Globalization;
using System.Text;
using System.Text.Json;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Training.Cli;

/// <summary>The comparison as Markdown and as JSON.</summary>
internal sealed class AblationReport(GeneratorTrainingOptions options, int people)
{
    private static readonly (TransferRegion Region, string Name)[] s_regions =
        [(TransferRegion.Picture, "whole picture"), (TransferRegion.Person, "within the person"), (TransferRegion.UncoveredBackground, "uncovered background")];

    private readonly List<(string Name, TransferMetrics Metrics)> _results = [];

    public void Add(string name, TransferMetrics metrics) => _results.Add((name, metrics));

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        string schedule = string.Join(", then ", options.Schedule.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Samples} of {s.Size} x {s.Size}")));
        text.AppendLine(CultureInfo.InvariantCulture, $"d = {options.Shape.Width}; samples: {schedule}; {people} held-out synthetic people. SSIM and PSNR: more is better; L1 (in units of [-1,1]): less is better.");
        text.AppendLine(CultureInfo.InvariantCulture, $"Differences are to '{AblationVariant.Baseline}', with their 95 % interval (paired bootstrap).").AppendLine();
        text.AppendLine("| region | generator | SSIM | PSNR | L1 | SSIM difference | L1 difference |").AppendLine("|---|---|---|---|---|---|---|");
        foreach ((TransferRegion region, string regionName) in Measured)
        {
            foreach ((string name, TransferMetrics metrics) in _results)
            {
                string ssim = "", l1 = "";
                if (name != AblationVariant.Baseline)
                    (ssim, l1) = (Text(metrics.Minus(Baseline, region, TransferMeasure.Ssim)), Text(metrics.Minus(Baseline, region, TransferMeasure.L1)));
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {regionName} | {name} | {metrics.Mean(region, TransferMeasure.Ssim):0.0000} | {metrics.Mean(region, TransferMeasure.Psnr):0.00} | {metrics.Mean(region, TransferMeasure.L1):0.0000} | {ssim} | {l1} |");
            }
        }
        return text.ToString();
    }

    public void WriteJson(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteNumber("people", people);
        writer.WriteNumber("width", options.Shape.Width);
        writer.WriteStartArray("schedule");
        foreach (TrainingStage stage in options.Schedule)
        {
            writer.WriteStartObject();
            writer.WriteNumber("size", stage.Size);
            writer.WriteNumber("samples", stage.Samples);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString("baseline", AblationVariant.Baseline);
        writer.WriteStartArray("results");
        foreach ((TransferRegion region, string regionName) in Measured)
        {
            foreach ((string name, TransferMetrics metrics) in _results)
            {
                writer.WriteStartObject();
                writer.WriteString("generator", name);
                writer.WriteString("region", regionName);
                writer.WriteNumber("pictures", metrics.Count(region));
                foreach (TransferMeasure measure in Enum.GetValues<TransferMeasure>())
                {
                    PairedDifference difference = metrics.Minus(Baseline, region, measure);
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

    private TransferMetrics Baseline => _results.First(r => r.Name == AblationVariant.Baseline).Metrics;

    private IEnumerable<(TransferRegion Region, string Name)> Measured => s_regions.Where(r => Baseline.Count(r.Region) > 0);

    private static string Text(PairedDifference d) => string.Create(CultureInfo.InvariantCulture, $"{d.Mean:+0.0000;-0.0000} ({d.Low:+0.0000;-0.0000} to {d.High:+0.0000;-0.0000})");
}
