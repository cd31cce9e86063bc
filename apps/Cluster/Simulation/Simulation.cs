using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lwg.MLNet.Batch;
using Orleans.TestingHost;
using Request = Lwg.MLNet.Batch.Request;

namespace Lwg.MLNet.Cluster;

/// <summary>Runs the real grains with a worker that only sleeps, to measure their overhead.</summary>
/// <param name="rows">The number of rows.</param>
/// <param name="sleep">How long the worker sleeps.</param>
/// <param name="places">The number of ranges that a silo processes at a time.</param>
/// <param name="place">The cluster at which silos in processes meet.</param>
/// <param name="output">Receives the results.</param>
internal sealed class Simulation(int rows, TimeSpan sleep, int places, ClusterPlace place, TextWriter output)
{
    private const int RowsOfASource = 20;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    /// <summary>The names of the columns.</summary>
    public static string Header { get; } =
        "| silos | rows a second | of the ideal | overhead a row, ms | of that the bare sleep's, ms | of that in the worker, ms | "
        + "processor time a row, ms | calls a row within a silo | other calls a row | store writes a row | saves of the job a row | "
        + "state, bytes |";

    /// <summary>Runs with all silos in this process.</summary>
    public async Task RunAsync(int count, CancellationToken cancellationToken)
    {
        var store = new MemoryStore();
        var calls = new CallCounter();
        await using InProcessTestCluster cluster = await DeployAsync(count, store, calls, sleep);
        // A warm-up run, so that JIT compilation is not measured.
        await ToEndAsync(await WriteAsync(store, 32 * places * count, "warm"), Grain, cancellationToken);
        JobFile job = await WriteAsync(store, rows, "row");
        (long writes, long local, long others, TimeSpan worked, TimeSpan cpu) =
            (store.Writes, calls.Local, calls.Others, calls.Worked, Environment.CpuUsage.TotalTime);
        (TimeSpan time, JobStatus status) = await ToEndAsync(job, Grain, cancellationToken);
        await WriteAsync(count, time, status, (Environment.CpuUsage.TotalTime - cpu) / rows,
            ((calls.Worked - worked) / rows - sleep).TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture),
            PerRow(calls.Local - local), PerRow(calls.Others - others), PerRow(store.Writes - writes));

