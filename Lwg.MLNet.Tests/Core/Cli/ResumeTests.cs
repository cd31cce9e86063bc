using Lwg.MLNet.Cli;

namespace Lwg.MLNet.Tests.Samples;

/// <summary>Tests that an interrupted run resumes, with the result of an undisturbed run.</summary>
[TestClass]
public class ResumeTests
{
    private static readonly DateTime s_longAgo = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [TestMethod]
    public async Task FinishedFramesAreKeptAndDamagedOnesAreMadeAgain()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["--motion", Imitate.ShortMotion(folder), "--size", "64", "--generator", "texture"];
        string undisturbed = Path.Combine(folder.Path, "undisturbed"), resumed = Path.Combine(folder.Path, "resumed"),
            frames = Path.Combine(resumed, ".unfinished", "frames");
        (await Imitate.RunAsync([.. command, "--out", undisturbed])).Succeeded();

        Imitate interrupted = await CancellingWriter.RunUntilAsync("Frame 4 ", [.. command, "--out", resumed]);
        interrupted.FailedWith(130, "Cancelled.");
        Assert.Contains("the same command resumes", interrupted.Output);
        Assert.HasCount(4, Directory.GetFiles(frames));
        // Possible leftovers of a kill: a part of a frame, and a journal that ends within a line; also an overwritten frame and a missing
        // one.
        File.WriteAllText(Path.Combine(frames, "frame_004.png.1-2.tmp"), "a piece");
        File.AppendAllText(Path.Combine(resumed, ".unfinished", "frames.journal"), "0123abcd 4 89");
        Flip(Path.Combine(frames, "frame_001.png"));
        File.Delete(Path.Combine(frames, "frame_002.png"));
        foreach (string frame in Directory.GetFiles(frames, "*.png"))
            File.SetLastWriteTimeUtc(frame, s_longAgo);

        Imitate run = (await Imitate.RunAsync([.. command, "--out", resumed])).Succeeded();
        Assert.Contains("2 frames of an earlier run are kept.", run.Output);
        string[] results = [.. Directory.GetFiles(undisturbed, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(undisturbed, f)).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(results, Directory.GetFiles(resumed, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(resumed, f)).Order(StringComparer.Ordinal).ToArray());
        foreach (string name in results.Where(name => name.EndsWith(".png", StringComparison.Ordinal)))
            CollectionAssert.AreEqual(await File.ReadAllBytesAsync(Path.Combine(undisturbed, name)),
                await File.ReadAllBytesAsync(Path.Combine(resumed, name)), name);
        bool[] old = [.. Enumerable.Range(0, 6)
            .Select(i => File.GetLastWriteTimeUtc(Path.Combine(resumed, "frames", $"frame_{i:000}.png")) == s_longAgo)];
        CollectionAssert.AreEqual((bool[])[true, false, false, true, false, false], old, "frames that were kept");
    }

    [TestMethod]
    public void NamesOfParentFoldersDoNotMarkPartialFiles()
    {
        using var folder = new TemporaryFolder();
        string results = Path.Combine(folder.Path, "c.tmp", "o");
        string frame, piece, film;
        using (var first = new ResultFolder(results, goesOn: true))
        {
            (frame, piece, film) = (first.FramePath(0), first.FramePath(1) + ".17-0a.tmp", Path.Combine(first.Work, "film.mp4.tmp.mp4"));
            foreach (string file in (string[])[frame, piece, film])
                File.WriteAllText(file, "made");
            first.Keeps = true;
        }
        using var second = new ResultFolder(results, goesOn: true);
        Assert.IsTrue(second.Keeps, "The run resumes.");
        Assert.IsTrue(File.Exists(frame), "A frame is no piece, whatever the folders above are called.");
        Assert.IsFalse(File.Exists(piece) || File.Exists(film), "Pieces go.");
    }

    [TestMethod]
    public async Task OtherOptionsAreRefusedUnlessTheRunIsRestarted()
    {
        using var folder = new TemporaryFolder();
        string motion = Imitate.ShortMotion(folder, 3), results = Path.Combine(folder.Path, "out");
        string[] other = ["--person", "ben", "--motion", motion, "--size", "96", "--generator", "texture", "--out", results];
        (await CancellingWriter.RunUntilAsync("Frame 2 ", "--motion", motion, "--size", "64", "--generator", "texture", "--out",
            results)).FailedWith(130, "Cancelled.");
        (await Imitate.RunAsync(other)).FailedWith(1, "differs in --keypoints, --person or --source, --size;");
        Assert.HasCount(2, Directory.GetFiles(Path.Combine(results, ".unfinished", "frames")));
        Imitate run = (await Imitate.RunAsync([.. other, "--restart"])).Succeeded();
        Assert.DoesNotContain("are kept", run.Output);
        Assert.HasCount(3, Directory.GetFiles(Path.Combine(results, "frames")));
        Assert.IsFalse(Directory.Exists(Path.Combine(results, ".unfinished")));
    }

    [TestMethod]
    public async Task TwoRunsDoNotShareAFolder()
    {
        using var folder = new TemporaryFolder();
        string work = Directory.CreateDirectory(Path.Combine(folder.Path, ".unfinished")).FullName;
        using var held = new FileStream(Path.Combine(work, "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        (await Imitate.RunAsync("--motion", Imitate.ShortMotion(folder, 2), "--size", "64", "--out", folder.Path)).FailedWith(1,
            "Another run is using");
    }

    /// <summary>Changes one bit in the middle of a file.</summary>
    private static void Flip(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
