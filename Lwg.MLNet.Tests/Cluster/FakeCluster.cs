using Lwg.MLNet.Batch;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using Request = Lwg.MLNet.Batch.Request;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Silos in this process whose rows are made by code of the test; everything else is real.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    public const string Identity = "library 1, model aa";

    private FakeCluster(InProcessTestCluster cluster, IStore store) => (Cluster, Store) = (cluster, store);

    public InProcessTestCluster Cluster { get; }

    public IStore Store { get; }

    /// <summary>Starts silos.</summary>
    /// <param name="silos">The number of silos.</param>
    /// <param name="store">The store.</param>
    /// <param name="makerOf">Returns the row maker of a silo, by its number.</param>
    /// <param name="rowsPerSecond">The maximum number of rows a second of a silo; 0 for no limit.</param>
    public static async Task<FakeCluster> StartAsync(int silos, IStore store, Func<int, IRowMaker> makerOf, double rowsPerSecond = 0)
    {
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.None));
        builder.ConfigureSilo((options, silo) =>
        {
            SiloHost.AddWork(silo.Services,
                new SiloSettings { Place = new ClusterPlace(), Store = "", Places = 1, RowsPerSecond = rowsPerSecond,
                Sleep = TimeSpan.Zero });
            // Silos start in parallel, in any order.
            IRowMaker maker = makerOf(NumberOf(options.SiloName));
            silo.Services.AddSingleton(store).AddSingleton(maker);
            silo.AddMemoryGrainStorageAsDefault();
            silo.UseInMemoryReminderService();
        });
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return new FakeCluster(cluster, store);
    }

    /// <summary>Returns a silo by its number.</summary>
    public InProcessSiloHandle Silo(int number) => Cluster.Silos.Single(s => NumberOf(s.Name) == number);

    /// <summary>Writes a job into the store.</summary>
    public Task<JobFile> WriteAsync(int rows, int range = 1)
    {
        Request[] requests = [.. Enumerable.Range(1, rows)
            .Select(i => new Request { Row = i, Id = $"r{i}", Source = $"{i / 10}.png", Motion = "walk" })];
        return new JobWriter(Store, new BatchSettings { Requests = "requests.csv", Pictures = "", Out = "" }, new NoPictures(),
            Identity).WriteAsync(requests, false, "table", range, CancellationToken.None);
    }

    public IJobGrain Job(JobFile job) => Cluster.Client.GetGrain<IJobGrain>(job.Id);

    /// <summary>Waits until a job reaches a state.</summary>
    public async Task<JobStatus> WaitAsync(JobFile job, Func<JobStatus, bool> reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            JobStatus status = await Job(job).StatusAsync();
            if (reached(status))
                return status;
            Assert.IsFalse(patience.IsCancellationRequested, $"it never came: {status}");
            await Task.Delay(20);
        }
    }

    /// <summary>Fetches a job's results and reads the table.</summary>
    public async Task<ResultRow[]> FetchAsync(JobFile job, string folder)
    {
        await new FetchRun(Store, job.Id, folder, TextWriter.Null).RunAsync(CancellationToken.None);
        return ResultTable.Read(folder);
    }

    private static int NumberOf(string name) => int.Parse(name.Split('_')[1], System.Globalization.CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private sealed class NoPictures : IPictures
    {
        public string Locate(string name) => name;

        public byte[] Read(string name) => [];

        public string HashOf(string name) => IPictures.Missing;
    }
}

/// <summary>Makes rows with code of the test.</summary>
/// <param name="make">Called before a row is made.</param>
internal sealed class FakeRowMaker(Func<RowLine, Task> make) : IRowMaker
{
    private static readonly byte[] s_picture = [1, 2, 3];

    public string Identity { get; init; } = FakeCluster.Identity;

    public Task<string> IdentityAsync(JobFile job) => Task.FromResult(Identity);

    public async Task<MadeRow> MakeAsync(JobFile job, RowLine row)
    {
        await make(row);
        var result = new ResultRow { Id = row.Request.Id, Picture = $"pictures/{row.Request.Id}.png",
            PictureSha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(s_picture)) };
        return new MadeRow(result, s_picture, TimeSpan.Zero, TimeSpan.Zero);
    }
}
