using System.CommandLine;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Cli;

/// <summary>The command 'calibrate'.</summary>
internal static class CalibrateProgram
{
    private static readonly Option<string> s_generator =
        new("--generator") { Description = "The model folder of a generator that reads the built-in body.", HelpName = "folder",
        DefaultValueFactory = _ => Path.Combine("models", "generator") };
    private static readonly Option<string?> s_out =
        new("--out") { Description = "The folder to create; by default that of the model.", HelpName = "folder" };
    private static readonly Option<int> s_people =
        new("--people") { Description = "The number of synthetic people, 1 to 1000.", DefaultValueFactory = _ => 32 };

    private static readonly TransferEvaluationOptions s_columns = new();

    /// <summary>Builds the command.</summary>
    public static Command BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var calibrate = new Command("calibrate",
            "Runs a generator on synthetic people, and writes the ranges that 8-bit computation needs into its manifest "
            + "(--precision quantized).") { s_generator, s_out, s_people };
        calibrate.Validators.Add(command => command.Within(s_people, 1, 1000));
        calibrate.SetAction((parsed, _) =>
        {
            string folder = parsed.GetValue(s_generator)!;
            Run(folder, parsed.GetValue(s_out) ?? folder, parsed.GetValue(s_people), output, cancellationToken);
            return Task.FromResult(0);
        });
        return calibrate;
    }

    private static void Run(string folder, string outFolder, int people, TextWriter output, CancellationToken cancellationToken)
    {
        using var calibration = new GeneratorCalibration(ModelPackage.LoadFolder(folder));
        if (calibration.Generator.BodyHash != BodyModel.Default.Hash)
            throw new BodyMismatchException(
                $"The generator in '{folder}' does not read maps of the built-in body, and synthetic people have only that body. "
                + $"Calibrate it in code, with your own pictures: see {nameof(GeneratorCalibration)}.");
        int size = calibration.Generator.Package.Manifest.ImageSize;
        var mlContext = new MLContext(seed: 1);
        foreach (EvaluationJob job in EvaluationJob.All)
        {
            IDataView rows = mlContext.Data.LoadFromEnumerable(Rows(job));
            ITransformer chain = job.Chain(mlContext.Transforms, size, calibration.Generator, false).Fit(rows);
            foreach (MLImage picture in chain.Transform(rows).GetColumn<MLImage>(s_columns.PredictedColumnName))
            {
                picture.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
            }
            output.WriteLine($"{job.Name}: {people} people");
        }
        calibration.ToPackage().SaveFolder(outFolder);
        output.WriteLine($"{outFolder}: calibrated with {calibration.Pictures} pictures");

        IEnumerable<EvaluationRow> Rows(EvaluationJob job)
        {
            var source = new HeldOutPeople(BodyModel.Default, size, HeldOutPeople.ToCalibrate);
            return Enumerable.Range(0, people).Select(i => job.Make(source, i));
        }
    }
}
