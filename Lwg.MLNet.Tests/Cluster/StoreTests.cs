using Lwg.MLNet.Tests;

namespace Lwg.MLNet.Cluster.Tests;

/// <summary>Tests that every store must pass.</summary>
public abstract class StoreContract
{
    internal abstract IStore Store { get; }

    [TestMethod]
    public async Task WhatIsWrittenIsReadWholeAndInParts()
    {
        byte[] content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        Assert.IsFalse(await Store.ExistsAsync("jobs/a/rows.jsonl"));
        Assert.IsNull(await Store.ReadAsync("jobs/a/rows.jsonl"));
        await Store.WriteAsync("jobs/a/rows.jsonl", async stream =>
        {
            await stream.WriteAsync(content.AsMemory(0, 600));
            await stream.WriteAsync(content.AsMemory(600));
        });
        Assert.IsTrue(await Store.ExistsAsync("jobs/a/rows.jsonl"));
        Assert.AreSequenceEqual(content, (await Store.ReadAsync("jobs/a/rows.jsonl"))!);
        Assert.AreSequenceEqual(content[10..30], await Store.ReadAsync("jobs/a/rows.jsonl", 10, 20));
        Assert.AreSequenceEqual(content[999..], await Store.ReadAsync("jobs/a/rows.jsonl", 999, 1));
        Assert.IsEmpty(await Store.ReadAsync("jobs/a/rows.jsonl", 10, 0));
        foreach ((string name, long offset, int count) in ((string, long, int)[])[("jobs/a/rows.jsonl", 990, 20),
            ("jobs/a/rows.jsonl", 5000, 1), ("jobs/b/rows.jsonl", 0, 1)])
            Assert.Contains(name, (await Assert.ThrowsExactlyAsync<StoreException>(() => Store.ReadAsync(name, offset, count))).Message);
        await Store.WriteAsync("empty", []);
        Assert.IsEmpty((await Store.ReadAsync("empty"))!);
    }

    [TestMethod]
    public async Task TheLastWriteWinsAndAnIncompleteWriteLeavesNothing()
    {
        await Store.WriteAsync("results/ab/1.json", "first"u8.ToArray());
        await Store.WriteAsync("results/ab/1.json", "second"u8.ToArray());
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => Store.WriteAsync("results/ab/1.json", async stream =>
        {
            await stream.WriteAsync("thi"u8.ToArray());
            throw new InvalidOperationException("It breaks off.");
        }));
        Assert.AreSequenceEqual("second"u8.ToArray(), (await Store.ReadAsync("results/ab/1.json"))!);
        Assert.AreSequenceEqual(["results/ab/1.json"], await Store.ListAsync("results").ToArrayAsync(CancellationToken.None));
    }

    [TestMethod]
    public async Task NamesAreListedAndEntriesRemoved()
    {
        // More names than a page has, and another folder whose name has the same prefix.
        string[] names = [.. Enumerable.Range(0, 8).Select(i => $"jobs/a/tries/{i}"), "jobs/a/job.json"];
        await Parallel.ForEachAsync(names.Append("jobs/ab/job.json"), async (name, _) => await Store.WriteAsync(name, [1]));
        Assert.AreSequenceEqual(names.Order(StringComparer.Ordinal),
            (await Store.ListAsync("jobs/a").ToArrayAsync(CancellationToken.None)).Order(StringComparer.Ordinal));
        Assert.IsEmpty(await Store.ListAsync("nothing").ToArrayAsync(CancellationToken.None));
        foreach (string name in names)
            await Store.DeleteAsync(name);
        await Store.DeleteAsync("jobs/a/job.json");
        await Store.DeleteAsync("jobs/never/job.json");
        Assert.AreSequenceEqual(["jobs/ab/job.json"], await Store.ListAsync("jobs").ToArrayAsync(CancellationToken.None));
        await Store.CheckAsync();
    }

    [TestMethod]
    public async Task AnEntryIsAFileOfThisMachine()
    {
        await Store.WriteAsync("inputs/ab/abc", "a picture"u8.ToArray());
        Assert.AreEqual("a picture", await File.ReadAllTextAsync(await Store.LocalFileAsync("inputs/ab/abc")));
        Assert.Contains("inputs/ab/none",
            (await Assert.ThrowsExactlyAsync<StoreException>(() => Store.LocalFileAsync("inputs/ab/none"))).Message);
    }
}

/// <summary>A folder as a store.</summary>
[TestClass]
public sealed class FolderStoreTests : StoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderStore _store;

    public FolderStoreTests() => _store = new FolderStore(Path.Combine(_folder.Path, "store"), create: true);

    internal override IStore Store => _store;

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public async Task EmptyFoldersAreRemoved()
    {
        await Store.WriteAsync("jobs/a/tries/1", [1]);
        await Store.WriteAsync("inputs/a", [1]);
        await Store.DeleteAsync("jobs/a/tries/1");
        Assert.AreSequenceEqual(["inputs"], Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "store"))
            .Select(p => Path.GetFileName(p)));
    }
}

/// <summary>A bucket as a store.</summary>
[TestClass]
public sealed class S3StoreTests : StoreContract, IDisposable
{
    private static S3Server s_server = null!;

    private readonly S3Store _store = s_server.Open();

    internal override IStore Store => _store;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => s_server = await S3Server.StartAsync();

