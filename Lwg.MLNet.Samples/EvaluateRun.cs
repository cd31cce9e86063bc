using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Samples;

/// <summary>Generators against each other and against the truth, on synthetic people whom none was trained on.</summary>
internal sealed class EvaluateRun(IReadOnlyList<(string Name, ITransferGenerator Generator)> generators, int people, int size, string folder, TextWriter output)
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
        foreach ((string job, Func<HeldOutPeople, int, EvaluationRow> make) in
            new (string, Func<HeldOutPeople, int, EvaluationRow>)[] { ("self-imitation", (p, i) => p.SelfImitation(i)), ("cross-imitation", (p, i) => p.CrossImitation(i)) })
        {
            IDataView rows = mlContext.Data.LoadFromEnumerable(Rows(make, people, cancellationToken));
            foreach ((string name, ITransferGenerator generator) in generators)
            {
                output.WriteLine($"{job}, {name}...");
                ITransformer model = Model(mlContext, rows, generator);
                report.Add(job, name, mlContext.PersonTransfer().Evaluate(model.Transform(rows), s_columns));
            }
            Sheet(mlContext, make, job, cancellationToken);
        }
        AtomicFile.Write(Path.Combine(folder, "evaluation.md"), stream => WriteText(stream, report.ToMarkdown()));
        AtomicFile.Write(Path.Combine(folder, "evaluation.json"), report.WriteJson);
        output.WriteLine(report.ToMarkdown());
    }

    // The camera is copied: the truth is known before that camera.
    private ITransformer Model(MLContext mlContext, IDataView rows, ITransferGenerator generator) =>
        mlContext.Transforms.ImitateMotion(
            new MotionImitationOptions { ImageSize = size, Strategy = CameraStrategy.Copy, FrontWarp = FrontWarpMode.None }, generator: generator).Fit(rows);

    private IEnumerable<EvaluationRow> Rows(Func<HeldOutPeople, int, EvaluationRow> make, int count, CancellationToken cancellationToken)
    {
        var source = new HeldOutPeople(BodyModel.Default, size);
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return make(source, i);
        }
    }

    /// <summary>Source, what each generator makes of it, and the truth, for the first people.</summary>
    private void Sheet(MLContext mlContext, Func<HeldOutPeople, int, EvaluationRow> make, string job, CancellationToken cancellationToken)
    {
        int count = Math.Min(people, SheetPeople);
        IDataView rows = mlContext.Data.LoadFromEnumerable(Rows(make, count, cancellationToken));
        List<List<PixelBuffer>> columns = [Pictures(rows, nameof(EvaluationRow.SourceImage))];
        columns.AddRange(generators.Select(g => Pictures(Model(mlContext, rows, g.Generator).Transform(rows), "TargetImage")));
        columns.Add(Pictures(rows, nameof(EvaluationRow.ActualImage)));
        var sheet = new ContactSheet(2 * columns.Count, size, size);
        for (int i = 0; i < count; i++)
            columns.ForEach(column => sheet.Add(column[i]));
        ImageCodec.SavePng(sheet.ToPixels(), Path.Combine(folder, job + ".png"));
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
