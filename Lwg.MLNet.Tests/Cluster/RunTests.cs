using System.Diagnostics;
using System.Globalization;
using System.Net;
using Lwg.MLNet.Batch;
using Lwg.MLNet.Apps.Tests.Batch;
using Microsoft.AspNetCore.Builder;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Silos as processes, with the real models: whatever is killed, the bytes equal those of an undisturbed run of the batch app.
/// LWG_CLUSTER_ROWS sets another length of the table.</summary>
[TestClass]
public class RunTests
{
    private static readonly int s_rows =
        int.TryParse(Environment.GetEnvironmentVariable("LWG_CLUSTER_ROWS"), CultureInfo.InvariantCulture, out int rows) ? rows : 12;

    private static BatchFiles s_files = null!;
    private static string s_whole = null!;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task RunUndisturbed(TestContext context)
    {
        s_files = new BatchFiles(s_rows);
        s_whole = Path.Combine(s_files.Root, "whole");
        var watch = Stopwatch.StartNew();
        var run = await BatchProcess.RunAsync(s_files.Run("whole", "--parquet"));
        Assert.AreEqual(0, run.ExitCode, run.Error);
        context.WriteLine($"{s_rows} rows by the batch app: {watch.Elapsed.TotalSeconds:0.0} s");
    }

    [ClassCleanup]
    public static void CleanUp() => s_files.Dispose();

    [TestMethod]
    public async Task WithFilesAJobEndsAfterAllSilosDiedForAnHour()
    {
        string store = Path.Combine(s_files.Root, "files");
        string job;
        using (SiloProcess first = SiloProcess.Serve(store))
        {
            await first.ReadyAsync();
            job = await SubmitAsync(store, ["--gateway", $"127.0.0.1:{first.Gateway}"]);
            await ThroughAsync(store, s_rows / 4, first);
            await first.KillAsync();
        }
        LwgException early = await Assert.ThrowsExactlyAsync<LwgException>(() =>
            new FetchRun(new FolderStore(store, false), job, Path.Combine(s_files.Root, "early"), TextWriter.Null).RunAsync(
            CancellationToken.None));
        Assert.Contains("are not finished yet", early.Message);
        int had = Results(store);
        using (SiloProcess second = SiloProcess.Serve(store, "--clock-ahead", "01:00:00"))
        {
            await second.ReadyAsync();
            // The job is not submitted again; its reminder resumes it.
            await ThroughAsync(store, s_rows - s_rows / 4, second);
            Assert.AreEqual(0, await second.StopAsync(), second.Said);
            Assert.Contains("The silo is drained", second.Said);
        }
        Assert.IsLessThan(s_rows, had);
        using (SiloProcess third = SiloProcess.Serve(store, "--clock-ahead", "02:00:00"))
        {
            await third.ReadyAsync();
            string status = await WaitAsync(job, ["--gateway", $"127.0.0.1:{third.Gateway}"], store);
            TestContext.WriteLine(status);
        }
        await AssertSameAsync(store, job, "files-out");
    }

