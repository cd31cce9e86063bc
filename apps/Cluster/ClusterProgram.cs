using System.CommandLine;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>The command line. Exit codes are those of <see cref="ConsoleProgram"/>; refused rows count as success.</summary>
internal static class ClusterProgram
{
    private static readonly Argument<string> s_requests =
        new("requests") { Description =
        "The table of requests, .csv (separated by commas, semicolons or tabs, as in its header) or .parquet." };
    private static readonly Argument<string> s_job = new("job") { Description = "The job's name, which submit prints." };
    private static readonly Option<string> s_store =
        new("--store") { Description = $"The store that all silos and clients share: a folder, or 's3://bucket/prefix' (as the AWS SDK "
        + $"is configured, or at the address in {S3Place.EndpointVariable}).", HelpName = "store", DefaultValueFactory = _ => "cluster" };
    private static readonly Option<int> s_range =
        new("--range") { Description = "How many rows are assigned to a silo at a time; 0 for a 64th of the table, 10 at most.",
        HelpName = "rows" };
    private static readonly Option<bool> s_again =
        new("--again") { Description = "Processes a finished job again; rows whose results are in the store are kept." };
    private static readonly Option<bool> s_wait = new("--wait") { Description = "Waits for the job's end." };
    private static readonly Option<string> s_out =
        new("--out") { Description = "The folder for the results.", HelpName = "folder", DefaultValueFactory = _ => "out" };

    /// <summary>Runs the program.</summary>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Receives progress and results.</param>
    /// <param name="error">Receives error messages.</param>
    /// <param name="cancellationToken">Stops the program.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        ConsoleProgram.RunAsync(BuildCommand(output, cancellationToken), args, output, error, "Cancelled; jobs continue without it.",
        cancellationToken);

    private static RootCommand BuildCommand(TextWriter output, CancellationToken cancellationToken)
    {
        var root = new RootCommand("Processes tables of requests, like the batch app, on any number of machines.");
        root.Subcommands.Add(Serve(output, cancellationToken));
        root.Subcommands.Add(Submit(output, cancellationToken));
        root.Subcommands.Add(Ask("status", "Shows the progress of a job.", (client, job) =>
            client.AskAsync(job, grain => grain.StatusAsync()), output, cancellationToken));
        root.Subcommands.Add(Ask("cancel", "Stops a job after the current rows; submitting it again resumes it.", (client, job) =>
            client.AskAsync(job, grain => grain.CancelAsync()), output, cancellationToken));
        var fetch = new Command("fetch",
            "Creates the folder that the batch app would have created from a job's results, byte for byte. Only the store is needed.")
            { s_job, s_store, s_out };
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
            "Writes a table and its pictures into the store and starts a job. A job that was submitted before keeps running, or is "
            + "resumed.") { s_requests, s_store, s_range, s_again, s_wait };
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
            "--results") { Description = "Also removes the results, pictures and inputs that no other job of the store uses." };
        var forget = new Command("forget",
            "Removes a finished or cancelled job from the cluster and the store. Its results stay, for jobs with equal rows, unless "
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
        var connection = new Option<string>("--postgres") { Description = "The database, as a connection string of Npgsql.",
            HelpName = "connection", Required = true };
        var schema = new Command("schema", "Creates missing tables that a cluster with --postgres needs.") { connection };
        schema.SetAction(async (parsed, _) =>
        {
            await PostgresSchema.CreateAsync(parsed.GetValue(connection)!, cancellationToken);
            await output.WriteLineAsync("The tables exist.");
            return 0;
        });
        return schema;
    }
}
