using System.CommandLine;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Training.Cli;

/// <summary>The commands 'tune' and 'evaluate-tuning'.</summary>
internal static class TuningProgram
{
    private static readonly Option<string[]> s_source =
        new("--source") { Description =
        "Photographs of one person, for example from the front, the side and the back; the first gives the background.", HelpName = "photo",
        Required = true, AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> s_keypoints =
        new("--keypoints") { Description =
        "The person's 17 key points in all of them, as COCO JSON; without it the estimator detects the person.", HelpName = "json" };
    private static readonly Option<string> s_save =
        new("--save") { Description = "The ML.NET model to create or replace, for 'impersonate --model'.", HelpName = "zip",
        Required = true };
    private static readonly Option<string?> s_generator =
        new("--generator") { Description = "The folder of a generator from this program; by default the built-in one.",
        HelpName = "folder" };
    private static readonly Option<int> s_samples =
        new("--samples") { Description = "The number of training samples.", DefaultValueFactory = _ =>
        new SubjectTuningOptions().SampleCount };
    private static readonly Option<int?> s_size =
        new("--size") { Description = "The side of the training pictures; that of the generator's training without it.",
        HelpName = "pixels" };
    private static readonly Option<double> s_rate = new("--rate") { Description = "The learning rate.", DefaultValueFactory = _ =>
        new SubjectTuningOptions().LearningRate };
    private static readonly Option<double> s_rendered =
        new("--rendered") { Description = "The share of samples whose source is the textured body in another pose.",
        DefaultValueFactory = _ => new SubjectTuningOptions().RenderedShare };
    private static readonly Option<GeneratorStreams> s_streams =
        new("--streams") { Description = "The streams to train: Transfer, or Source,Transfer.", DefaultValueFactory = _ =>
        new SubjectTuningOptions().Streams };
    private static readonly Option<int> s_people =
        new("--people") { Description = "The number of held-out people.", DefaultValueFactory = _ => 8 };
    private static readonly Option<int> s_views =
        new("--views") { Description = "The number of pictures from which each person is learned.", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> s_poses =
        new("--poses") { Description = "The number of held-out poses of each person.", DefaultValueFactory = _ => 8 };

    public static Command BuildTune(TextWriter output, CancellationToken cancellationToken)
    {
        var tune = new Command("tune", "Learns one person from photographs and tunes the generator on it; takes minutes.") { s_source,
            s_keypoints, s_save, s_generator, s_samples, s_size, s_rate, s_rendered, s_streams };
        tune.SetAction((parsed, _) =>
        {
            using var generator = new LiquidWarpingGenerator(Generator(parsed));
            new TuneRun(parsed.GetValue(s_source)!, parsed.GetValue(s_keypoints), generator, Options(parsed), parsed.GetValue(s_save)!,
                output).Run(cancellationToken);
            return Task.FromResult(0);
        });
        return tune;
    }

    public static Command BuildEvaluate(TextWriter output, CancellationToken cancellationToken)
    {
        var evaluate = new Command("evaluate-tuning",
            "Measures the benefit of tuning on synthetic people that no generator was trained on.") { s_people, s_views, s_poses,
            s_generator, s_samples, s_size, s_rate, s_rendered, s_streams };
        evaluate.SetAction((parsed, _) =>
        {
            new TuningEvaluation(Generator(parsed), Options(parsed), parsed.GetValue(s_people), parsed.GetValue(s_views),
                parsed.GetValue(s_poses), output).Run(cancellationToken);
            return Task.FromResult(0);
        });
        return evaluate;
    }

    private static ModelPackage Generator(ParseResult parsed) =>
        parsed.GetValue(s_generator) is { } folder ? ModelPackage.LoadFolder(folder) : OwnModels.Generator;

    private static SubjectTuningOptions Options(ParseResult parsed) => new()
    {
        SampleCount = parsed.GetValue(s_samples),
        Size = parsed.GetValue(s_size),
        LearningRate = parsed.GetValue(s_rate),
        RenderedShare = parsed.GetValue(s_rendered),
        Streams = parsed.GetValue(s_streams),
    };
}