    [TestMethod]
    public async Task WithRedisAJobSurvivesSiloChangesAndARestartOfRedis()
    {
        string folder = Directory.CreateDirectory(Path.Combine(s_files.Root, "with-redis")).FullName;
        using Server? redis = Server.Redis(folder);
        if (redis is null)
            Assert.Inconclusive("There is no redis-server on this machine; 'apt-get install redis-server' installs it.");
        // The silos also use certificates; a silo of another authority finds them, but does not join.
        string[] meeting = ["--redis", $"127.0.0.1:{redis.Port}"], place = [.. meeting, .. new Certificates(folder, "silo").Options];
        string store = Directory.CreateDirectory(Path.Combine(folder, "store")).FullName, job;
        var silos = new List<SiloProcess>();
        try
        {
            for (int i = 0; i < 3; i++)
                silos.Add(SiloProcess.Serve(store, ["--name", $"silo{i}", .. place]));
            await Task.WhenAll(silos.Select(s => s.ReadyAsync()));
            job = await SubmitAsync(store, place);
            await ThroughAsync(store, s_rows / 5, silos[0]);
            await silos[0].KillAsync();
            silos.Add(SiloProcess.Serve(store, ["--name", "silo3", .. place]));
            using SiloProcess stranger = SiloProcess.Serve(store,
                ["--name", "stranger", "--sleep", "1", .. meeting, .. new Certificates(folder, "others").Options]);
            await ThroughAsync(store, 2 * s_rows / 5, silos[1]);
            redis.Restart();
            await silos[3].ReadyAsync();
            await ThroughAsync(store, 3 * s_rows / 5, silos[1]);
            await silos[1].KillAsync();
            string status = await WaitAsync(job, place, store);
            TestContext.WriteLine(status);
            Assert.DoesNotContain("stranger", status);
            Assert.Contains("Failed to get ping responses", stranger.Said);
            Assert.DoesNotContain("The silo listens", stranger.Said);
            Assert.Contains("The remote certificate was rejected", silos[2].Said + silos[3].Said);
        }
        catch
        {
            foreach (SiloProcess silo in silos)
                TestContext.WriteLine(silo.Said);
            throw;
        }
        finally
        {
            silos.ForEach(s => s.Dispose());
        }
        await AssertSameAsync(store, job, "redis-out");
    }

    [TestMethod]
    public async Task WithPostgresAJobSurvivesTheDeathOfASilo()
    {
        string folder = Directory.CreateDirectory(Path.Combine(s_files.Root, "with-postgres")).FullName;
        using Server? postgres = Server.Postgres();
        if (postgres is null)
            Assert.Inconclusive("There is no PostgreSQL server on this machine; 'apt-get install postgresql' installs it.");
        string connection = $"Host=127.0.0.1;Port={postgres.Port};Username=lwg;Database=postgres";
        for (int i = 0; i < 2; i++)
            Assert.AreEqual(0, (await RunAsync("schema", "--postgres", connection)).ExitCode, "it may be made again");
        string[] place = ["--postgres", connection];
        string store = Directory.CreateDirectory(Path.Combine(folder, "store")).FullName, job;
        var silos = new List<SiloProcess>();
        try
        {
            for (int i = 0; i < 2; i++)
                silos.Add(SiloProcess.Serve(store, ["--name", $"silo{i}", .. place]));
            await Task.WhenAll(silos.Select(s => s.ReadyAsync()));
            job = await SubmitAsync(store, place);
            await ThroughAsync(store, s_rows / 3, silos[0]);
            await silos[0].KillAsync();
            TestContext.WriteLine(await WaitAsync(job, place, store));
        }
        catch
        {
            foreach (SiloProcess silo in silos)
                TestContext.WriteLine(silo.Said);
            throw;
        }
        finally
        {
            silos.ForEach(s => s.Dispose());
        }
        await AssertSameAsync(store, job, "postgres-out");
    }

