using System.CommandLine;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The commands 'impersonate' and 'evaluate-views'.</summary>
internal static class ImpersonateProgram
{
    private static readonly Option<string[]> s_source =
        new("--source") { Description =
        "Photographs of one person, for example from the front, the side and the back; the first gives the background. A painted "
        + "person by default.", HelpName = "photo", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> s_keypoints =
        new("--keypoints") { Description =
        "The person's 17 key points in all of them, as COCO JSON; without it the estimator finds the person.", HelpName = "json" };
    private static readonly Option<string> s_person =
        new("--person") { Description = "The person to show without --source: one of the painted people.", DefaultValueFactory = _ =>
        SamplePeople.Names[0] };
    private static readonly Option<string> s_motion =
        new("--motion") { Description = $"The motion of the person: {string.Join(", ", MotionClip.BuiltInNames)}, or a motion file "
            + "(.npz, .pkl, .bvh).",
        HelpName = "name|file", DefaultValueFactory = _ => "turn" };
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder for the results.", HelpName = "folder", DefaultValueFactory = _ => "out" };
    private static readonly Option<int?> s_size =
        new("--size") { Description = "Side of the square in which the person is shown, 32 to 2048 pixels; by default as the generator "
        + "was trained.", HelpName = "pixels" };
    private static readonly Option<string> s_generator =
        new("--generator") { Description =
        $"The generator for parts that no photograph shows: '{ModelChoice.Texture}', '{ModelChoice.Default}', or the folder of a model.",
        HelpName = "name|folder", DefaultValueFactory = _ => ModelChoice.Default };
    private static readonly Option<string?> s_save =
        new("--save") { Description = "Saves the learned person as an ML.NET model.", HelpName = "zip" };
    private static readonly Option<string?> s_model =
        new("--model") { Description = "A person saved with --save, instead of photographs.", HelpName = "zip" };
    private static readonly Option<int> s_people =
        new("--people") { Description = "The number of held-out people, 1 to 1000.", DefaultValueFactory = _ => 10 };
    private static readonly Option<int> s_pictureSize =
        new("--size") { Description = "Side of the pictures, 64 to 1024 pixels.", HelpName = "pixels", DefaultValueFactory = _ => 256 };

    public static Command BuildImpersonate(TextWriter output, CancellationToken cancellationToken)
    {
        var impersonate = new Command("impersonate",
            "Learns one person from photographs, and shows the person in a motion.") { s_source, s_keypoints, s_person, s_motion,
            s_out, s_size, s_generator, s_save, s_model, ComputeDevices.Option, PersonOptions.NoProvenance };
        impersonate.Validators.Add(command =>
        {
            command.Needs(s_keypoints, s_source);
            foreach (Option option in (Option[])[s_source, s_person, s_size, s_generator, s_save])
                command.Apart(option, s_model, "the model has learned its person");
            command.Apart(s_person, s_source, "one person is learned");
            command.Within(s_size, 32, 2048, " pixels");
        });
        impersonate.SetAction(async (parsed, _) =>
        {
            var settings = new ImpersonateSettings
            {
                Source = parsed.GetValue(s_source) ?? [],
                Keypoints = parsed.GetValue(s_keypoints),
                Person = parsed.GetValue(s_person)!,
                Motion = parsed.GetValue(s_motion)!,
                Out = parsed.GetValue(s_out)!,
                Size = parsed.GetValue(s_size),
                Generator = parsed.GetValue(s_generator)!,
                Save = parsed.GetValue(s_save),
                Device = parsed.GetValue(ComputeDevices.Option),
                Model = parsed.GetValue(s_model),
                Provenance = parsed.GetValue(PersonOptions.NoProvenance) ? null : Provenance.CompositeWithTrainedAlgorithms,
            };
            await new ImpersonateRun(settings, output).RunAsync(cancellationToken);
            return 0;
        });
        return impersonate;
    }

    public static Command BuildEvaluate(TextWriter output, CancellationToken cancellationToken)
    {
        var evaluate = new Command("evaluate-views",
            "Measures the quality with 1, 2, 4 and 8 views, on synthetic people outside the generators' training data.") { s_people,
            s_pictureSize, s_generator, ComputeDevices.Option };
        evaluate.Validators.Add(command =>
        {
            command.Within(s_people, 1, 1000);
            command.Within(s_pictureSize, 64, 1024, " pixels");
        });
        evaluate.SetAction((parsed, _) =>
        {
            using ModelChoice models = ModelChoice.Load(
                new ImitateSettings { Generator = parsed.GetValue(s_generator)!, Size = parsed.GetValue(s_pictureSize),
                Device = parsed.GetValue(ComputeDevices.Option) }, output);
            new ViewsEvaluation(models, parsed.GetValue(s_people), parsed.GetValue(s_pictureSize)).Run(output, cancellationToken);
            return Task.FromResult(0);
        });
        return evaluate;
    }
}
