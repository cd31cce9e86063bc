using System.CommandLine;
using System.CommandLine.Parsing;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Samples;

/// <summary>
/// The command line. Exit codes: 0 success, 1 something is wrong with what the user gave, 2 wrong usage, 3 something is wrong with the machine
/// (no room, no right to write, a native library that is not there), 130 cancelled.
/// </summary>
internal static class ImitateProgram
{
    private static readonly Option<string> s_person = new("--person") { Description = "Who moves, where no --source is given: one of our own people.", DefaultValueFactory = _ => SamplePeople.Names[0] };
    private static readonly Option<string?> s_source = new("--source") { Description = "A photograph of the person who shall move.", HelpName = "photo" };
    private static readonly Option<string?> s_keypoints = new("--keypoints") { Description = "The person's 17 key points in it, COCO's JSON; without it the estimator finds the person.", HelpName = "json" };
    private static readonly Option<string> s_motion = new("--motion") { Description = $"What to imitate: {string.Join(", ", MotionClip.BuiltInNames)}, or a motion file (.npz).", HelpName = "name|file", DefaultValueFactory = _ => "walk" };
    private static readonly Option<string?> s_reference = new("--reference") { Description = "A photograph whose pose to imitate instead of a motion; makes one picture.", HelpName = "photo" };
    private static readonly Option<string?> s_referenceKeypoints = new("--reference-keypoints") { Description = "The key points of the person in it.", HelpName = "json" };
    private static readonly Option<string> s_out = new("--out") { Description = "The folder for the results.", HelpName = "folder", DefaultValueFactory = _ => "out" };
    private static readonly Option<int?> s_size = new("--size") { Description = "Side of the square in which the person is worked on, 32 to 2048 pixels; as the generator was trained where it is not given.", HelpName = "pixels" };
    private static readonly Option<string> s_generator = new("--generator") { Description = $"What makes the pictures: '{ModelChoice.Texture}' (by rule), '{ModelChoice.Default}' (our own weights where they are there, by rule where not), or the folder of a model, for example one that 'import' made.", HelpName = "name|folder", DefaultValueFactory = _ => ModelChoice.Default };
    private static readonly Option<string?> s_body = new("--body") { Description = "The body: .npz, or SMPL's .pkl in any flavour; that of the generator's folder, or our own, where it is not given.", HelpName = "file" };
    private static readonly Option<string?> s_estimator = new("--estimator") { Description = "Estimates the body from the picture: HMR's checkpoint, or a model folder; our own where it is not given. Key points that are given count for more than our own.", HelpName = "file|folder" };
    private static readonly Option<bool> s_references = new("--references") { Description = "With --save: what may not be passed on stays where it is, and the model refers to it (LWG_MODELS names the folders to look in)." };
    private static readonly Option<string?> s_save = new("--save") { Description = "Saves the ML.NET model.", HelpName = "zip" };
    private static readonly Option<string?> s_model = new("--model") { Description = "Uses a model that --save made.", HelpName = "zip" };
    private static readonly Option<bool> s_gif = new("--gif") { Description = "Also makes an animated GIF." };
    private static readonly Option<bool> s_verbose = new("--verbose") { Description = "Shows where in the program an error came from." };