    [TestMethod]
    public async Task WithABucketTheBytesAreTheSame()
    {
        await using S3Server server = await S3Server.StartAsync();
        server.PageLength = 1000;
        using var environment = new ChangedEnvironment(("LWG_S3_ENDPOINT", server.Endpoint), ("AWS_ACCESS_KEY_ID", S3Server.AccessKey),
            ("AWS_SECRET_ACCESS_KEY", S3Server.SecretKey), ("AWS_REGION", null));
        string store = $"s3://{S3Server.Bucket}/may";
        var place = new ClusterPlace { Gateway = new IPEndPoint(IPAddress.Loopback, SiloProcess.FreePort()) };
        var settings = new SiloSettings
        {
            Place = place,
            Store = store,
            State = Path.Combine(s_files.Root, "bucket-state"),
            SiloPort = SiloProcess.FreePort(),
            GatewayPort = place.Gateway.Port,
            Http = new IPEndPoint(IPAddress.Loopback, SiloProcess.FreePort()),
            Places = 1,
        };
        string[] gateway = ["--gateway", $"{place.Gateway}"];
        await using WebApplication silo = SiloHost.Build(settings);
        await silo.StartAsync(TestContext.CancellationToken);
        string job = await SubmitAsync(store, gateway);
        var early = await RunAsync(["forget", job, "--store", store, .. gateway]);
        Assert.AreEqual((1, true), (early.ExitCode,
            early.Error.Contains($"The job '{job}' runs; 'cancel' stops it.", StringComparison.Ordinal)), early.Error);
        await WaitAsync(job, gateway);
        await AssertSameAsync(store, job, "bucket-out");
        Assert.IsEmpty(server.Unsigned, string.Join('\n', server.Unsigned));
        // Everything that the job wrote is removed, and nothing else.
        server.Objects["may/inputs/other"] = server.Objects["april/job"] = [1];
        var forgotten = await RunAsync(["forget", job, "--results", "--store", store, .. gateway]);
        Assert.AreEqual(0, forgotten.ExitCode, forgotten.Error);
        Assert.AreSequenceEqual(["april/job", "may/inputs/other"], server.Objects.Keys.Order());
        Assert.Contains("has no job", (await RunAsync(["status", job, .. gateway])).Error);
    }

    private static async Task<string> SubmitAsync(string store, string[] place)
    {
        var run = await RunAsync(["submit", s_files.Table, "--pictures", s_files.Pictures, "--size", "64", "--generator", "texture",
            "--parquet", "--store", store, .. place]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        return run.Output.Trim();
    }

    private static async Task<string> WaitAsync(string job, string[] place, string? store = null)
    {
        // No status queries while rows are made, because a client would take a processor from the silos.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(20));
        while (store is not null && Results(store) < s_rows)
            await Task.Delay(20, patience.Token);
        while (true)
        {
            var run = await RunAsync(["status", job, .. place]);
            if (run.Output.Contains(": done,", StringComparison.Ordinal))
                return run.Output;
            await Task.Delay(500, patience.Token);
        }
    }

    /// <summary>Waits until a number of rows are finished.</summary>
    private static async Task ThroughAsync(string store, int rows, SiloProcess silo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(20));
        while (Results(store) < rows)
        {
            Assert.IsFalse(patience.IsCancellationRequested, silo.Said);
            await Task.Delay(20);
        }
    }

    private static int Results(string store) =>
        Directory.Exists(Path.Combine(store, "results"))
        ? Directory.GetFiles(Path.Combine(store, "results"), "*.json", SearchOption.AllDirectories).Length : 0;

    private static async Task AssertSameAsync(string store, string job, string target)
    {
        string folder = Path.Combine(s_files.Root, target);
        var run = await RunAsync("fetch", job, "--store", store, "--out", folder);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        string[] names = [.. Names(s_whole).Where(n => n is not ("journal.jsonl" or "timings.csv"))];
        Assert.AreSequenceEqual(names.Append("timings.csv").Order(), Names(folder).Order());
        foreach (string name in names)
            Assert.AreSequenceEqual(File.ReadAllBytes(Path.Combine(s_whole, name)), File.ReadAllBytes(Path.Combine(folder, name)), name);
        Assert.AreSequenceEqual(Enumerable.Range(1, s_rows), ResultTable.Read(folder).Select(r => r.Row), "each row once");
        // Files that a killed process was writing remain under temporary names and have no effect.
        Assert.IsEmpty(Directory.GetFiles(folder, "*.tmp", SearchOption.AllDirectories));
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f));

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exitCode = await ClusterProgram.RunAsync(args, output, error, CancellationToken.None);
        return (exitCode, output.ToString(), error.ToString());
    }
}
