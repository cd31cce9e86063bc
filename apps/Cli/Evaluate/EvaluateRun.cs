using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Compares generators with each other and with the truth, on synthetic people outside their training data.</summary>
/// <param name="jobs">What to measure.</param>
/// <param name="generators">The generators by name; the first one is the baseline. Null for a copy of the source picture.</param>
/// <param name="people">The number of people.</param>
/// <param name="size">The side of the pictures, in pixels.</param>
/// <param name="painter">The version of the people's painter.</param>
/// <param name="backdrops">The photographs behind the people; null for painted backdrops.</param>
/// <param name="folder">Receives tables and pictures.</param>
/// <param name="estimated">Estimates the bodies, as in normal use; null for exact bodies.</param>
/// <param name="perceptual">The weights of the network of the perceptual distance; null for none.</param>
/// <param name="countsFaults">Whether to count the faults of <see cref="FaultShares"/>.</param>
/// <param name="output">Receives progress and the report.</param>
internal sealed class EvaluateRun(
    IReadOnlyList<EvaluationJob> jobs, IReadOnlyList<(string Name, TransferGenerator? Generator)> generators, int people, int size,
    int painter, BackdropPhotographs? backdrops, string folder, EstimatedPeople? estimated, string? perceptual, bool countsFaults,
    TextWriter output)
{
    private const int SheetPeople = 12;

    private int _refused;

    private static readonly TransferEvaluationOptions s_columns = new()
    {
        PersonMaskColumnName = nameof(EvaluationRow.PersonMask),
        UncoveredMaskColumnName = nameof(EvaluationRow.UncoveredMask),
        FaceMaskColumnName = nameof(EvaluationRow.FaceMask),
    };

    public void Run(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var mlContext = new MLContext(seed: 1);
        var report = new EvaluationReport(size, people, painter, backdrops?.Count, estimated is not null);
        using PerceptualDistance? distance = perceptual is null ? null : new PerceptualDistance(perceptual);
        foreach (EvaluationJob job in jobs)
        {
            _refused = 0;
            IDataView rows = mlContext.Data.LoadFromEnumerable(Rows(job, people, cancellationToken));
            foreach ((string name, TransferGenerator? generator) in generators)
            {
                output.WriteLine($"{job.Name}, {name}...");
                _refused = 0;
                TransferMetrics metrics = mlContext.PersonTransfer()
                    .Evaluate(Made(mlContext, job, generator, rows), s_columns, distance, cancellationToken: cancellationToken);
                report.Add(job.Name, name, metrics);
                if (!countsFaults)
                    continue;
                _refused = 0;
                report.Count(job.Name, name, FaultShares.Of(Made(mlContext, job, generator, rows), s_columns.PredictedColumnName));
            }
            if (_refused > 0)
                report.Refuse(job.Name, _refused);
            Sheet(mlContext, job, cancellationToken);
        }
        AtomicFile.Write(Path.Combine(folder, "evaluation.md"), stream => WriteText(stream, report.ToMarkdown()));
        AtomicFile.Write(Path.Combine(folder, "evaluation.json"), report.WriteJson);
        output.WriteLine(report.ToMarkdown());
    }

    // Returns the pictures to compare with the truth: the generator's output, or a copy of the source.
    private IDataView Made(MLContext mlContext, EvaluationJob job, TransferGenerator? generator, IDataView rows) => generator is null
        ? mlContext.Transforms.CopyColumns(s_columns.PredictedColumnName, nameof(EvaluationRow.SourceImage)).Fit(rows).Transform(rows)
        : job.Chain(mlContext.Transforms, size, generator, estimated is not null).Fit(rows).Transform(rows);

    private IEnumerable<EvaluationRow> Rows(EvaluationJob job, int count, CancellationToken cancellationToken)
    {
        var source = new HeldOutPeople(BodyModel.Default, size, painter: painter, backdrops: backdrops);
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            EvaluationRow exact = job.Make(source, i);
            if (estimated is null)
                yield return exact;
            else if (estimated.Find(exact, job.ShowsReference) is { } row)
                yield return row;
            else
                _refused++;
        }
    }

    /// <summary>Saves a sheet of the first people: the source, the output of each generator, and the truth.</summary>
    private void Sheet(MLContext mlContext, EvaluationJob job, CancellationToken cancellationToken)
    {
        int count = Math.Min(people, SheetPeople);
        IDataView rows = mlContext.Data.LoadFromEnumerable(Rows(job, count, cancellationToken));
        List<List<PixelBuffer>> columns = [Pictures(rows, nameof(EvaluationRow.SourceImage))];
        if (job.ShowsReference)
            columns.Add(Pictures(rows, nameof(EvaluationRow.ReferenceImage)));
        columns.AddRange(generators.Select(g => Pictures(Made(mlContext, job, g.Generator, rows), s_columns.PredictedColumnName)));
        columns.Add(Pictures(rows, nameof(EvaluationRow.ActualImage)));
        var sheet = new ContactSheet(2 * columns.Count, size, size);
        for (int i = 0; i < columns[0].Count; i++)
            columns.ForEach(column => sheet.Add(column[i]));
        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder, job.Name + ".png"));
    }

    private static List<PixelBuffer> Pictures(IDataView data, string column)
    {
        var pictures = new List<PixelBuffer>();
        foreach (MLImage image in data.GetColumn<MLImage>(column))
        {
            using (image)
                pictures.Add(ImageCodec.ToPixels(image));
        }
        return pictures;
    }

    private static void WriteText(Stream stream, string text)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        writer.Write(text);
    }
}
