using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Motion;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Body;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>
/// Every reader of files is fed with damaged ones, the same in every run: it succeeds or says by a typed error what is wrong, within bounded memory and time.
/// 2,000 cases; as many as the environment's LWG_FUZZ_CASES says.
/// </summary>
[TestClass]
public class ReaderFuzzTests
{
    // The readers' own bounds: 64 MB for what unpacks or spreads out, which is taken up to three times on the way to a body, and 200 bytes a byte of the file.
    private const long FixedBytes = 192 << 20, BytesPerByte = 200;

    // No case takes a second when the machine is idle; a hang would take for ever.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void DamagedFilesAreReadOrRefusedButNothingElseHappens()
    {
        int cases = int.Parse(Environment.GetEnvironmentVariable("LWG_FUZZ_CASES") ?? "2000", CultureInfo.InvariantCulture);
        using var folder = new TemporaryFolder();
        Target[] targets = [.. Targets(folder)];
        int weights = targets.Sum(t => t.Weight);
        var counts = new (int Read, int Refused)[targets.Length];
        (long bytes, TimeSpan time) = (0, TimeSpan.Zero);
        for (int i = 0; i < cases; i++)
        {
            var random = new Random(i);
            int t = 0;
            for (int pick = random.Next(weights); pick >= targets[t].Weight; t++)
                pick -= targets[t].Weight;
            byte[] damaged = Mutation.Of(targets[t].Bytes, targets[random.Next(targets.Length)].Bytes, random);
            string path = folder.Write(targets[t].Name, damaged), what = $"case {i}, {targets[t].Name}";
            long before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            try
            {
                targets[t].Read(path);
                counts[t].Read++;
            }
            catch (LwgException e)
            {
                counts[t].Refused++;
                Assert.Contains(targets[t].Name, e.Message, what);
            }
            catch (Exception e) when (e is not UnitTestAssertException)
            {
                Assert.Fail($"{what}: {e}");
            }
            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan(FixedBytes + BytesPerByte * damaged.Length, taken, $"{what}: bytes allocated");
            Assert.IsLessThan(s_longest, clock.Elapsed, what);
            (bytes, time) = (Math.Max(bytes, taken), clock.Elapsed > time ? clock.Elapsed : time);
        }
        for (int t = 0; t < targets.Length; t++)
            TestContext.WriteLine($"{targets[t].Name}: {counts[t].Read} read, {counts[t].Refused} refused");
        TestContext.WriteLine($"{cases} cases: {counts.Sum(c => c.Read)} read, {counts.Sum(c => c.Refused)} refused; at most {bytes >> 10} KB and {time.TotalMilliseconds:0} ms a case");
        Assert.IsTrue(counts.All(c => c.Refused > 0), "every reader refuses something");
    }

    private sealed record Target(string Name, int Weight, byte[] Bytes, Action<string> Read);

    private static IEnumerable<Target> Targets(TemporaryFolder folder)
    {
        foreach (string name in (string[])["reader_legacy", "reader_zip", "nested_legacy", "nested_zip"])
            yield return new($"{name}.pth", 20, FixtureBytes($"checkpoints_{name}.pth"), ReadCheckpoint);
        foreach (string name in (string[])["pose_shape.pkl", "pose_shape_protocol4.pkl", "pose_shape_py2.pkl", "pose_shape_py2_protocol0.pkl", "amass_like.npz"])
            yield return new(name, 15, FixtureBytes($"motion/{name}"), p => MotionClip.Load(p));
        yield return new("amass_stored.npz", 15, Stored(FixtureBytes("motion/amass_like.npz")), p => MotionClip.Load(p));
        yield return new("own_motion.npz", 15, Stored(Made(s => MotionFile.Write(new MotionClip("m", 25, new float[144], new float[6], new float[10]), s))), p => MotionClip.Load(p));
        yield return new("array.npy", 10, FixtureBytes("motion/theta.npy"), p => NumpyArray.Load(p).ToSingles());
        yield return new("indices.npy", 10, FixtureBytes("maps/map_seg.npy"), p => NumpyArray.Load(p).ToInt32s());
        byte[] body = Made(new BodyModel(TestBodies.Cylinder()).Save);
        yield return new("body.npz", 10, body, p => BodyModel.Load(p));
        yield return new("body_stored.npz", 15, Stored(body), p => BodyModel.Load(p));
        // Two megabytes each, so they come seldom.
        yield return new("hmr_body.pkl", 2, FixtureBytes("body/neutral_smpl_with_cocoplus_reg.pkl"), p => BodyModel.Load(p));
        yield return new("official_body.pkl", 2, FixtureBytes("body/smpl_official_protocol2.pkl"), p => BodyModel.Load(p));

        string mapper = folder.Write("right_mapper", FixtureBytes("maps/mapper.txt"));
        yield return new("mapper.txt", 6, FixtureBytes("maps/mapper.txt"), p => BodySurface.FromFiles(p, null, null, null));
        yield return new("part_info.json", 6, FixtureBytes("maps/smpl_part_info.json"), p => BodySurface.FromFiles(mapper, p, null, null));
        yield return new("front_facial.json", 6, FixtureBytes("maps/front_facial.json"), p => BodySurface.FromFiles(mapper, null, p, null));
        var manifest = new ModelManifest { Kind = ModelKind.Inpainter, ImageSize = 256, Licence = "none" };
        var package = ModelPackage.Create(manifest, new Dictionary<string, byte[]> { ["inpainter.onnx"] = new byte[500], ["notes.txt"] = [.. "notes"u8] });
        yield return new("package.zip", 15, Made(package.Save), p =>
        {
            using FileStream stream = File.OpenRead(p);
            ModelPackage.Load(stream, p);
        });
    }

    private static void ReadCheckpoint(string path)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        foreach (string name in checkpoint.Names)
            checkpoint.Read(name);
    }

    private static byte[] FixtureBytes(string name) => File.ReadAllBytes(Fixture.PathOf(name));

    private static byte[] Made(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    // The same zip without compression: what is damaged then is an array, not a deflate stream.
    private static byte[] Stored(byte[] bytes) => Made(stream =>
    {
        using var from = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
        using var to = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (ZipArchiveEntry entry in from.Entries)
        {
            using Stream source = entry.Open(), target = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
            source.CopyTo(target);
        }
    });
}
