using System.CommandLine;
using System.CommandLine.Parsing;
using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Cli;

/// <summary>The command line; exit codes are those of <see cref="ConsoleProgram"/>.</summary>
internal static class ImitateProgram
{
    private static readonly Option<string[]> s_motion =
        new("--motion") { Description =
        $"The motion to imitate: {string.Join(", ", MotionClip.BuiltInNames)}, or a motion file (.npz, .pkl, .bvh, recognized by "
        + $"content); several are played in sequence, at one rate.", HelpName = "name|file", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["walk"] };
    private static readonly Option<CameraStrategy> s_camera =
        new("--camera") { Description =
        "The person's position: the source's plus the reference's movement (smooth), the source's (source), or the reference's (copy)." };
    private static readonly Option<int?> s_frames =
        new("--frames") { Description =
        "The number of frames: the motion is repeated or truncated; by default as many as it has." };
    private static readonly Option<string?> s_reference =
        new("--reference") { Description =
        "The person to imitate, instead of a motion: a photograph (for one picture), an animated GIF, WebP or PNG, a folder of frames, "
        + "or, with ffmpeg on the path, a video file.", HelpName = "photo|animation|folder|video" };
    private static readonly Option<FrameRate?> s_rate =
        new("--fps") { Description = $"The rate of a folder's frames ({new FilmSettings().Rate.Value} by default), or that to "
        + $"which motions are resampled (by default that of the first), a number or a fraction such as 30000/1001; animations and videos "
        + $"have a rate of their own.", HelpName = "rate", CustomParser = ReadRate };
    private static readonly Option<double> s_smooth =
        new("--smooth") { Description =
        "The smoothing of a film's motion in time: the standard deviation in seconds, 0 to 10; 0 for none.",
        HelpName = "seconds", DefaultValueFactory = _ => new FilmSettings().Smooth };
    private static readonly Option<int> s_fillGaps =
        new("--fill-gaps") { Description =
        "How many consecutive frames of a film with an unclear person, 0 to 1000, may be filled in from those around.",
        HelpName = "frames" };
    private static readonly Option<PersonPlace> s_place =
        new("--place") { Description = "With --camera copy: the person takes the same share of the photograph's height as of the "
        + "reference's (height), or of its width (width), or of its height with the feet where they were (feet).",
        DefaultValueFactory = _ => PersonPlace.Height };
    private static readonly Option<bool> s_faceCamera =
        new("--face-camera") { Description = "Turns each motion as a whole so that the person faces the camera in its first frame." };
    private static readonly Option<MotionUpAxis> s_upAxis =
        new("--up-axis") { Description =
        "The up axis of the motion files: auto (that of the file's kind, unless the person's trunk clearly contradicts it), y, "
        + "z, or negativeY (camera coordinates)." };
    private static readonly Option<string?> s_jointNames =
        new("--joint-names") { Description =
        "JSON that maps SMPL's joints (left_hip, spine_1...) to the joints of a BVH file with other names.",
        HelpName = "json" };
    private static readonly Option<bool> s_sideBySide =
        new("--side-by-side") { Description = "Shows the reference to the left of each frame." };
    private static readonly Option<bool> s_sound = new("--sound") { Description = "Copies the sound of a video file into the MP4." };
    private static readonly Option<bool> s_restart =
        new("--restart") { Description =
        "Starts again if an interrupted run left something in the folder; without it the same command resumes that run." };
    private static readonly Option<bool> s_references =
        new("--references") { Description =
        "With --save: the model refers to files that may not be redistributed (LWG_MODELS names the folders to search for them)." };
    private static readonly Option<string?> s_save = new("--save") { Description = "Saves the ML.NET model.", HelpName = "zip" };
    private static readonly Option<string?> s_model = new("--model") { Description = "Uses a model saved with --save.", HelpName = "zip" };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Receives progress and results.</param>
    /// <param name="error">Receives error messages.</param>
    /// <param name="cancellationToken">Stops the program between two frames.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        ConsoleProgram.RunAsync(BuildCommand(output, cancellationToken), args, output, error, "Cancelled.", cancellationToken);

