using Lwg.MLNet.Tests;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Removing jobs does not remove anything that other jobs need.</summary>
[TestClass]
public class ForgetTests
{
    [TestMethod]
    public async Task FilesOfOtherJobsAreKept()
    {
        using var folder = new TemporaryFolder();
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, new MemoryStore(), _ =>
            new FakeRowMaker(row => row.Row == 9 ? throw new InvalidOperationException("boom") : Task.CompletedTask));
        JobFile large = await cluster.WriteAsync(10, range: 4), small = await cluster.WriteAsync(6, range: 4);
        foreach (JobFile job in (JobFile[])[large, small])
        {
            await cluster.Job(job).StartAsync(false);
            await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        }
        Assert.HasCount(18, await NamesAsync(cluster, "results"), "nine rows with a result and a picture");
        Assert.IsNotEmpty(await NamesAsync(cluster, $"jobs/{large.Id}/failed"));

        Assert.AreEqual($"The job '{large.Id}' is forgotten. 6 results, pictures and inputs that no other job names are removed.",
            await ForgetAsync(cluster, large, results: true));
        Assert.IsEmpty(await NamesAsync(cluster, $"jobs/{large.Id}"));
        Assert.HasCount(6, await cluster.FetchAsync(small, folder.Path));
        Assert.AreEqual(JobPhase.Unknown, (await cluster.Job(large).StatusAsync()).Phase);
        Assert.Contains("The store has no job",
            (await Assert.ThrowsExactlyAsync<LwgException>(() => ForgetAsync(cluster, large, results: true))).Message);

        // Without --results, the results stay, and a job that is submitted again keeps them.
        Assert.AreEqual($"The job '{small.Id}' is forgotten.", await ForgetAsync(cluster, small, results: false));
        Assert.HasCount(12, await NamesAsync(cluster, ""), "six rows");
        await cluster.Job(await cluster.WriteAsync(6, range: 4)).StartAsync(false);
        JobStatus status = await cluster.WaitAsync(small, s => s.Phase == JobPhase.Done);
        Assert.AreEqual((6, 6), (status.Counts.Made, status.Counts.Kept));
    }

    [TestMethod]
    public async Task AJobThatRunsIsNotForgotten()
    {
        using var gate = new SemaphoreSlim(0);
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, new MemoryStore(), _ => new FakeRowMaker(_ => gate.WaitAsync()));
        JobFile job = await cluster.WriteAsync(4, range: 2);
        await cluster.Job(job).StartAsync(false);
        Assert.Contains("runs; 'cancel' stops it",
            (await Assert.ThrowsExactlyAsync<LwgException>(() => ForgetAsync(cluster, job, results: true))).Message);
        await cluster.WaitAsync(job, s => s.Silos.Count > 0);
        await cluster.Job(job).CancelAsync();
        Assert.Contains("are still running",
            (await Assert.ThrowsExactlyAsync<LwgException>(() => ForgetAsync(cluster, job, results: true))).Message);
        gate.Release(100);
        await cluster.WaitAsync(job, s => s.Silos.Count == 0);
        await ForgetAsync(cluster, job, results: true);
        Assert.IsEmpty(await NamesAsync(cluster, ""));
    }

    private static async Task<string> ForgetAsync(FakeCluster cluster, JobFile job, bool results)
    {
        using var output = new StringWriter();
        await new ForgetRun(cluster.Store, job.Id, output).RunAsync(await cluster.Job(job).ForgetAsync(), results, CancellationToken.None);
        return output.ToString().Trim();
    }

    private static async Task<string[]> NamesAsync(FakeCluster cluster, string folder) =>
        await cluster.Store.ListAsync(folder).ToArrayAsync(CancellationToken.None);
}
