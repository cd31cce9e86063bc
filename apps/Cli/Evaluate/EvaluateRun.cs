using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>Generators against each other and against the truth, on synthetic people whom none was trained on.</summary>
internal sealed class EvaluateRun(IReadOnlyList<EvaluationJob> jobs, IReadOnlyList<(string Name, TransferGenerator Generator)> generators, int people, int size, string folder, TextWriter output)
{
    private const int SheetPeople = 12;

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
        var report = new EvaluationReport(size, people);
        foreach (EvaluationJob job in jobs)
        {
            IDataView rows = mlContext.Data.LoadFromEnumerable(Rows(job, people, cancellationToken));
            foreach ((string name, TransferGenerator generator) in generators)
            {
                output.WriteLine($"{job.Name}, {name}...");
                ITransformer model = job.Chain(mlContext.Transforms, size, generator).Fit(rows);
                report.Add(job.Name, name, mlContext.PersonTransfer().Evaluate(model.Transform(rows), s_columns, cancellationToken: cancellationToken));
            }
            Sheet(mlContext, job, cancellationToken);
        }
        AtomicFile.Write(Path.Combine(folder, "evaluation.md"), stream => WriteText(stream, report.ToMarkdown()));
        AtomicFile.Write(Path.Combine(folder, "evaluation.json"), report.WriteJson);
        output.WriteLine(report.ToMarkdown());
    }

    private IEnumerable<EvaluationRow> Rows(EvaluationJob job, int count, CancellationToken cancellationToken)
    {
        var source = new HeldOutPeople(BodyModel.Default, size);
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return job.Make(source, i);
        }
    }

    /// <summary>Source, what each generator makes of it, and the truth, for the first people.</summary>
    private void Sheet(MLContext mlContext, EvaluationJob job, CancellationToken cancellationToken)
    {
        int count = Math.Min(people, SheetPeople);
        IDataView rows = mlContext.Data.LoadFromEnumerable(Rows(job, count, cancellationToken));
        List<List<PixelBuffer>> columns = [Pictures(rows, nameof(EvaluationRow.SourceImage))];
        if (job.ShowsReference)
            columns.Add(Pictures(rows, nameof(EvaluationRow.ReferenceImage)));
        columns.AddRange(generators.Select(g => Pictures(job.Chain(mlContext.Transforms, size, g.Generator).Fit(rows).Transform(rows), "TargetImage")));
        columns.Add(Pictures(rows, nameof(EvaluationRow.ActualImage)));
        var sheet = new ContactSheet(2 * columns.Count, size, size);
        for (int i = 0; i < count; i++)
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
