using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lwg.MLNet.Batch;

/// <summary>The command line; exit codes are those of <see cref="ConsoleProgram"/>, and rows that were refused are success, too.</summary>
internal static class BatchProgram
{
    private static readonly Option<string> s_requests =
        new("--requests") { Description =
        "The table of requests, .csv (separated by commas, semicolons or tabs, as its header tells) or .parquet.", HelpName = "file",
        Required = true };
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder for the results; of a run that was stopped, what is done is kept.", HelpName = "folder",
        DefaultValueFactory = _ => "out" };
    private static readonly Option<string?> s_shard =
        new("--shard") { Description = "Does the i-th of n parts of the table only.", HelpName = "i/n" };
    private static readonly Argument<string[]> s_parts =
        new("parts") { Description = "The folders of all shards' results, in any order.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> s_joined =
        new("--out") { Description = "The folder for the whole.", HelpName = "folder", Required = true };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Where it tells what it does.</param>
    /// <param name="error">Where it complains.</param>
    /// <param name="cancellationToken">Stops it between two rows.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        ConsoleProgram.RunAsync(BuildCommand(output, cancellationToken), args, output, error, "Cancelled; the next run goes on from here.",
        cancellationToken);

    private static RootCommand BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Lets the people of a folder of pictures imitate what a table asks for.");
        var run = new Command("run", "Goes through a table of requests, or a shard of it.")
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
        if (command.GetResult(s_shard) is { Implicit: false, Tokens: [{ Value: var shard }] } && Shard.Parse(shard) is null)
            command.AddError($"--shard is '{shard}'; i/n with i from 1 to n is needed, for example 2/4.");
    }

    private static BatchSettings Settings(ParseResult parsed) => BatchOptions.Settings(parsed, parsed.GetValue(s_requests)!) with
    {
        Out = parsed.GetValue(s_out)!,
        Shard = parsed.GetValue(s_shard) is { } shard ? Shard.Parse(shard) : null,
    };
}