    private static readonly Option<string> s_models = new("--out") { Description = "The folder.", HelpName = "folder", DefaultValueFactory = _ => "models" };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Where it tells what it does.</param>
    /// <param name="error">Where it complains.</param>
    /// <param name="cancellationToken">Stops it between two frames.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        ParseResult parsed = BuildCommand(output, cancellationToken).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError mistake in parsed.Errors)
                await error.WriteLineAsync(mistake.Message);
            await error.WriteLineAsync("See --help.");
            return 2;
        }
        bool verbose = parsed.GetValue(s_verbose);
        try
        {
            var invocation = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            return Fail(130, "Cancelled.", e);
        }
        catch (LwgException e)
        {
            return Fail(1, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException or DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            return Fail(3, (e as TypeInitializationException)?.InnerException!.Message ?? e.Message, e);
        }

        int Fail(int exitCode, string message, Exception e)
        {
            error.WriteLine(verbose ? e.ToString() : message);
            return exitCode;
        }
    }

    private static RootCommand BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        // Without a command the program imitates, too.
        var root = new RootCommand("Liquid Warping GAN with ML.NET: a person in a photograph imitates a motion.");
        var imitate = new Command("imitate", "Lets a person in a photograph imitate a motion or another person's pose.");
        root.Subcommands.Add(imitate);
        foreach (Command command in (Command[])[root, imitate])
        {
            foreach (Option option in (Option[])[s_person, s_source, s_keypoints, s_motion, s_reference, s_referenceKeypoints, s_out, s_size, s_generator, s_body, s_estimator, s_save, s_references, s_model, s_gif, s_verbose])
                command.Options.Add(option);
            command.Validators.Add(Validate);
            command.SetAction(async (parsed, _) =>
            {
                await new ImitateRun(Settings(parsed), output).RunAsync(cancellationToken);
                return 0;
            });
        }
        var models = new Command("models", "Makes the models folder anew from code: body, motions, people. What is frozen there must come out.") { s_models };
        models.SetAction((parsed, _) =>
        {
            ModelsRun.Run(parsed.GetValue(s_models)!, output, cancellationToken);
            return Task.FromResult(0);
        });
        root.Subcommands.Add(models);
        root.Subcommands.Add(VerifyCommand.Build(output));
        root.Subcommands.Add(EvaluateProgram.BuildCommand(output, cancellationToken));
        root.Subcommands.Add(EstimateProgram.BuildEstimate(output, cancellationToken));
        root.Subcommands.Add(EstimateProgram.BuildEvaluate(output, cancellationToken));
        root.Subcommands.Add(ImpersonateProgram.BuildImpersonate(output, cancellationToken));
        root.Subcommands.Add(ImpersonateProgram.BuildEvaluate(output, cancellationToken));
        root.Subcommands.Add(ImportProgram.BuildImport(output, cancellationToken));
        root.Subcommands.Add(ImportProgram.BuildInspect(output));
        return root;
    }

    /// <summary>What the parser cannot know: which options go together.</summary>
    private static void Validate(CommandResult command)
    {
        Needs(s_keypoints, s_source);
        Needs(s_referenceKeypoints, s_reference);
        Needs(s_references, s_save);
        Apart(s_person, s_source, "either our own person or a photograph moves");
        Apart(s_motion, s_reference, "the person imitates either a motion or a photograph");
        Apart(s_size, s_model, "the model has its size");
        Apart(s_generator, s_model, "the model has its generator");
        Apart(s_body, s_model, "the model has its body");
        Apart(s_save, s_model, "a loaded model is saved already");
        if (Given(s_size) && Tokens(s_size) is [{ Value: var text }] && int.TryParse(text, out int size) && size is < 32 or > 2048)
            command.AddError($"--size is {size}; 32 to 2048 pixels are allowed.");
        if (Given(s_person) && Tokens(s_person) is [{ Value: var person }] && !SamplePeople.Names.Contains(person))
            command.AddError($"--person is '{person}'; our people are {string.Join(", ", SamplePeople.Names)}.");

        void Needs(Option first, Option second)
        {
            if (Given(first) && !Given(second))
                command.AddError($"{first.Name} needs {second.Name}, which was not given.");
        }

        void Apart(Option first, Option second, string reason)
        {
            if (Given(first) && Given(second))
                command.AddError($"{first.Name} and {second.Name} exclude each other: {reason}.");
        }

        bool Given(Option option) => command.GetResult(option) is { Implicit: false };

        IReadOnlyList<Token> Tokens(Option option) => command.GetResult(option)!.Tokens;
    }

    private static ImitateSettings Settings(ParseResult parsed) => new()
    {
        Person = parsed.GetValue(s_person)!,
        Source = parsed.GetValue(s_source),
        Keypoints = parsed.GetValue(s_keypoints),
        Motion = parsed.GetValue(s_motion)!,
        Reference = parsed.GetValue(s_reference),
        ReferenceKeypoints = parsed.GetValue(s_referenceKeypoints),
        Out = parsed.GetValue(s_out)!,
        Size = parsed.GetValue(s_size),
        Generator = parsed.GetValue(s_generator)!,
        Body = parsed.GetValue(s_body),
        Estimator = parsed.GetValue(s_estimator),
        References = parsed.GetValue(s_references),
        Save = parsed.GetValue(s_save),
        Model = parsed.GetValue(s_model),
        Gif = parsed.GetValue(s_gif),
    };
}
