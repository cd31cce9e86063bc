using System.CommandLine;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>The command line; exit codes are those of <see cref="ConsoleProgram"/>, and rows that were refused are success, too.</summary>
internal static class ClusterProgram
{
    private static readonly Argument<string> s_requests =
        new("requests") { Description =
        "The table of requests, .csv (separated by commas, semicolons or tabs, as its header tells) or .parquet." };
    private static readonly Argument<string> s_job = new("job") { Description = "The job, as submit calls it." };
    private static readonly Option<string> s_store =
        new("--store") { Description = $"The store, which silos and clients all see: a folder, or 's3://bucket/prefix' (as the AWS SDK "
        + $"is configured, or at the address in {S3Place.EndpointVariable}).", HelpName = "store", DefaultValueFactory = _ => "cluster" };
    private static readonly Option<int> s_range =
        new("--range") { Description = "How many rows are lent to a silo at a time; 0 for a 64th of the table, 32 at most.",
        HelpName = "rows" };
    private static readonly Option<bool> s_again =
        new("--again") { Description = "Goes through a job that is done again; rows whose results the store has are kept." };
    private static readonly Option<bool> s_wait = new("--wait") { Description = "Waits for the job's end." };
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder for the results.", HelpName = "folder", DefaultValueFactory = _ => "out" };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Where it tells what it does.</param>
    /// <param name="error">Where it complains.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        ConsoleProgram.RunAsync(BuildCommand(output, cancellationToken), args, output, error, "Cancelled; jobs go on without it.",
        cancellationToken);

    private static RootCommand BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Goes through tables of requests, as the batch app does, on as many machines as there are.");
        root.Subcommands.Add(Serve(output, cancellationToken));
        root.Subcommands.Add(Submit(output, cancellationToken));
        root.Subcommands.Add(Ask("status", "Says how far a job is.", (client, job) =>
            client.AskAsync(job, grain => grain.StatusAsync()), output, cancellationToken));
        root.Subcommands.Add(Ask("cancel", "Stops a job after the rows at hand; submitting it again goes on with it.", (client, job) =>
            client.AskAsync(job, grain => grain.CancelAsync()), output, cancellationToken));
        var fetch = new Command("fetch",
            "Makes of a job's results the folder that the batch app would have made, byte for byte. It needs the store only.") { s_job,
            s_store, s_out };
        fetch.SetAction(async (parsed, _) =>
        {
            IStore store = Stores.Open(parsed.GetValue(s_store)!, create: false);
            using var owned = store as IDisposable;
            await new FetchRun(store, parsed.GetValue(s_job)!, parsed.GetValue(s_out)!, output).RunAsync(cancellationToken);
            return 0;
        });
        root.Subcommands.Add(fetch);
        root.Subcommands.Add(Forget(output, cancellationToken));
        root.Subcommands.Add(Schema(output, cancellationToken));
        root.Subcommands.Add(SimulateOptions.Command(output, cancellationToken));
        return root;
    }

    private static Command Serve(TextWriter output, CancellationToken cancellationToken)
    {
        var serve = new Command("serve",
            "Starts a silo. Without --redis and --postgres it is a cluster of one, which keeps its state in the store's folder.")
        {
            s_store,
        };
        PlaceOptions.AddTo(serve);
        ServeOptions.AddTo(serve);
        serve.SetAction(async (parsed, _) =>
        {
            SiloSettings settings = ServeOptions.Settings(parsed, PlaceOptions.Place(parsed), parsed.GetValue(s_store)!);
            await using WebApplication app = SiloHost.Build(settings);
            try
            {
                await app.StartAsync(cancellationToken);
            }
            catch (Exception e) when (e is not (OperationCanceledException or LwgException))
            {
                throw new LwgException($"The silo could not start: {e.GetBaseException().Message.ReplaceLineEndings(" ")}", e);
            }
            await output.WriteLineAsync($"The silo listens at {settings.Address}:{settings.SiloPort}, for clients at "
                + $"{settings.Address}:{settings.GatewayPort}; health is at http://{settings.Http}/health/ready.");
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        });
        return serve;
    }

    private static Command Submit(TextWriter output, CancellationToken cancellationToken)
    {
        var submit = new Command("submit",
            "Puts a table and its pictures into the store and starts a job. A job that was submitted before is found at work, or gone on "
            + "with.") { s_requests, s_store, s_range, s_again, s_wait };
        BatchOptions.AddTo(submit);
        PlaceOptions.AddTo(submit);
        submit.Validators.Add(command =>
        {
            if (command.GetResult(s_range) is { Implicit: false, Tokens: [{ Value: var range }] } && int.TryParse(range, out int rows)
                && rows is < 0 or > 10_000)
                command.AddError($"--range is {rows}; 0 to 10000 rows are allowed.");
        });
        submit.SetAction((parsed, _) =>
            new SubmitRun(BatchOptions.Settings(parsed, parsed.GetValue(s_requests)!), parsed.GetValue(s_store)!,
            PlaceOptions.Place(parsed), output)
            .RunAsync(parsed.GetValue(s_range), parsed.GetValue(s_again), parsed.GetValue(s_wait), cancellationToken));
        return submit;
    }

    private static Command Ask(string name, string description, Func<ClusterClient, string, Task<JobStatus>> question, TextWriter output,
        CancellationToken cancellationToken)
    {
        var command = new Command(name, description) { s_job };
        PlaceOptions.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            string job = parsed.GetValue(s_job)!;
            await using ClusterClient client = await ClusterClient.ConnectAsync(PlaceOptions.Place(parsed), cancellationToken);
            StatusText.Write(output, job, await question(client, job));
            return 0;
        });
        return command;
    }

    private static Command Forget(TextWriter output, CancellationToken cancellationToken)
    {
        var results = new Option<bool>(
            "--results") { Description = "Also removes the results, pictures and inputs that no other job of the store names." };
        var forget = new Command("forget",
            "Removes a job that is done or cancelled from the cluster and the store. Its results stay, for jobs with equal rows, unless "
            + "--results is given.") { s_job, s_store, results };
        PlaceOptions.AddTo(forget);
        forget.SetAction(async (parsed, _) =>
        {
            IStore store = Stores.Open(parsed.GetValue(s_store)!, create: false);
            using var owned = store as IDisposable;
            string job = parsed.GetValue(s_job)!;
            await using ClusterClient client = await ClusterClient.ConnectAsync(PlaceOptions.Place(parsed), cancellationToken);
            await new ForgetRun(store, job, output).RunAsync(await client.AskAsync(job, grain => grain.ForgetAsync()),
                parsed.GetValue(results), cancellationToken);
            return 0;
        });
        return forget;
    }

    private static Command Schema(TextWriter output, CancellationToken cancellationToken)
    {
        var connection = new Option<string>("--postgres") { Description = "The database, as Npgsql's connection strings have it.",
            HelpName = "connection", Required = true };
        var schema = new Command("schema", "Makes the tables that a cluster with --postgres needs, where they are missing.") { connection };
        schema.SetAction(async (parsed, _) =>
        {
            await PostgresSchema.CreateAsync(parsed.GetValue(connection)!, cancellationToken);
            await output.WriteLineAsync("The tables are there.");
            return 0;
        });
        return schema;
    }
}
