using System.Globalization;
using System.Text.Json.Nodes;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Apps;

/// <summary>Formats the measures of a generator in one region, next to those of a baseline generator, for tables and for JSON. Other
/// projects link this file.</summary>
internal static class TransferScores
{
    public const string Columns = "SSIM | PSNR | L1 | perceptual | SSIM difference | L1 difference | perceptual difference",
        Rule = "---|---|---|---|---|---|---";

    /// <summary>Returns the name of a region in reports.</summary>
    public static string NameOf(TransferRegion region) => region switch
    {
        TransferRegion.Picture => "whole picture",
        TransferRegion.Person => "within the person",
        TransferRegion.UncoveredBackground => "uncovered background",
        _ => "face box",
    };

    /// <summary>Returns the cells of a table's row: <see cref="Columns"/>. The baseline itself has no differences.</summary>
    public static string Row(TransferMetrics metrics, TransferMetrics baseline, TransferRegion region)
    {
        string perceptual = double.IsNaN(metrics.Mean(region, TransferMeasure.Perceptual)) ? ""
            : metrics.Mean(region, TransferMeasure.Perceptual).ToString("0.0000", CultureInfo.InvariantCulture);
        string values = string.Create(CultureInfo.InvariantCulture,
            $"{metrics.Mean(region, TransferMeasure.Ssim):0.0000} | {metrics.Mean(region, TransferMeasure.Psnr):0.00} | "
            + $"{metrics.Mean(region, TransferMeasure.L1):0.0000}");
        return $"{values} | {perceptual} | {Difference(TransferMeasure.Ssim)} | {Difference(TransferMeasure.L1)} | "
            + $"{Difference(TransferMeasure.Perceptual)}";

        string Difference(TransferMeasure measure) => !ReferenceEquals(metrics, baseline) && !double.IsNaN(metrics.Mean(region, measure))
            && metrics.Minus(baseline, region, measure) is var d
            ? $"{Signed(d.Mean)} ({Signed(d.Low)} to {Signed(d.High)})" : "";

        // Rounded first, so that a negative value near 0 does not get two signs.
        static string Signed(double value) => (Math.Round(value, 4) + 0.0).ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture);
    }

    /// <summary>Adds region, number of pictures and all measures to the object of a generator.</summary>
    public static JsonObject With(this JsonObject result, TransferMetrics metrics, TransferMetrics baseline, TransferRegion region)
    {
        result["region"] = NameOf(region);
        result["pictures"] = metrics.Count(region);
        foreach (TransferMeasure measure in Enum.GetValues<TransferMeasure>())
        {
            if (double.IsNaN(metrics.Mean(region, measure)))
                continue;
            PairedDifference difference = metrics.Minus(baseline, region, measure);
            result[measure.ToString().ToLowerInvariant()] = new JsonObject
            {
                ["mean"] = metrics.Mean(region, measure),
                ["difference"] = difference.Mean,
                ["low"] = difference.Low,
                ["high"] = difference.High,
            };
        }
        return result;
    }
}
