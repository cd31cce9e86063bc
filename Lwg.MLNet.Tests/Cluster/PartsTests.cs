using System.Net;
using Lwg.MLNet.Batch;
using Orleans.Storage;
using Lwg.MLNet.Tests;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Tests the parts that need no silo.</summary>
[TestClass]
public class PartsTests
{
    [TestMethod]
    public void ASetOfRangesBehavesLikeASet()
    {
        var random = new Random(5);
        var set = new RangeSet();
        var reference = new HashSet<int>();
        for (int i = 0; i < 3000; i++)
        {
            int number = random.Next(400);
            Assert.AreEqual(reference.Add(number), set.Add(number));
            Assert.AreEqual(reference.Count, set.Count);
            int asked = random.Next(400);
            Assert.AreEqual(reference.Contains(asked), set.Contains(asked));
            Assert.AreEqual(Enumerable.Range(asked, 500).First(n => !reference.Contains(n)), set.NextMissing(asked));
        }
        int[] bounds = set.ToBounds();
        Assert.AreSequenceEqual(bounds.Order().Distinct(), bounds);
        var copy = new RangeSet(bounds);
        Assert.AreEqual(set.Count, copy.Count);
        Assert.AreSequenceEqual(Enumerable.Range(0, 400).Where(set.Contains), Enumerable.Range(0, 400).Where(copy.Contains));
    }

    [TestMethod]
    public void NumbersThatComeInOrderAreOneInterval()
    {
        var set = new RangeSet();
        for (int i = 0; i < 100_000; i += 2)
        {
            set.Add(i + 1);
            set.Add(i);
            Assert.HasCount(2, set.ToBounds());
        }
    }

    [TestMethod]
    [DataRow(1, 1, 8, 0.2, 1000L, 2, "idle processors")]
    [DataRow(1, 0, 8, 0.2, 1000L, 1, "a place is free")]
    [DataRow(3, 3, 8, 0.95, 1000L, 3, "processors are busy")]
    [DataRow(8, 8, 8, 0.2, 1000L, 8, "as many as processors")]
    [DataRow(2, 2, 8, 0.2, 5200L, 2, "another one has no room in memory")]
    [DataRow(3, 3, 8, 0.2, 9100L, 2, "memory is short")]
    [DataRow(1, 1, 8, 0.2, 9900L, 1, "one is the least")]
    public void ASiloHasRoomForWhatItMeasures(int places, int taken, int most, double busy, long used, int expected, string why) =>
        Assert.AreEqual(expected, RoomKeeper.Decide(places, taken, most, 300, new RoomSample(busy, used, 10_000)), why);

    [TestMethod]
    public async Task StatesInFilesAreKeptAndGuarded()
    {
        using var folder = new TemporaryFolder();
        var id = GrainId.Create("job", "0123456789abcdef");
        string? tag;
        using (var state = new StateFolder(folder.Path))
        {
            LwgException twice = Assert.ThrowsExactly<LwgException>(() => new StateFolder(folder.Path));
            Assert.Contains("another silo keeps its state here", twice.Message);
            var storage = new FileGrainStorage(state);
            var saved = new GrainState<SavedJob>(new SavedJob());
            await storage.ReadStateAsync("job", id, saved);
            Assert.IsFalse(saved.RecordExists);
            saved.State!.Json = "one";
            await storage.WriteStateAsync("job", id, saved);
            tag = saved.ETag;
        }
        using (var state = new StateFolder(folder.Path))
        {
            var storage = new FileGrainStorage(state);
            var read = new GrainState<SavedJob>(new SavedJob());
            await storage.ReadStateAsync("job", id, read);
            Assert.AreEqual(("one", tag, true), (read.State!.Json, read.ETag, read.RecordExists));
            await storage.WriteStateAsync("job", id, read);
            var late = new GrainState<SavedJob>(new SavedJob { Json = "two" }) { ETag = tag };
            await Assert.ThrowsExactlyAsync<InconsistentStateException>(() => storage.WriteStateAsync("job", id, late));
            await storage.ClearStateAsync("job", id, read);
            await storage.ReadStateAsync("job", id, read);
            Assert.IsFalse(read.RecordExists);
        }
    }