    [ClassCleanup]
    public static async Task StopAsync() => await s_server.DisposeAsync();

    public void Dispose()
    {
        _store.Dispose();
        s_server.Objects.Clear();
        s_server.Troubles.Clear();
        s_server.Asked.Clear();
        Assert.IsEmpty(s_server.Unsigned, string.Join('\n', s_server.Unsigned));
    }

    [TestMethod]
    public async Task NamesHaveThePrefix()
    {
        await Store.WriteAsync("results/ab/1.json", [1]);
        Assert.AreSequenceEqual(["lwg/results/ab/1.json"], s_server.Objects.Keys);
        using S3Store bare = s_server.Open(prefix: "");
        Assert.AreSequenceEqual(["lwg/results/ab/1.json"], await bare.ListAsync("lwg").ToArrayAsync(CancellationToken.None));
    }

    [TestMethod]
    public async Task RowsOfOneSourceFetchItOnce()
    {
        await Store.WriteAsync("inputs/ab/abc", [1, 2]);
        string first = await Store.LocalFileAsync("inputs/ab/abc");
        Assert.AreEqual(first, await Store.LocalFileAsync("inputs/ab/abc"));
        Assert.AreEqual(1, s_server.Asked.Count(a => a == "GET lwg/inputs/ab/abc"));
        _store.Dispose();
        Assert.IsFalse(File.Exists(first));
    }

    [TestMethod]
    public async Task TransientErrorsAreRetried()
    {
        s_server.Troubles.Enqueue((503, "SlowDown"));
        await Store.WriteAsync("results/ab/1.json", [1, 2, 3]);
        s_server.Troubles.Enqueue((500, "InternalError"));
        Assert.AreSequenceEqual((byte[])[1, 2, 3], (await Store.ReadAsync("results/ab/1.json"))!);
        Assert.HasCount(4, s_server.Asked);
    }

    [TestMethod]
    [DataRow(403, "AccessDenied", "The store 's3://pictures/lwg' denies access (AccessDenied) ('results/1'): The test wants AccessDenied.")]
    [DataRow(403, "InvalidAccessKeyId",
        "The store 's3://pictures/lwg' denies access (InvalidAccessKeyId) ('results/1'): The test wants InvalidAccessKeyId.")]
    [DataRow(403, "QuotaExceeded", "The store 's3://pictures/lwg' is full ('results/1'): The test wants QuotaExceeded.")]
    [DataRow(507, "XMinioStorageFull", "The store 's3://pictures/lwg' is full ('results/1'): The test wants XMinioStorageFull.")]
    [DataRow(400, "KeyTooLongError",
        "The store 's3://pictures/lwg' cannot be used (KeyTooLongError) ('results/1'): The test wants KeyTooLongError.")]
    [DataRow(503, "SlowDown", "The store 's3://pictures/lwg' does not answer now (SlowDown) ('results/1'): The test wants SlowDown.")]
    public async Task ErrorsAreReportedInASentence(int status, string code, string sentence)
    {
        // As many errors as the SDK's attempts.
        for (int i = 0; i < 10; i++)
            s_server.Troubles.Enqueue((status, code));
        Assert.AreEqual(sentence, (await Assert.ThrowsExactlyAsync<StoreException>(() => Store.WriteAsync("results/1", [1]))).Message);
        Assert.IsEmpty(s_server.Objects);
    }

    [TestMethod]
    public async Task AMissingBucketIsNotAnEmptyOne()
    {
        using S3Store missing = s_server.Open("missing", "");
        string sentence = "The store 's3://missing' cannot be reached: there is no bucket 'missing'";
        foreach (Func<Task> use in (Func<Task>[])[() => missing.ExistsAsync("a"), () => missing.ReadAsync("a"), () =>
            missing.WriteAsync("a", [1]), missing.CheckAsync, async () =>
            await missing.ListAsync("a").ToArrayAsync(CancellationToken.None)])
            Assert.StartsWith(sentence, (await Assert.ThrowsExactlyAsync<StoreException>(use)).Message);
    }

    [TestMethod]
    public async Task AnUnavailableServiceIsReported()
    {
        string nowhere = $"http://127.0.0.1:{SiloProcess.FreePort()}";
        using var store = new S3Store(new S3Place(S3Server.Bucket, ""), S3Server.Config(nowhere),
            new Amazon.Runtime.BasicAWSCredentials("a", "b"));
        Assert.StartsWith($"The store 's3://pictures' cannot be reached at {nowhere}",
            (await Assert.ThrowsExactlyAsync<StoreException>(store.CheckAsync)).Message);
    }

    [TestMethod]
    [DataRow("s3://pictures", "pictures", "")]
    [DataRow("S3://pictures/", "pictures", "")]
    [DataRow("s3://my.bucket/a/b/", "my.bucket", "a/b/")]
    public void PlacesAreRead(string place, string bucket, string prefix)
    {
        Assert.IsTrue(Stores.IsS3(place));
        Assert.AreEqual(new S3Place(bucket, prefix), S3Place.Parse(place));
    }

    [TestMethod]
    [DataRow("s3://")]
    [DataRow("s3:///prefix")]
    [DataRow("s3://Upper/prefix")]
    [DataRow("s3://b")]
    public void InvalidPlacesAreRefused(string place) =>
    Assert.Contains($"--store is '{place}'", Assert.ThrowsExactly<LwgException>(() => S3Place.Parse(place)).Message);
}
