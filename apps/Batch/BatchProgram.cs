using System.CommandLine;
using System.CommandLine.Parsing;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Batch;

/// <summary>The command line; exit codes are those of <see cref="ConsoleProgram"/>, and rows that were refused are success, too.</summary>
internal static class BatchProgram
{
    private static readonly Option<string> s_requests = new("--requests") { Description = "The table of requests, .csv (separated by commas, semicolons or tabs, as its header tells) or .parquet.", HelpName = "file", Required = true };
    private static readonly Option<string> s_pictures = new("--pictures") { Description = "The folder of the pictures that the table names.", HelpName = "folder", Required = true };
    private static readonly Option<string> s_out = new("--out") { Description = "The folder for the results; of a run that was stopped, what is done is kept.", HelpName = "folder", DefaultValueFactory = _ => "out" };
    private static readonly Option<int> s_size = new("--size") { Description = "Side of the square in which a person is worked on, 32 to 2048 pixels.", HelpName = "pixels", DefaultValueFactory = _ => 256 };
    private static readonly Option<string> s_generator = new("--generator") { Description = "What makes the pictures: 'default' (our own weights) or 'texture' (by rule).", DefaultValueFactory = _ => GeneratorChoice.Default };
    private static readonly Option<string> s_estimator = new("--estimator") { Description = "Finds the people: own, blazepose, or a model folder. It is named, so that results do not depend on what a machine has.", HelpName = "name|folder", DefaultValueFactory = _ => Models.PersonEstimators.Own };
    private static readonly Option<CameraStrategy> s_camera = new("--camera") { Description = "The person's place: the reference's way from the source's place on (smooth), the source's (source), or the reference's (copy)." };
    private static readonly Option<float> s_minimumShown = new("--minimum-shown") { Description = "The share of the target's surface, 0 to 1, that the source must show for a row to be acceptable.", HelpName = "share" };
    private static readonly Option<bool> s_refusePoor = new("--refuse-poor") { Description = "Refuses rows that are not acceptable; without it they are marked only." };
    private static readonly Option<bool> s_parquet = new("--parquet") { Description = "Writes the result table as Parquet, too." };
    private static readonly Option<string?> s_shard = new("--shard") { Description = "Does the i-th of n parts of the table only.", HelpName = "i/n" };
    private static readonly Option<bool> s_noProvenance = new("--no-provenance") { Description = "Leaves out of the pictures' metadata that a trained network had a hand in them." };
    private static readonly Argument<string[]> s_parts = new("parts") { Description = "The folders of all shards' results, in any order.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> s_joined = new("--out") { Description = "The folder for the whole.", HelpName = "folder", Required = true };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Where it tells what it does.</param>
    /// <param name="error">Where it complains.</param>
    /// <param name="cancellationToken">Stops it between two rows.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        ConsoleProgram.RunAsync(BuildCommand(output, cancellationToken), args, output, error, "Cancelled; the next run goes on from here.", cancellationToken);

    private static RootCommand BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Lets the people of a folder of pictures imitate what a table asks for.");
        var run = new Command("run", "Goes through a table of requests, or a shard of it.")
        {
            s_requests, s_pictures, s_out, s_size, s_generator, s_estimator, s_camera, s_minimumShown, s_refusePoor, s_parquet, s_shard, s_noProvenance, ComputeDevices.Option,
        };
        run.Validators.Add(Validate);
        run.SetAction(async (parsed, _) =>
        {
            await new BatchRun(Settings(parsed), output).RunAsync(cancellationToken);
            return 0;
        });
        root.Subcommands.Add(run);
        var join = new Command("join", "Joins the results of all shards to the bytes that one run would have made.") { s_parts, s_joined };
        join.SetAction(async (parsed, _) =>
        {
            await new JoinRun(parsed.GetValue(s_parts)!, parsed.GetValue(s_joined)!, output).RunAsync(cancellationToken);
            return 0;
        });
        root.Subcommands.Add(join);
        return root;
    }

    private static void Validate(CommandResult command)
    {
        if (command.GetResult(s_size) is { Implicit: false, Tokens: [{ Value: var size }] } && int.TryParse(size, out int pixels) && pixels is < 32 or > 2048)
            command.AddError($"--size is {pixels}; 32 to 2048 pixels are allowed.");
        if (command.GetResult(s_minimumShown) is { Implicit: false, Tokens: [{ Value: var share }] } && float.TryParse(share, out float shown) && !(shown is >= 0 and <= 1))
            command.AddError($"--minimum-shown is {share}; 0 to 1 is allowed.");
        if (command.GetResult(s_generator) is { Implicit: false, Tokens: [{ Value: var generator }] } && !GeneratorChoice.Names.Contains(generator))
            command.AddError($"--generator is '{generator}'; there are {string.Join(", ", GeneratorChoice.Names)}.");
        if (command.GetResult(s_shard) is { Implicit: false, Tokens: [{ Value: var shard }] } && Shard.Parse(shard) is null)
            command.AddError($"--shard is '{shard}'; i/n with i from 1 to n is needed, for example 2/4.");
    }

    private static BatchSettings Settings(ParseResult parsed) => new()
    {
        Requests = parsed.GetValue(s_requests)!,
        Pictures = parsed.GetValue(s_pictures)!,
        Out = parsed.GetValue(s_out)!,
        Size = parsed.GetValue(s_size),
        Generator = parsed.GetValue(s_generator)!,
        Estimator = parsed.GetValue(s_estimator)!,
        Camera = parsed.GetValue(s_camera),
        MinimumShown = parsed.GetValue(s_minimumShown),
        RefusePoor = parsed.GetValue(s_refusePoor),
        Parquet = parsed.GetValue(s_parquet),
        Shard = parsed.GetValue(s_shard) is { } shard ? Shard.Parse(shard) : null,
        Device = parsed.GetValue(ComputeDevices.Option),
        Provenance = !parsed.GetValue(s_noProvenance),
    };
}
