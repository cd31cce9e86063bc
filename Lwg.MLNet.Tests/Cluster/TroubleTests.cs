using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Lwg.MLNet.Batch;
using Lwg.MLNet.Tests;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Failures during a job: it continues, or reports in one sentence what it waits for, and leaves no incomplete files.</summary>
[TestClass]
public class TroubleTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task ARowThatFailsThreeTimesIsReportedAndTheJobContinues()
    {
        using var folder = new TemporaryFolder();
        var tries = new ConcurrentDictionary<int, int>();
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, new MemoryStore(), _ => new FakeRowMaker(row =>
        {
            int count = tries.AddOrUpdate(row.Row, 1, (_, had) => had + 1);
            return row.Row == 4 && count <= 3 || row.Row == 6 && count < 3 ? throw new InvalidOperationException("boom")
                : Task.CompletedTask;
        }));
        JobFile job = await cluster.WriteAsync(12, range: 5);
        await cluster.Job(job).StartAsync(false);
        JobStatus status = await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        Assert.AreEqual((11, 0, 1, 4), (status.Counts.Made, status.Counts.Refused, status.Counts.Failed, status.Counts.Retries));
        Assert.AreEqual("Row 4 ('r4') failed 3 times: InvalidOperationException: boom", status.Failures.Single());
        Assert.AreEqual((3, 3, 1), (tries[4], tries[6], tries[5]));
        ResultRow[] rows = await cluster.FetchAsync(job, folder.Path);
        Assert.AreSequenceEqual(Enumerable.Range(1, 12), rows.Select(r => r.Row));
        Assert.AreEqual("The row failed 3 times: InvalidOperationException: boom", rows.Single(r => r.Status == ResultRow.Failed).Message);

        // Submitting the job again changes nothing; with --again, only missing results are made.
        Assert.AreEqual(JobPhase.Done, (await cluster.Job(job).StartAsync(false)).Phase);
        await cluster.Job(job).StartAsync(true);
        status = await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        Assert.AreEqual((12, 11, 0), (status.Counts.Made, status.Counts.Kept, status.Counts.Failed));
        Assert.IsTrue((await cluster.FetchAsync(job, folder.Path)).All(r => r.Status == ResultRow.Made));
    }

    [TestMethod]
    public async Task ARowThatKillsProcessesIsReportedToo()
    {
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, new MemoryStore(), _ =>
            new FakeRowMaker(_ => Task.CompletedTask));
        JobFile job = await cluster.WriteAsync(2);
        byte[][] lines = [.. await RangeIndex.ReadLinesAsync(cluster.Store, job.Id, 0),
            .. await RangeIndex.ReadLinesAsync(cluster.Store, job.Id, 1)];
        RowLine deadly = RowLine.Parse(lines[0]), once = RowLine.Parse(lines[1]);
        await cluster.Store.WriteAsync(deadly.TriesName(job.Id), "3"u8.ToArray());
        await cluster.Store.WriteAsync(once.TriesName(job.Id), "1"u8.ToArray());
        IRowWorker worker = cluster.Cluster.Client.GetGrain<IRowWorker>(0);
        RowOutcome outcome = await worker.MakeAsync(new RowOrder(job.Id, lines[0], Careful: true));
        Assert.AreEqual((1, "Row 1 ('r1') failed 3 times: the process died on it 3 times"),
            (outcome.Counts.Failed, outcome.Failure));
        outcome = await worker.MakeAsync(new RowOrder(job.Id, lines[1], Careful: true));
        Assert.AreEqual(1, outcome.Counts.Made);
        Assert.IsFalse(await cluster.Store.ExistsAsync(once.TriesName(job.Id)), "a row that is through is not counted any more");
    }

    [TestMethod]
    public async Task ASiloWithAnotherModelIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        var makers = new ConcurrentBag<int>();
        await using FakeCluster cluster = await FakeCluster.StartAsync(2, new MemoryStore(), number => new FakeRowMaker(_ =>
        {
            makers.Add(number);
            return Task.Delay(5);
        })
        { Identity = number == 0 ? FakeCluster.Identity : "library 1, model bb" });
        JobFile job = await cluster.WriteAsync(20);
        await cluster.Job(job).StartAsync(false);
        JobStatus status = await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        string stranger = cluster.Silo(1).Name;
        Assert.AreEqual($"The silo '{stranger}' is refused: it has model bb, but the job needs model aa.", status.RefusedSilos.Single());
        Assert.AreEqual(20, status.Counts.Made);
        Assert.IsTrue(makers.All(number => number == 0));
        Assert.HasCount(20, await cluster.FetchAsync(job, folder.Path));
    }

    [TestMethod]
    public async Task TheJobWaitsForAnUnavailableStore()
    {
        using var folder = new TemporaryFolder();
        string root = Path.Combine(folder.Path, "store"), away = Path.Combine(folder.Path, "away");
        var store = new FolderStore(root, create: true);
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, store, _ => new FakeRowMaker(_ => Task.Delay(20)));
        JobFile job = await cluster.WriteAsync(30, range: 4);
        await cluster.Job(job).StartAsync(false);
        await cluster.WaitAsync(job, s => s.RangesDone > 0);
        Directory.Move(root, away);
        JobStatus status = await cluster.WaitAsync(job, s => s.Trouble.Length > 0);
        Assert.AreEqual($"The store '{root}' cannot be reached: there is no such folder.", status.Trouble);
        Directory.Move(away, root);
        status = await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        Assert.AreEqual((30, 0, ""), (status.Counts.Made, status.Counts.Failed, status.Trouble));
        // Files that were being written when the folder disappeared remain under temporary names; files with final names are complete.
        Assert.HasCount(30, await cluster.FetchAsync(job, Path.Combine(folder.Path, "out")));
    }

    [TestMethod]
    public async Task AStoreThatIsFullFailsNoRow()
    {
        using var folder = new TemporaryFolder();
        var store = new FullStore(new MemoryStore());
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, store, _ => new FakeRowMaker(_ => Task.CompletedTask));
        JobFile job = await cluster.WriteAsync(10, range: 2);
        store.Room = 7;
        await cluster.Job(job).StartAsync(false);
        JobStatus status = await cluster.WaitAsync(job, s => s.Trouble.Length > 0);
        Assert.AreEqual(("The store cannot be used: No space left on device.", 0), (status.Trouble, status.Counts.Failed));
        Exception early = await Assert.ThrowsExactlyAsync<LwgException>(() => cluster.FetchAsync(job, folder.Path));
        Assert.Contains("rows of the job", early.Message);
        Assert.IsFalse(File.Exists(Path.Combine(folder.Path, "results.csv")), "a table before the end");
        store.Room = int.MaxValue;
        status = await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        Assert.AreEqual((10, 0), (status.Counts.Made, status.Counts.Failed));
        Assert.HasCount(10, await cluster.FetchAsync(job, folder.Path));
    }

    [TestMethod]
    public async Task ACancelledJobStopsAndCanBeResumed()
    {
        using var gate = new SemaphoreSlim(0);
        var made = new ConcurrentBag<int>();
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, new MemoryStore(), _ => new FakeRowMaker(async row =>
        {
            await gate.WaitAsync();
            made.Add(row.Row);
        }));
        JobFile job = await cluster.WriteAsync(10, range: 5);
        await cluster.Job(job).StartAsync(false);
        gate.Release(2);
        await cluster.WaitAsync(job, s => s.RowsAtWork + made.Count >= 2 && made.Count == 2);
        Assert.AreEqual(JobPhase.Cancelled, (await cluster.Job(job).CancelAsync()).Phase);
        // The current row is finished, and no other starts.
        gate.Release(1);
        await cluster.WaitAsync(job, s => s.Silos.Count == 0);
        Assert.AreEqual(3, made.Count);
        gate.Release(100);
        Assert.AreEqual(JobPhase.Running, (await cluster.Job(job).StartAsync(false)).Phase);
        JobStatus status = await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        Assert.AreEqual((10, 3), (status.Counts.Made, status.Counts.Kept));
        Assert.HasCount(10, made, "each row once");
    }

    [TestMethod]
    public async Task AClientThatDiesLeavesNoJob()
    {
        var store = new FullStore(new MemoryStore());
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, store, _ => new FakeRowMaker(_ => Task.CompletedTask));
        JobFile whole = await cluster.WriteAsync(3);
        await store.DeleteAsync(JobFile.NameOf(whole.Id, "job.json"));
        // The writer has written the rows, and fails before the job's file.
        store.Room = 2;
        await Assert.ThrowsExactlyAsync<StoreException>(() => cluster.WriteAsync(3));
        JobStatus status = await cluster.Job(whole).StartAsync(false);
        Assert.AreEqual((JobPhase.Unknown, $"The store has no job '{whole.Id}'."), (status.Phase, status.Trouble));
        store.Room = int.MaxValue;
        await cluster.Job(await cluster.WriteAsync(3)).StartAsync(false);
        await cluster.WaitAsync(whole, s => s.Phase == JobPhase.Done);
    }

    [TestMethod]
    public async Task SilosShareAJobAndMeasureIt()
    {
        var measured = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) =>
            { if (instrument.Meter.Name == ClusterMeter.Name) l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            measured.AddOrUpdate($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => t.Value))}".TrimEnd(), value, (_, had) =>
            had + value));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            measured.AddOrUpdate($"{instrument.Name} {tags[0].Value}", 1, (_, had) => had + 1));
        listener.Start();
        var makers = new ConcurrentDictionary<int, int>();
        var sources = new ConcurrentBag<(int Silo, string Source)>();
        await using FakeCluster cluster = await FakeCluster.StartAsync(3, new MemoryStore(), number => new FakeRowMaker(row =>
        {
            makers.AddOrUpdate(number, 1, (_, had) => had + 1);
            sources.Add((number, row.Request.Source));
            return Task.Delay(10);
        }));
        JobFile job = await cluster.WriteAsync(120, range: 2);
        await cluster.Job(job).StartAsync(false);
        JobStatus status = await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        Assert.AreEqual(120, status.Counts.Made);
        Assert.HasCount(3, makers, "silos that worked");
        Assert.IsLessThan(2000, status.StateBytes);
        // Thirteen sources: each silo processes a few of them, not a part of each.
        Assert.IsLessThan(3 * 13, sources.Distinct().Count());
        Assert.AreEqual((120, 120, 120),
            (measured["lwg.cluster.rows made"], measured["lwg.cluster.stage.duration write"],
            measured["lwg.cluster.stage.duration picture"]));
        Assert.AreEqual(job.Ranges, measured["lwg.cluster.ranges Through"]);
    }

    [TestMethod]
    public async Task AStoppingSiloFinishesTheCurrentRowAndReturnsTheRest()
    {
        var begun = new ConcurrentBag<(int Silo, int Row)>();
        var ended = new ConcurrentBag<(int Silo, int Row)>();
        await using FakeCluster cluster = await FakeCluster.StartAsync(2, new MemoryStore(), number => new FakeRowMaker(async row =>
        {
            begun.Add((number, row.Row));
            await Task.Delay(30);
            ended.Add((number, row.Row));
        }));
        JobFile job = await cluster.WriteAsync(80, range: 10);
        await cluster.Job(job).StartAsync(false);
        await cluster.WaitAsync(job, _ => begun.Any(b => b.Silo == 1));
        // The same steps as when the program stops.
        SiloWork work = cluster.Silo(1).ServiceProvider.GetService(typeof(SiloWork)) as SiloWork
            ?? throw new AssertFailedException("no work");
        Assert.IsTrue(await work.DrainAsync(TimeSpan.FromMinutes(1)));
        int had = begun.Count(b => b.Silo == 1);
        JobStatus status = await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        Assert.AreEqual((80, 0), (status.Counts.Made, status.RangesLost));
        Assert.AreEqual(had, begun.Count(b => b.Silo == 1), "no row starts after the silo was told to stop");
        Assert.HasCount(begun.Count, ended, "every started row was finished");
        Assert.HasCount(80, ended, "each row once");
    }

    [TestMethod]
    public async Task ASiloTakesNoMoreRowsASecondThanItMay()
    {
        var times = new ConcurrentQueue<long>();
        await using FakeCluster cluster = await FakeCluster.StartAsync(1, new MemoryStore(), _ => new FakeRowMaker(_ =>
        {
            times.Enqueue(Environment.TickCount64);
            return Task.CompletedTask;
        }), rowsPerSecond: 20);
        JobFile job = await cluster.WriteAsync(45, range: 5);
        await cluster.Job(job).StartAsync(false);
        await cluster.WaitAsync(job, s => s.Phase == JobPhase.Done);
        // The rows of the first second are available at once; the other 25 rows wait.
        Assert.IsGreaterThanOrEqualTo(1200, times.Last() - times.First());
    }

    /// <summary>A store with room for a limited number of further entries.</summary>
    private sealed class FullStore(IStore inner) : IStore
    {
        public int Room { get; set; } = int.MaxValue;

        public Task<bool> ExistsAsync(string name) => inner.ExistsAsync(name);

        public Task<byte[]?> ReadAsync(string name) => inner.ReadAsync(name);

        public Task<byte[]> ReadAsync(string name, long offset, int count) => inner.ReadAsync(name, offset, count);

        public Task WriteAsync(string name, Func<Stream, Task> write) =>
            Room-- > 0 ? inner.WriteAsync(name, write) : throw new StoreException("The store cannot be used: No space left on device.");

        public Task DeleteAsync(string name) => inner.DeleteAsync(name);

        public IAsyncEnumerable<string> ListAsync(string folder) => inner.ListAsync(folder);

        public Task<string> LocalFileAsync(string name) => inner.LocalFileAsync(name);

        public Task CheckAsync() => inner.CheckAsync();
    }
}
