using System.Diagnostics;
using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Models;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Measures the benefit of tuning: the generator before and after tuning on held-out synthetic people, each learned from some
/// views.</summary>
internal sealed class TuningEvaluation(ModelPackage generator, SubjectTuningOptions options, int people, int views, int poses,
    TextWriter output)
{
    private const long First = 1_000_000;

    // Pairs of poses from this number on are not among the person's own pictures.
    private const int HeldOut = 1000;

    private static readonly string[] s_regions = ["own pictures", "held-out poses"];

    private readonly BodyModel _body = BodyModel.Default;
    private readonly TransferMetrics[] _before = [new(), new()], _after = [new(), new()];

    public void Run(CancellationToken cancellationToken)
    {
        if (people < 1 || views is < 1 or > Subject.MaximumViews || poses < 1)
            throw new ArgumentException($"{people} people with {views} views and {poses} poses cannot be compared; at least 1 of each "
                + $"and at most {Subject.MaximumViews} views are allowed.");
        int size = generator.Manifest.ImageSize, kept = 0;
        var clock = new Stopwatch();
        // All people's trainings have the same convolutions, so only the first one reports them.
        var told = new HashSet<string>();
        for (int i = 0; i < people; i++)
        {
            var painter = new SyntheticPeople(_body, size);
            Subject subject = Learn(painter, First + i, size);
            Measure(generator, painter, First + i, subject, _before);
            clock.Start();
            ModelPackage tuned = new SubjectTuner(
                options with { Report = line => Tell(told, line), Finished = result =>
                output.WriteLine($"person {First + i}: {result}") }).Tune(generator, _body, [subject], cancellationToken);
            clock.Stop();
            kept += tuned == generator ? 0 : 1;
            Measure(tuned, painter, First + i, subject, _after);
            Write(i + 1, kept, clock.Elapsed / (i + 1));
        }
    }

    private void Tell(HashSet<string> told, string line)
    {
        if (told.Count == 0 || (line.StartsWith(' ') && told.Add(line)))
            output.WriteLine(line);
        told.Add(line);
    }

    // Called after each person to show intermediate results; the last table is the result.
    private void Write(int measured, int kept, TimeSpan time)
    {
        int size = generator.Manifest.ImageSize;
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{measured} held-out synthetic people of {size} x {size} pixels, learned from "
            + $"{views} {(views == 1 ? "picture" : "pictures")} each; {options.SampleCount} samples of {options.Size ?? size} pixels at "
            + $"{options.LearningRate}, {options.Streams}; {kept} kept; {time.TotalMinutes:0.0} minutes per person. Within the person; "
            + $"differences with 95 % intervals (paired bootstrap)."));
        output.WriteLine();
        output.WriteLine($"| pictures | generator | {TransferScores.Columns} |");
        output.WriteLine($"|---|---|{TransferScores.Rule}|");
        for (int k = 0; k < s_regions.Length; k++)
        {
            output.WriteLine($"| {s_regions[k]} | untuned | {TransferScores.Row(_before[k], _before[k], TransferRegion.Person)} |");
            output.WriteLine($"| {s_regions[k]} | tuned | {TransferScores.Row(_after[k], _before[k], TransferRegion.Person)} |");
        }
    }

    private Subject Learn(SyntheticPeople painter, long identity, int size)
    {
        var pair = new SyntheticPair(size);
        var pictures = new List<SubjectView>();
        for (int v = 0; v < views; v++)
        {
            painter.Fill(identity, v, pair);
            pictures.Add(new SubjectView([.. pair.SourceSmpl], [.. pair.SourceImage]));
        }
        return Subject.Learn(_body, pictures, size);
    }

    /// <summary>Measures the person's own pictures, then poses that no training has used, against the ground truth.</summary>
    private void Measure(ModelPackage package, SyntheticPeople painter, long identity, Subject subject, TransferMetrics[] metrics)
    {
        using var network = new LiquidWarpingGenerator(package);
        using var pictures = new SubjectPictures(_body, subject, subject.Size);
        pictures.Reconstruct(network, metrics[0]);
        var pair = new SyntheticPair(subject.Size);
        pictures.Compare(network, Enumerable.Range(HeldOut, poses).Select(number =>
        {
            painter.Fill(identity, number, pair);
            return (pair.TargetSmpl, pair.TargetImage, pair.TargetMask);
        }), metrics[1]);
    }
}
