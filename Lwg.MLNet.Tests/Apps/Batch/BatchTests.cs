using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lwg.MLNet.Batch;
using Parquet.Serialization;

namespace Lwg.MLNet.Apps.Tests.Batch;

/// <summary>The batch app: the output bytes are the same however a table is processed. LWG_BATCH_ROWS sets another length of the table
/// than the short default.</summary>
[TestClass]
public class BatchTests
{
    private static readonly int s_rows =
        int.TryParse(Environment.GetEnvironmentVariable("LWG_BATCH_ROWS"), CultureInfo.InvariantCulture, out int rows) ? rows : 24;

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
        context.WriteLine($"{s_rows} rows undisturbed: {watch.Elapsed.TotalSeconds:0.0} s");
    }

    [ClassCleanup]
    public static void CleanUp() => s_files.Dispose();

    [TestMethod]
    public void EachRowGetsAPictureOrARefusal()
    {
        ResultRow[] rows = ResultTable.Read(s_whole);
        Assert.HasCount(s_rows, rows);
        Assert.AreEqual(s_files.Refused, rows.Count(r => r.Status == ResultRow.Refused));
        foreach (ResultRow row in rows.Where(r => r.Status == ResultRow.Made))
        {
            Assert.AreEqual((BatchFiles.Side, BatchFiles.Side), (row.Width, row.Height));
            // A photograph from the front shows almost nothing of the back (0.01 in the turn), and at least three quarters of the surface
            // that faces the camera (0.78 in the squat).
            Assert.IsTrue(row.SurfaceShown > (row.Motion == "turn" ? 0 : 0.6)
                && row.SurfaceShown <= 1, $"{row.Id}: {row.SurfaceShown} of the surface is shown");
            Assert.IsTrue(row.SilhouetteOverlap is > 0.4 and <= 1, $"{row.Id}: the silhouette overlaps by {row.SilhouetteOverlap}");
            Assert.IsTrue(File.Exists(Path.Combine(s_whole, row.Picture)), row.Picture);
        }
        string[] refusals = [.. rows.Where(r => r.Status == ResultRow.Refused).Select(r => r.Refusal).Distinct().Order()];
        Assert.AreEqual("ImageInputException RequestException", string.Join(' ', refusals));
        Assert.Contains("truncated", rows.First(r => r.Source == "half.png").Message);
        Assert.HasCount(1 + s_rows, File.ReadAllLines(Path.Combine(s_whole, "timings.csv")));
    }

    [TestMethod]
    public async Task ARunKilledTwiceAndRestartedGivesTheSameResult()
    {
        string folder = Path.Combine(s_files.Root, "killed");
        var watch = Stopwatch.StartNew();
        string[] args = s_files.Run("killed", "--parquet");
        await BatchProcess.KillAsync(folder, s_rows / 4, args);
        await BatchProcess.KillAsync(folder, s_rows / 3, args);
        // The leftovers of a kill during a write.
        await File.AppendAllTextAsync(Path.Combine(folder, "journal.jsonl"), "{\"Key\":\"0a", TestContext.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "pictures", "r0001.png.17-0a.tmp"), "half a picture",
            TestContext.CancellationToken);
        var run = await BatchProcess.RunAsync(args);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        Assert.Contains("rows are kept from an earlier run", run.Output);
        TestContext.WriteLine($"{s_rows} rows killed twice: {watch.Elapsed.TotalSeconds:0.0} s");
        AssertSame(s_whole, folder);
    }

    [TestMethod]
    public async Task FourJoinedShardsGiveTheSameResult()
    {
        var watch = Stopwatch.StartNew();
        string[] parts = [.. Enumerable.Range(1, 4).Select(i => Path.Combine(s_files.Root, $"part{i}"))];
        foreach (string part in parts)
        {
            var run = await BatchProcess.RunAsync(s_files.Run(Path.GetFileName(part), "--parquet", "--shard", $"{part[^1]}/4"));
            Assert.AreEqual(0, run.ExitCode, run.Error);
        }
        string joined = Path.Combine(s_files.Root, "joined");
        var join = await BatchProcess.RunAsync(["join", .. parts.Reverse(), "--out", joined]);
        Assert.AreEqual(0, join.ExitCode, join.Error);
        TestContext.WriteLine($"{s_rows} rows in four shards: {watch.Elapsed.TotalSeconds:0.0} s");
        AssertSame(s_whole, joined);

        await Refused("all 4 are required", parts[0], parts[1], parts[2]);
        await Refused("each is required once", parts[0], parts[1], parts[2], parts[2]);
        await Refused("of a whole table", s_whole);
        string picture = Directory.GetFiles(Path.Combine(parts[1], "pictures"))[0];
        await File.AppendAllTextAsync(picture, "x", TestContext.CancellationToken);
        await Refused(Path.GetFileName(picture), parts);

        async Task Refused(string reason, params string[] folders)
        {
            var run = await BatchProcess.RunAsync(["join", .. folders, "--out", Path.Combine(s_files.Root, "refused")]);
            Assert.AreEqual(1, run.ExitCode);
            Assert.Contains(reason, run.Error);
        }
    }

    [TestMethod]
    public async Task OnlyChangedRowsAreProcessedAgain()
    {
        string folder = Path.Combine(s_files.Root, "again"), photos = Path.Combine(s_files.Root, "photos2");
        Copy(s_files.Pictures, photos);
        string[] rows = [.. TestPeople.Names.Select(name => $"{name},{name}.png,wave,3,")];
        string[] args = BatchFiles.Run(s_files.Write("again.csv", rows), photos, folder);
        Assert.AreEqual(0, (await BatchProcess.RunAsync(args)).ExitCode);
        Dictionary<string, byte[]> before = Contents(folder);

        await File.AppendAllTextAsync(Path.Combine(folder, "pictures", "ben.png"), "x", TestContext.CancellationToken);
        var run = await BatchProcess.RunAsync(args);
        Assert.Contains("2 of 3 rows are kept", run.Output, "a damaged picture");
        AssertSame(before, Contents(folder));

        File.Copy(Path.Combine(photos, "carla.png"), Path.Combine(photos, "anna.png"), overwrite: true);
        run = await BatchProcess.RunAsync(args);
        Assert.Contains("2 of 3 rows are kept", run.Output, "another source");
        Assert.AreSequenceEqual(before["pictures/carla.png"], Contents(folder)["pictures/anna.png"]);
    }

    [TestMethod]
    public async Task ParquetAndCsvGiveTheSameResult()
    {
        string table = Path.Combine(s_files.Root, "requests.parquet"), csv = Path.Combine(s_files.Root, "csv"),
            parquet = Path.Combine(s_files.Root, "parquet");
        await using (FileStream stream = File.Create(table))
            await ParquetSerializer.SerializeAsync(
                [new Asked { id = "p1", source = "anna.png", motion = "walk", frame = 7 },
                    new Asked { id = "p2", source = "ben.png", reference = "anna.png" }], stream,
                    cancellationToken: TestContext.CancellationToken);
        Assert.AreEqual(0, (await BatchProcess.RunAsync(BatchFiles.Run(table, s_files.Pictures, parquet, "--parquet"))).ExitCode);
        Assert.AreEqual(0, (await BatchProcess.RunAsync(
            BatchFiles.Run(s_files.Write("two.csv", ["p1,anna.png,walk,7,", "p2,ben.png,,,anna.png"]), s_files.Pictures, csv,
            "--parquet"))).ExitCode);
        Dictionary<string, byte[]> first = Contents(csv), second = Contents(parquet);
        Assert.IsTrue(first.Remove("batch.json") && second.Remove("batch.json"), "it has the table's hash");
        AssertSame(first, second);
        // The result table can also be read as Parquet.
        await using FileStream results = File.OpenRead(Path.Combine(parquet, "results.parquet"));
        ResultRow[] rows = [.. (await ParquetSerializer.DeserializeAsync<ResultRow>(results,
            cancellationToken: TestContext.CancellationToken)).Data];
        Assert.AreSequenceEqual(ResultTable.Read(parquet), rows);
    }

    [TestMethod]
    public async Task KeyPointsInTheTableAreUsed()
    {
        string folder = Path.Combine(s_files.Root, "marked");
        string points = string.Join(' ', TestPeople.Keypoints("anna", BatchFiles.Side)
            .Select(v => v.ToString(CultureInfo.InvariantCulture)));
        string table = s_files.Write("marked.csv",
            [$"good,anna.png,{points},turn,4", $"few,anna.png,1 2 3,turn,4", "none,anna.png,,turn,4"], "id,source,keypoints,motion,frame");
        var run = await BatchProcess.RunAsync(BatchFiles.Run(table, s_files.Pictures, folder));
        Assert.AreEqual(0, run.ExitCode, run.Error);
        ResultRow[] rows = ResultTable.Read(folder);
        Assert.AreEqual(ResultRow.Made, rows[0].Status, rows[0].Message);
        // Our own people fit our own body: models/people/README.md.
        Assert.IsTrue(rows[0].FitResidual is > 0 and < 0.03, $"the body is {rows[0].FitResidual} of the person's height off");
        Assert.AreEqual("KeypointInputException KeypointInputException", $"{rows[1].Refusal} {rows[2].Refusal}");
    }

    [TestMethod]
    public async Task PoorRowsAreMarkedOrRefused()
    {
        string table = s_files.Write("poor.csv", ["poor,anna.png,walk,7,"]);
        string marked = Path.Combine(s_files.Root, "poor"), refused = Path.Combine(s_files.Root, "poorer");
        await BatchProcess.RunAsync(BatchFiles.Run(table, s_files.Pictures, marked, "--minimum-shown", "0.99"));
        ResultRow row = ResultTable.Read(marked)[0];
        Assert.AreEqual((ResultRow.Made, (bool?)false), (row.Status, row.Acceptable));
        await BatchProcess.RunAsync(BatchFiles.Run(table, s_files.Pictures, refused, "--minimum-shown", "0.99", "--refuse-poor"));
        row = ResultTable.Read(refused)[0];
        Assert.AreEqual((ResultRow.Refused, nameof(TransferQualityException)), (row.Status, row.Refusal));
    }

    [TestMethod]
    [DataRow("id,motion", "a,walk", "no column 'source'")]
    [DataRow("id,source,colour", "a,anna.png,red", "a column 'colour'")]
    [DataRow("id,source,motion", "a,anna.png,walk\nA,anna.png,turn", "row 2: the id 'A' is already that of row 1")]
    [DataRow("id,source,motion", "a/b,anna.png,walk", "row 1: the id is 'a/b'")]
    [DataRow("id,source,motion", ",anna.png,walk", "row 1: the id is ''")]
    public async Task AnInvalidTableIsReportedInOneSentence(string header, string rows, string reason)
    {
        var run = await BatchProcess.RunAsync(
            BatchFiles.Run(s_files.Write("wrong.csv", [rows], header), s_files.Pictures, Path.Combine(s_files.Root, "wrong")));
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains(reason, run.Error);
        Assert.HasCount(1, run.Error.TrimEnd().Split('\n'));
    }

    [TestMethod]
    [DataRow("--shard", "5/4")]
    [DataRow("--size", "20")]
    [DataRow("--generator", "magic")]
    [DataRow("--minimum-shown", "1.5")]
    public async Task AWrongOptionIsWrongUsage(string option, string value)
    {
        var run = await BatchProcess.RunAsync("run", "--requests", "r.csv", "--pictures", "p", option, value);
        Assert.AreEqual(2, run.ExitCode);
        Assert.Contains(option, run.Error);
    }

    [TestMethod]
    public async Task TwoRunsDoNotShareAFolder()
    {
        string folder = Path.Combine(s_files.Root, "shared");
        Directory.CreateDirectory(folder);
        using (Journal.Open(folder))
        {
            var run = await BatchProcess.RunAsync(s_files.Run("shared"));
            Assert.AreEqual(1, run.ExitCode);
            Assert.Contains("another run is using", run.Error);
        }
    }

    [TestMethod]
    public void ShardsCoverEveryRowOnce()
    {
        foreach (int rows in (int[])[0, 1, 3, 10, 1001])
        {
            int[] covered = [.. Enumerable.Range(1, 4).SelectMany(i => Enumerable.Range(0, rows).Take(new Shard(i, 4).Of(rows)))];
            Assert.AreSequenceEqual(Enumerable.Range(0, rows).ToArray(), covered);
        }
    }

    private static void AssertSame(string expected, string actual) => AssertSame(Contents(expected), Contents(actual));

    private static void AssertSame(Dictionary<string, byte[]> expected, Dictionary<string, byte[]> actual)
    {
        Assert.AreEqual(string.Join('\n', expected.Keys.Order()), string.Join('\n', actual.Keys.Order()));
        foreach ((string name, byte[] bytes) in expected)
            Assert.IsTrue(bytes.AsSpan().SequenceEqual(actual[name]),
                $"{name} differs:\n{(name.EndsWith(".csv", StringComparison.Ordinal) ? Encoding.UTF8.GetString(actual[name]) : "")}");
    }

    /// <summary>Returns all files except those with data of the run itself.</summary>
    private static Dictionary<string, byte[]> Contents(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f))
            .Where(f => f is not ("journal.jsonl" or "timings.csv"))
            .ToDictionary(f => f, f => File.ReadAllBytes(Path.Combine(folder, f)));

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    // Lower case, like the columns.
#pragma warning disable IDE1006
    private sealed class Asked
    {
        public string? id { get; set; }

        public string? source { get; set; }

        public string? motion { get; set; }

        public int? frame { get; set; }

        public string? reference { get; set; }
    }
#pragma warning restore IDE1006
}
