using System.CommandLine;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The command 'evaluate'.</summary>
internal static class EvaluateProgram
{
    private static readonly Option<string[]> s_generators =
        new("--generator") { Description = "A model folder to compare with the texture warp; may be given several times.",
        HelpName = "folder", DefaultValueFactory = _ => [Path.Combine("models", "generator")] };
    private static readonly Option<string[]> s_jobs =
        new("--job") { Description = $"The jobs to measure: {string.Join(", ", EvaluationJob.All.Select(j => j.Name))}; all of them by "
        + $"default.", HelpName = "job", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ =>
        [.. EvaluationJob.All.Select(j => j.Name)] };
    private static readonly Option<NetworkPrecision[]> s_precisions =
        new("--precision") { Description = "The numeric precision of the models: full, quantized, or both, separately.",
        AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [NetworkPrecision.Full] };
    private static readonly Option<int> s_people =
        new("--people") { Description = "The number of held-out people, 1 to 10000.", DefaultValueFactory = _ => 200 };
    private static readonly Option<int> s_size =
        new("--size") { Description = "Side of the pictures, 64 to 1024 pixels.", HelpName = "pixels", DefaultValueFactory = _ => 256 };
    private static readonly Option<int> s_painter =
        new("--painter") { Description = $"The version of the people's painter: {SyntheticPeople.FirstVersion}, whose numbers the "
        + $"documentation reports, or {SyntheticPeople.LastVersion} with more kinds of shoes, hair, coats and poses.",
        HelpName = "version", DefaultValueFactory = _ => SyntheticPeople.FirstVersion };
    private static readonly Option<string?> s_backdrops =
        new("--backdrops") { Description = "A folder of photographs without people; parts of them are behind the people, instead of "
        + "painted backdrops.", HelpName = "folder" };
    private static readonly Option<bool> s_asUsed =
        new("--as-used") { Description =
        "Gives generators the bodies and masks that the estimator finds in the pictures, instead of exact ones, and compares with the "
        + "copied source too." };
    private static readonly Option<string?> s_estimator =
        new("--estimator") { Description = "With --as-used: the estimator's folder; by default the built-in one.", HelpName = "folder" };
    private static readonly Option<string?> s_perceptual =
        new("--perceptual") { Description =
        "ResNet18.onnx of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, for the perceptual distance; by default in NuGet's "
        + "folder.", HelpName = "file" };
    private static readonly Option<bool> s_faults =
        new("--faults") { Description =
        "Also counts the shares of pixels with background in feet, lost hair, and the face's colour on backs; takes twice as long." };
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder for tables and pictures.", HelpName = "folder", DefaultValueFactory = _ => "evaluation" };

    /// <summary>Builds the command.</summary>
    public static Command BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var evaluate = new Command("evaluate",
            "Compares generators with the texture warp and with the truth on synthetic people outside their training data.") { s_jobs,
            s_generators, s_precisions, s_people, s_size, s_painter, s_backdrops, s_asUsed, s_estimator, s_perceptual, s_faults, s_out,
            ComputeDevices.Option };
        evaluate.Validators.Add(command =>
        {
            command.Within(s_people, 1, 10_000);
            if (command.GetValue(s_estimator) is not null && !command.GetValue(s_asUsed))
                command.AddError($"{s_estimator.Name} is used only with {s_asUsed.Name}.");
            command.Within(s_painter, SyntheticPeople.FirstVersion, SyntheticPeople.LastVersion);
            command.Within(s_size, 64, 1024, " pixels");
            foreach (string job in command.GetValue(s_jobs)!.Where(name => EvaluationJob.All.All(j => j.Name != name)))
                command.AddError($"{s_jobs.Name} is '{job}'; allowed are {string.Join(", ", EvaluationJob.All.Select(j => j.Name))}.");
        });
        evaluate.SetAction((parsed, _) =>
        {
            NetworkRuntimeOptions runtime = parsed.GetValue(ComputeDevices.Option).Runtime(output);
            List<(string, TransferGenerator?)> generators = [("texture warp", new TextureWarpGenerator(BodyModel.Default))];
            if (parsed.GetValue(s_asUsed))
                generators.Add(("source copied", null));
            foreach ((string folder, NetworkPrecision precision) in parsed.GetValue(s_generators)!.SelectMany(folder =>
                parsed.GetValue(s_precisions)!.Select(precision => (folder, precision))))
            {
                string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))
                    + (precision == NetworkPrecision.Full ? "" : ", quantized");
                LiquidWarpingGenerator learned = LiquidWarpingGenerator.Load(folder, runtime with { Precision = precision });
                generators.Add((name, learned));
                generators.Add((name + ", sharp", new SharpGenerator(BodyModel.Default, learned)));
            }
            using EstimatedPeople? estimated = parsed.GetValue(s_asUsed)
                ? new EstimatedPeople(parsed.GetValue(s_estimator) is { } estimator
                ? SmplEstimator.Open(ModelPackage.LoadFolder(estimator), runtime) : OwnModels.OpenEstimator(runtime)) : null;
            new EvaluateRun([.. EvaluationJob.All.Where(j => parsed.GetValue(s_jobs)!.Contains(j.Name))], generators,
                parsed.GetValue(s_people), parsed.GetValue(s_size), parsed.GetValue(s_painter),
                parsed.GetValue(s_backdrops) is { } backdrops ? BackdropFolder.Load(backdrops, ImageCodec.Load) : null,
                parsed.GetValue(s_out)!, estimated, parsed.GetValue(s_perceptual) ?? ResNetWeights.Find(), parsed.GetValue(s_faults),
                output).Run(cancellationToken);
            return Task.FromResult(0);
        });
        return evaluate;
    }
}
