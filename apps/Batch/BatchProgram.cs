using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lwg.MLNet.Batch;

/// <summary>The command line. Exit codes are those of <see cref="ConsoleProgram"/>; refused rows count as success.</summary>
internal static class BatchProgram
{
    private static readonly Option<string> s_requests =
        new("--requests") { Description =
        "The table of requests, .csv (separated by commas, semicolons or tabs, as in its header) or .parquet.", HelpName = "file",
        Required = true };
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder for the results. Finished rows of a stopped run are kept.", HelpName = "folder",
        DefaultValueFactory = _ => "out" };
    private static readonly Option<string?> s_shard =
        new("--shard") { Description = "Processes only the i-th of n parts of the table.", HelpName = "i/n" };
    private static readonly Argument<string[]> s_parts =
        new("parts") { Description = "The folders of all shards' results, in any order.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> s_joined =
        new("--out") { Description = "The folder for the joined results.", HelpName = "folder", Required = true };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Receives progress and results.</param>
    /// <param name="error">Receives error messages.</param>
    /// <param name="cancellationToken">Stops the program between two rows.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        ConsoleProgram.RunAsync(BuildCommand(output, cancellationToken), args, output, error, "Cancelled; the next run resumes here.",
        cancellationToken);

    private static RootCommand BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Shows the people in a folder of pictures in the poses that a table requests.");
        var run = new Command("run", "Processes a table of requests, or a shard of it.")
        {
            s_requests, s_out, s_shard,
        };
        BatchOptions.AddTo(run);
        run.Validators.Add(Validate);
        run.SetAction(async (parsed, _) =>
        {
            await new BatchRun(Settings(parsed), output).RunAsync(cancellationToken);
            return 0;
        });
        root.Subcommands.Add(run);
        var join = new Command("join", "Joins the results of all shards into those of a single run, byte for byte.") { s_parts, s_joined };
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
        if (command.GetResult(s_shard) is { Implicit: false, Tokens: [{ Value: var shard }] } && Shard.Parse(shard) is null)
            command.AddError($"--shard is '{shard}'; i/n with i from 1 to n is required, for example 2/4.");
    }

    private static BatchSettings Settings(ParseResult parsed) => BatchOptions.Settings(parsed, parsed.GetValue(s_requests)!) with
    {
        Out = parsed.GetValue(s_out)!,
        Shard = parsed.GetValue(s_shard) is { } shard ? Shard.Parse(shard) : null,
    };
}
