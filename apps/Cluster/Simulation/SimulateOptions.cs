using System.CommandLine;

namespace Lwg.MLNet.Cluster;

/// <summary>The command that measures the cluster with a worker that only sleeps.</summary>
internal static class SimulateOptions
{
    private static readonly Option<int[]> s_silos =
        new("--silos") { Description = "The numbers of silos, one for each run.", HelpName = "count", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [1, 2, 4, 8, 16] };
    private static readonly Option<int> s_rows = new("--rows") { Description = "The number of rows.", DefaultValueFactory = _ => 20_000 };
    private static readonly Option<int> s_sleep =
        new("--sleep") { Description = "How long the worker sleeps, in milliseconds a row.", DefaultValueFactory = _ => 50 };
    private static readonly Option<int> s_places =
        new("--places") { Description = "How many ranges a silo processes at a time.", DefaultValueFactory = _ => 1 };
    private static readonly Option<bool> s_processes =
        new("--processes") { Description =
        "Runs each silo in its own process, with --redis or --postgres; otherwise all are in this one, by Orleans's test host." };
    private static readonly Option<int> s_largeJob =
        new("--large-job") { Description = "Also starts a job of this many rows, and reports the size of its state; 0 for none.",
        DefaultValueFactory = _ => 1_000_000 };

    public static Command Command(TextWriter output, CancellationToken cancellationToken)
    {
        var simulate = new Command("simulate",
            "Measures the grains with a worker that only sleeps: rows a second against the ideal, messages and writes a row, the state "
            + "of a large job.") { s_silos, s_rows, s_sleep, s_places, s_processes, s_largeJob };
        PlaceOptions.AddTo(simulate);
        simulate.SetAction(async (parsed, _) =>
        {
            var simulation = new Simulation(parsed.GetValue(s_rows), TimeSpan.FromMilliseconds(parsed.GetValue(s_sleep)),
                parsed.GetValue(s_places), PlaceOptions.Place(parsed), output);
            await output.WriteLineAsync(Simulation.Header);
            await output.WriteLineAsync("|---|---|---|---|---|---|---|---|---|---|---|---|");
            foreach (int count in parsed.GetValue(s_silos)!)
            {
                if (parsed.GetValue(s_processes))
                    await simulation.RunProcessesAsync(count, cancellationToken);
                else
                    await simulation.RunAsync(count, cancellationToken);
            }
            if (parsed.GetValue(s_largeJob) is > 0 and var large)
                await simulation.RunLargeAsync(large, cancellationToken);
            return 0;
        });
        return simulate;
    }
}
