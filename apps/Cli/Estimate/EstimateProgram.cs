using System.CommandLine;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Cli;

/// <summary>The commands 'estimate' and 'evaluate-estimator'.</summary>
internal static class EstimateProgram
{
    private static readonly Option<string[]> s_source =
        new("--source") { Description = "Photographs.", HelpName = "photo", Required = true, AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> s_keypoints =
        new("--keypoints") { Description = "Key points marked in them, as COCO JSON, to compare with.", HelpName = "json" };
    private static readonly Option<string?> s_estimator =
        new("--estimator") { Description =
        "The estimator: best, own, blazepose, blazepose-lite, -full or -heavy, or a model folder; by default the best that is "
        + "installed.", HelpName = "name|folder" };
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder for pictures.", HelpName = "folder", DefaultValueFactory = _ => "estimates" };
    private static readonly Option<string> s_evaluation =
        new("--out") { Description = "The folder for tables and pictures.", HelpName = "folder", DefaultValueFactory = _ =>
        "evaluation-estimator" };
    private static readonly Option<string?> s_photos =
        new("--photos") { Description = "A folder of photographs with 'photos.json', to measure on instead of synthetic people.",
        HelpName = "folder" };
    private static readonly Option<string[]> s_estimators =
        new("--estimator") { Description =
        "The estimators: own (the default), blazepose, or model folders; several with --photos.", HelpName = "name",
        AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int> s_pictures =
        new("--pictures") { Description = "The number of pictures of held-out people, 1 to 100000.", DefaultValueFactory = _ => 300 };

    public static Command BuildEstimate(TextWriter output, CancellationToken cancellationToken)
    {
        var estimate = new Command("estimate", "Finds the person in photographs: key points, mask, body.") { s_source, s_keypoints,
            s_estimator, s_out, ComputeDevices.Option };
        estimate.SetAction((parsed, _) =>
        {
            SmplEstimator estimator = Open(parsed.GetValue(s_estimator) ?? PersonEstimators.BestName, Runtime(parsed, output));
            using var owned = estimator as IDisposable;
            new EstimateRun(estimator, parsed.GetValue(s_out)!, output).Run(parsed.GetValue(s_source)!, parsed.GetValue(s_keypoints),
                cancellationToken);
            return Task.FromResult(0);
        });
        return estimate;
    }

    public static Command BuildEvaluate(TextWriter output, CancellationToken cancellationToken)
    {
        var evaluate = new Command("evaluate-estimator",
            "Compares an estimator with the truth on synthetic people outside its training data, or estimators on photographs.")
        { s_estimators, s_photos, s_pictures, s_evaluation, ComputeDevices.Option };
        evaluate.Validators.Add(command => command.Within(s_pictures, 1, 100_000));
        evaluate.SetAction((parsed, _) =>
        {
            string[] names = parsed.GetValue(s_estimators) is { Length: > 0 } given ? given : [PersonEstimators.Own];
            if (parsed.GetValue(s_photos) is { } photos)
                return Measure(photos, names, Runtime(parsed, output), parsed.GetValue(s_evaluation)!, output, cancellationToken);
            SmplEstimator estimator = Open(names[0], Runtime(parsed, output));
            using var owned = estimator as IDisposable;
            new EstimatorEvaluation(estimator, parsed.GetValue(s_pictures), parsed.GetValue(s_evaluation)!, output).Run(cancellationToken);
            return Task.FromResult(0);
        });
        return evaluate;
    }

    private static Task<int> Measure(string photos, string[] names, NetworkRuntimeOptions runtime, string folder, TextWriter output,
        CancellationToken cancellationToken)
    {
        var estimators = new List<(string Name, SmplEstimator Estimator)>();
        try
        {
            foreach (string name in names)
                estimators.Add((Path.GetFileName(Path.TrimEndingDirectorySeparator(name)), Open(name, runtime)));
            new Photos.PhotoEvaluation(photos, folder, output).Run(estimators, cancellationToken);
        }
        finally
        {
            foreach ((_, SmplEstimator estimator) in estimators)
                (estimator as IDisposable)?.Dispose();
        }
        return Task.FromResult(0);
    }

    private static NetworkRuntimeOptions Runtime(ParseResult parsed, TextWriter output) =>
        parsed.GetValue(ComputeDevices.Option).Runtime(output);

    private static SmplEstimator Open(string name, NetworkRuntimeOptions runtime)
    {
        SmplEstimator estimator = PersonEstimators.Open(name, runtime);
        if (estimator.MaskSize > 0)
            return estimator;
        (estimator as IDisposable)?.Dispose();
        throw new ModelFileException(name, null,
            "finding people needs an estimator that returns key points and a mask, which this one does not.");
    }
}
