using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lwg.MLNet.Cli.Photos;

/// <summary>The results on photographs as Markdown and as JSON.</summary>
internal sealed class PhotoReport(int photographs)
{
    private readonly List<(string Estimator, List<PhotoResult> Results, double Seconds)> _results = [];

    public void Add(string estimator, List<PhotoResult> results, double seconds) => _results.Add((estimator, results, seconds));

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{photographs} photographs. Errors are mean / median distances in % of the person's size, and the share of points nearer "
            + $"than a tenth of it (PCK@0.1).");
        text
            .AppendLine("A refused picture counts in the errors with the body that was found, "
                + "and a picture without a body counts 0 in PCK.")
            .AppendLine();
        text.AppendLine("| estimator | group | photographs | key points | body | body's overlap with the mask | refused | wrong and "
            + "accepted | right and refused |").AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach ((string estimator, List<PhotoResult> results, _) in _results)
        {
            foreach ((string group, List<PhotoResult> members) in Groups(results))
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {estimator} | {group} | {members.Count} | {Errors(members, r => r.Keypoints)} | {Errors(members, r => r.Body)} | "
                    + $"{Overlap(members)} | {members.Count(r => !r.IsAccepted)} | {members.Count(r => r.IsSilentFailure)} | "
                    + $"{members.Count(r => r.IsWronglyRefused)} |");
        }
        text.AppendLine();
        foreach ((string estimator, List<PhotoResult> results, double seconds) in _results)
            text.AppendLine(CultureInfo.InvariantCulture,
                $"- {estimator}: {results.Count / seconds:0.0} photographs a second, without decoding.");
        return text.ToString();
    }

    public void WriteJson(Stream stream)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        new JsonArray([.. from run in _results
                          from result in run.Results
                          select new JsonObject
                          {
                              ["estimator"] = run.Estimator,
                              ["file"] = Path.GetFileName(result.Photo.File),
                              ["group"] = result.Photo.Group,
                              ["standing"] = result.Photo.IsStanding,
                              ["upright"] = result.Photo.IsUprightTruth,
                              ["status"] = result.Status.ToString(),
                              ["accepted"] = result.IsAccepted,
                              ["silentFailure"] = result.IsSilentFailure,
                              ["wronglyRefused"] = result.IsWronglyRefused,
                              ["keypoints"] = ToJson(result.Keypoints),
                              ["body"] = ToJson(result.Body),
                              ["fitError"] = result.FitError,
                              ["bodyOverlap"] = result.BodyOverlap,
                              ["confidence"] = result.Confidence,
                              ["disagreement"] = result.Disagreement,
                              ["people"] = result.People,
                          }]).WriteTo(writer);
    }

    private static IEnumerable<(string Name, List<PhotoResult> Members)> Groups(List<PhotoResult> results)
    {
        foreach (IGrouping<string, PhotoResult> group in results.GroupBy(r => r.Photo.Group).OrderBy(g => g.Key, StringComparer.Ordinal))
            yield return (group.Key, [.. group]);
        yield return ("upright, true marks", [.. results.Where(r => r.Photo.IsUprightTruth)]);
        yield return ("standing", [.. results.Where(r => r.Photo.IsStanding)]);
        yield return ("all with a person", [.. results.Where(r => !r.Photo.IsEmpty)]);
    }

    private static string Errors(List<PhotoResult> results, Func<PhotoResult, PointErrors?> of)
    {
        PointErrors?[] marked = [.. results.Where(r => r.Photo.Marks is not null).Select(of)];
        double[] means = [.. marked.OfType<PointErrors>().Select(e => 100 * e.Mean).Order()];
        return means.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"{means.Average():0.0} / {means[means.Length / 2]:0.0}, {100 * marked.Average(e => e?.Within ?? 0):0}");
    }

    private static string Overlap(List<PhotoResult> results)
    {
        double[] overlaps = [.. results.Where(r => r.BodyOverlap > 0).Select(r => (double)r.BodyOverlap)];
        return overlaps.Length == 0 ? "" : overlaps.Average().ToString("0.000", CultureInfo.InvariantCulture);
    }

    private static JsonObject? ToJson(PointErrors? errors) =>
        errors is null ? null : new JsonObject { ["mean"] = errors.Mean, ["within"] = errors.Within, ["worstLimb"] = errors.WorstLimb };
}