    private static RootCommand BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        // Without a command the program runs 'imitate'.
        var root = new RootCommand("Liquid Warping GAN with ML.NET: shows the person of a photograph in a motion.");
        var imitate = new Command("imitate",
            "Shows the person of a photograph in a motion, in another person's pose, or in the motion of a film.");
        root.Subcommands.Add(imitate);
        foreach (Command command in (Command[])[root, imitate])
        {
            foreach (Option option in (Option[])[.. PersonOptions.All, s_motion, s_frames, s_camera, s_place, s_reference,
                PersonOptions.ReferenceKeypoints, PersonOptions.Background, s_rate, s_smooth, s_fillGaps, s_faceCamera, s_upAxis,
                s_jointNames, s_sideBySide, s_sound, s_restart, s_save, s_references, s_model, PersonOptions.Gif])
                command.Options.Add(option);
            command.Validators.Add(Validate);
            command.SetAction(async (parsed, _) =>
            {
                await new ImitateRun(Settings(parsed), output).RunAsync(cancellationToken);
                return 0;
            });
        }
        root.Subcommands.Add(ModelsProgram.BuildCommand(output, cancellationToken));
        root.Subcommands.Add(SwapProgram.BuildCommand(output, cancellationToken));
        root.Subcommands.Add(ViewProgram.BuildCommand(output, cancellationToken));
        root.Subcommands.Add(VerifyCommand.Build(output));
        root.Subcommands.Add(EvaluateProgram.BuildCommand(output, cancellationToken));
        root.Subcommands.Add(CalibrateProgram.BuildCommand(output, cancellationToken));
        root.Subcommands.Add(EstimateProgram.BuildEstimate(output, cancellationToken));
        root.Subcommands.Add(EstimateProgram.BuildEvaluate(output, cancellationToken));
        root.Subcommands.Add(ImpersonateProgram.BuildImpersonate(output, cancellationToken));
        root.Subcommands.Add(ImpersonateProgram.BuildEvaluate(output, cancellationToken));
        root.Subcommands.Add(ImportProgram.BuildImport(output, cancellationToken));
        root.Subcommands.Add(ImportProgram.BuildInspect(output));
        return root;
    }

    /// <summary>Checks what the parser does not check: combinations of options.</summary>
    private static void Validate(CommandResult command)
    {
        PersonOptions.Validate(command);
        command.Needs(PersonOptions.ReferenceKeypoints, s_reference);
        command.Needs(s_references, s_save);
        command.Apart(s_motion, s_reference, "the person imitates either a motion or another person");
        foreach (Option option in (Option[])[s_faceCamera, s_upAxis, s_jointNames])
            command.Apart(option, s_reference, "it applies only to motions, not to a reference");
        command.Apart(s_frames, s_reference, "the reference determines the number of frames");
        foreach (Option option in (Option[])[s_smooth, s_fillGaps, s_sideBySide, s_sound])
            command.Needs(option, s_reference);
        if (command.Given(s_place) && command.GetValue(s_camera) != CameraStrategy.Copy)
            command.AddError($"{s_place.Name} applies only with {s_camera.Name} copy.");
        command.Within(s_frames, 1, 1_000_000);
        command.Within(s_fillGaps, 0, 1000);
        if (command.Given(s_smooth) && command.GetValue(s_smooth) is not (>= 0 and <= 10))
            command.AddError("--smooth is 0 to 10 seconds.");
        command.Apart(PersonOptions.Size, s_model, "the model has its size");
        command.Apart(PersonOptions.Generator, s_model, "the model has its generator");
        command.Apart(PersonOptions.Precision, s_model, "the model has its generator");
        command.Apart(PersonOptions.Body, s_model, "the model has its body");
        command.Apart(s_camera, s_model, "the model has its camera");
        command.Apart(PersonOptions.Background, s_model, "the model has its background");
        command.Apart(PersonOptions.Background, s_save, "a saved model puts the person back into the photograph");
        command.Apart(s_save, s_model, "a loaded model is already saved");
    }

    private static FrameRate? ReadRate(ArgumentResult argument)
    {
        if (FrameRate.Parse(argument.Tokens[0].Value) is { } rate)
            return rate;
        argument.AddError($"--fps is '{argument.Tokens[0].Value}'; numbers above 0 and at most 1000, and fractions such as 30000/1001, "
            + $"are allowed.");
        return null;
    }

    private static ImitateSettings Settings(ParseResult parsed) => new(PersonOptions.Read(parsed))
    {
        Motions = parsed.GetValue(s_motion)!,
        Reference = parsed.GetValue(s_reference),
        ReferenceKeypoints = parsed.GetValue(PersonOptions.ReferenceKeypoints),
        Camera = parsed.GetValue(s_camera),
        Place = parsed.GetValue(s_camera) == CameraStrategy.Copy ? parsed.GetValue(s_place) : null,
        Frames = parsed.GetValue(s_frames),
        Rate = parsed.GetValue(s_rate),
        Background = parsed.GetValue(PersonOptions.Background)!,
        Film = new FilmSettings { Rate = parsed.GetValue(s_rate)
        ?? new FilmSettings().Rate, Smooth = parsed.GetValue(s_smooth), FillGaps = parsed.GetValue(s_fillGaps) },
        FaceCamera = parsed.GetValue(s_faceCamera),
        MotionFiles = new MotionReadOptions { UpAxis = parsed.GetValue(s_upAxis), JointNames = parsed.GetValue(s_jointNames) },
        SideBySide = parsed.GetValue(s_sideBySide),
        Sound = parsed.GetValue(s_sound),
        Restart = parsed.GetValue(s_restart),
        References = parsed.GetValue(s_references),
        Save = parsed.GetValue(s_save),
        Model = parsed.GetValue(s_model),
        Gif = parsed.GetValue(PersonOptions.Gif),
    };
}