        IJobGrain Grain(string id) => cluster.Client.GetGrain<IJobGrain>(id);
    }

    /// <summary>Runs with a process for each silo; the store is a folder.</summary>
    public async Task RunProcessesAsync(int count, CancellationToken cancellationToken)
    {
        if (place.IsEmbedded)
            throw new LwgException("--processes needs --redis or --postgres.");
        string folder = Directory.CreateTempSubdirectory("lwg-simulation-").FullName;
        ClusterPlace here = place with { Name = $"simulation-{Guid.NewGuid():N}" };
        var silos = new List<Process>();
        try
        {
            var store = new FolderStore(folder, create: true);
            for (int i = 0; i < count; i++)
                silos.Add(Start(here, folder, i));
            await using ClusterClient client = await ClusterClient.ConnectAsync(here, cancellationToken);
            await ToEndAsync(await WriteAsync(store, 32 * places * count, "warm"), Grain, cancellationToken);
            JobFile job = await WriteAsync(store, rows, "row");
            TimeSpan cpu = Cpu();
            (TimeSpan time, JobStatus status) = await ToEndAsync(job, Grain, cancellationToken);
            await WriteAsync(count, time, status, (Cpu() - cpu) / rows, "", "", "", "");

            IJobGrain Grain(string id) => client.Grain(id);
        }
        finally
        {
            foreach (Process silo in silos)
            {
                silo.Kill();
                silo.Dispose();
            }
            Directory.Delete(folder, recursive: true);
        }

        TimeSpan Cpu()
        {
            foreach (Process silo in silos)
                silo.Refresh();
            return silos.Aggregate(TimeSpan.Zero, (sum, silo) => sum + silo.TotalProcessorTime);
        }
    }

    /// <summary>Starts a job of many rows, and reports the size of its state.</summary>
    public async Task RunLargeAsync(int large, CancellationToken cancellationToken)
    {
        var store = new MemoryStore();
        await using InProcessTestCluster cluster = await DeployAsync(4, store, new CallCounter(), TimeSpan.FromMilliseconds(1));
        JobFile job = await WriteAsync(store, large, "large");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        IJobGrain grain = cluster.Client.GetGrain<IJobGrain>(job.Id);
        JobStatus status = await grain.StartAsync(false);
        while (status.RangesDone < Math.Min(500, job.Ranges))
        {
            await Task.Delay(100, cancellationToken);
            status = await grain.StatusAsync();
        }
        status = await grain.CancelAsync();
        while (status.Silos.Count > 0)
        {
            await Task.Delay(100, cancellationToken);
            status = await grain.StatusAsync();
        }
        long results = 2 * status.Counts.Rows * 1024L;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"A job of {large} rows in {job.Ranges} ranges, {status.RangesDone} of them done: its saved state is "
            + $"{status.StateBytes} bytes; the process has {(GC.GetTotalMemory(forceFullCollection: true) - before) / 1024} kB more than "
            + $"before it, the {status.Counts.Rows} results in the store of this simulation included (some {results / 1024} kB)."));
    }

    private async Task<InProcessTestCluster> DeployAsync(int count, MemoryStore store, CallCounter calls, TimeSpan nap)
    {
        var builder = new InProcessTestClusterBuilder((short)count);
        builder.ConfigureSilo((_, silo) =>
        {
            SiloHost.AddWork(silo.Services, new SiloSettings { Place = place, Store = "", Places = places, Sleep = nap });
            silo.Services.AddSingleton<IStore>(store);
            silo.AddMemoryGrainStorageAsDefault();
            silo.UseInMemoryReminderService();
            silo.AddIncomingGrainCallFilter(calls);
        });
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.Error));
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private static Task<JobFile> WriteAsync(IStore store, int count, string name)
    {
        Request[] requests = [.. Enumerable.Range(0, count)
            .Select(i => new Request { Row = i + 1, Id = $"{name}{i}", Source = $"{i / RowsOfASource}.png", Motion = "walk",
            Frame = "1" })];
        var settings = new BatchSettings { Requests = name, Pictures = "", Out = "" };
        return new JobWriter(store, settings, new NoPictures(), SleepingRowMaker.Identity).WriteAsync(requests, false, name, 0,
            CancellationToken.None);
    }

    private static async Task<(TimeSpan Time, JobStatus Status)> ToEndAsync(JobFile job, Func<string, IJobGrain> grainOf,
        CancellationToken cancellationToken)
    {
        IJobGrain grain = grainOf(job.Id);
        var watch = Stopwatch.StartNew();
        JobStatus status = await grain.StartAsync(false);
        while (status.Phase == JobPhase.Running)
        {
            await Task.Delay(s_look, cancellationToken);
            status = await grain.StatusAsync();
        }
        return (watch.Elapsed, status);
    }

    // Measures the same sleeps alone: the overhead of the machine's timers and its other load.
    private async Task<double> BareAsync(int lanes)
    {
        const int Sleeps = 40;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(async _ =>
        {
            for (int i = 0; i < Sleeps; i++)
                await Task.Delay(sleep);
        }));
        return watch.Elapsed.TotalMilliseconds / Sleeps - sleep.TotalMilliseconds;
    }

    private async Task WriteAsync(int silos, TimeSpan time, JobStatus status, TimeSpan cpu, string worker, string local, string others,
        string writes)
    {
        double lanes = silos * places, ideal = lanes / sleep.TotalSeconds, reached = rows / time.TotalSeconds;
        double bare = await BareAsync(silos * places);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"| {silos} | {reached:0.0} | {reached / ideal:P1} | "
            + $"{time.TotalMilliseconds * lanes / rows - sleep.TotalMilliseconds:0.00} | {bare:0.00} | {worker} | "
            + $"{cpu.TotalMilliseconds:0.00} | {local} | {others} | {writes} | {PerRow(status.Saves)} | {status.StateBytes} |"));
    }

    private string PerRow(long number) => ((double)number / rows).ToString("0.000", CultureInfo.InvariantCulture);

    private Process Start(ClusterPlace here, string folder, int number)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = false };
        string[] args =
        [
            "exec", typeof(Simulation).Assembly.Location, "serve", "--store", folder, "--cluster", here.Name, here.Redis is null
            ? "--postgres" : "--redis", (here.Redis ?? here.Postgres)!,
            "--name", $"silo-{number}", "--silo-port", FreePort(), "--gateway-port", FreePort(), "--http", $"127.0.0.1:{FreePort()}",
            "--places", $"{places}", "--sleep", $"{sleep.TotalMilliseconds}",
        ];
        foreach (string argument in args)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Rows without pictures.</summary>
    private sealed class NoPictures : IPictures
    {
        public string Locate(string name) => name;

        public byte[] Read(string name) => [];

        public string HashOf(string name) => IPictures.Missing;
    }
}