    [TestMethod]
    public async Task RemindersInFilesAreFoundByTheirPlaceInTheRing()
    {
        using var folder = new TemporaryFolder();
        using var state = new StateFolder(folder.Path);
        var table = new FileReminderTable(state);
        GrainId[] grains = [.. Enumerable.Range(0, 20).Select(i => GrainId.Create("job", $"{i}"))];
        foreach (GrainId grain in grains)
            await table.UpsertRow(new ReminderEntry { GrainId = grain, ReminderName = "job",
                StartAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), Period = TimeSpan.FromMinutes(1) });
        uint[] hashes = [.. grains.Select(g => g.GetUniformHashCode()).Order()];
        Assert.HasCount(20, (await table.ReadRows(0, 0)).Reminders, "all of the ring");
        Assert.HasCount(5, (await table.ReadRows(hashes[4], hashes[9])).Reminders, "a part of it");
        Assert.HasCount(15, (await table.ReadRows(hashes[9], hashes[4])).Reminders, "the rest, across its end");
        ReminderEntry entry = (await table.ReadRow(grains[3], "job"))!;
        Assert.AreEqual((grains[3], new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), TimeSpan.FromMinutes(1)),
            (entry.GrainId, entry.StartAt, entry.Period));
        Assert.IsFalse(await table.RemoveRow(grains[3], "job", "another tag"));
        Assert.IsTrue(await table.RemoveRow(grains[3], "job", entry.ETag!));
        Assert.IsNull(await table.ReadRow(grains[3], "job"));
        Assert.HasCount(19, (await table.ReadRows(0, 0)).Reminders);
    }

    [TestMethod]
    public async Task RangesEndWhereSourcesDo()
    {
        var store = new MemoryStore();
        Lwg.MLNet.Batch.Request[] rows =
            [.. Enumerable.Range(0, 50).Select(i =>
                new Lwg.MLNet.Batch.Request { Row = i + 1, Id = $"{i}", Source = i < 13 ? "a.png" : "b.png", Motion = "walk" })];
        JobFile job = await new JobWriter(store, new BatchSettings { Requests = "t.csv", Pictures = "", Out = "" }, new RowPictures(),
            "x").WriteAsync(rows, false, "t", 20, CancellationToken.None);
        Assert.AreEqual(3, job.Ranges);
        int[] lengths = [.. await Task.WhenAll(Enumerable.Range(0, 3)
            .Select(async i => (await RangeIndex.ReadLinesAsync(store, job.Id, i)).Length))];
        Assert.AreSequenceEqual([13, 20, 17], lengths);
        RowLine last = RowLine.Parse((await RangeIndex.ReadLinesAsync(store, job.Id, 2))[^1]);
        Assert.AreEqual((50, 50, "49"), (last.Row, last.Request.Row, last.Request.Id));
        var index = new RangeIndex(store, job.Id, job.Ranges);
        Assert.AreEqual((await index.GetAsync(1)).Source, (await index.GetAsync(2)).Source);
        Assert.AreNotEqual((await index.GetAsync(0)).Source, (await index.GetAsync(1)).Source);
        // Equal jobs have the same name, different jobs different names.
        Assert.AreEqual(job.Id, (await new JobWriter(store, new BatchSettings { Requests = "t.csv", Pictures = "", Out = "" },
            new RowPictures(), "x").WriteAsync(rows, false, "t", 7, CancellationToken.None)).Id);
        Assert.AreNotEqual(job.Id, (await new JobWriter(store, new BatchSettings { Requests = "t.csv", Pictures = "", Out = "" },
            new RowPictures(), "y").WriteAsync(rows, false, "t", 20, CancellationToken.None)).Id);
    }

    [TestMethod]
    [DataRow(new[] { "serve", "--address", "10.0.0.1" }, 1, "without TLS")]
    [DataRow(new[] { "serve", "--kubernetes" }, 1, "without TLS")]
    [DataRow(new[] { "serve", "--address", "here" }, 2, "not an IP address")]
    [DataRow(new[] { "serve", "--http", "localhost" }, 2, "--http is 'localhost'")]
    [DataRow(new[] { "serve", "--otlp", "localhost:4318" }, 2, "--otlp is 'localhost:4318'")]
    [DataRow(new[] { "serve", "--redis", "a", "--postgres", "b" }, 2, "only one of them is allowed")]
    [DataRow(new[] { "serve", "--tls-certificate", "a.pem" }, 2, "needed together")]
    [DataRow(new[] { "serve", "--reminder-seconds", "0" }, 2, "0.1 to 86400 seconds")]
    [DataRow(new[] { "submit", "t.csv", "--pictures", "p", "--range", "-1" }, 2, "--range is -1")]
    [DataRow(new[] { "submit", "t.csv", "--pictures", "p", "--size", "7" }, 2, "--size is 7")]
    [DataRow(new[] { "fetch", "../../etc", "--store", "." }, 1, "is not a job")]
    public async Task ErrorsAreReportedInASentence(string[] args, int exitCode, string sentence)
    {
        using StringWriter output = new(), error = new();
        Assert.AreEqual(exitCode, await ClusterProgram.RunAsync(args, output, error, CancellationToken.None), error.ToString());
        Assert.Contains(sentence, error.ToString());
    }

    [TestMethod]
    public void NothingListensOnANetworkByDefault()
    {
        var settings = new SiloSettings { Place = new ClusterPlace(), Store = "" };
        Assert.AreEqual((IPAddress.Loopback, IPAddress.Loopback), (settings.Address, settings.Http.Address));
    }
}
