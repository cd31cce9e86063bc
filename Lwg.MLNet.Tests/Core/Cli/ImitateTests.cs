using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public class ImitateTests
{
    private static readonly string[] s_results = ["animation.webp", "contact_sheet.png", "frames"];

    [TestMethod]
    public async Task OurOwnPersonWalks()
    {
        using var folder = new TemporaryFolder();
        string results = Path.Combine(folder.Path, "new", "out");
        Imitate run = (await Imitate.RunAsync("--motion", Imitate.ShortMotion(folder), "--out", results)).Succeeded();

        CollectionAssert.AreEqual(s_results, Names(results), "what is in the folder, unless ffmpeg adds a film");
        byte[][] frames = Frames(results);
        Assert.HasCount(6, frames);
        Assert.HasCount(6, frames.Select(Convert.ToHexString).Distinct(), "All frames differ.");
        // The person is at the position of the pose.
        Assert.IsGreaterThanOrEqualTo(0.85, run.LeastOverlap);
        Assert.HasCount(6, AnimatedPicture.Open(Path.Combine(results, "animation.webp")).Durations);
    }

    [TestMethod]
    public async Task ASavedModelMakesTheSameFrames()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.zip"), first = Path.Combine(folder.Path, "first"),
            second = Path.Combine(folder.Path, "second");
        string[] person = ["imitate", "--person", "ben", "--motion", Imitate.ShortMotion(folder, 3)];
        (await Imitate.RunAsync([.. person, "--size", "96", "--out", first, "--save", model])).Succeeded();
        (await Imitate.RunAsync([.. person, "--out", second, "--model", model])).Succeeded();
        byte[][] expected = Frames(first), actual = Frames(second);
        Assert.HasCount(3, expected);
        Assert.HasCount(3, actual);
        for (int i = 0; i < 3; i++)
            CollectionAssert.AreEqual(expected[i], actual[i], $"frame {i}");
    }

    [TestMethod]
    public async Task AReferencePhotographGivesOnePicture()
    {
        using var folder = new TemporaryFolder();
        (string photo, string keypoints) = SamplePhoto.Write(folder);
        (await Imitate.RunAsync("--person", "ben", "--reference", photo, "--reference-keypoints", keypoints, "--size", "96", "--out",
            Out(folder))).Succeeded();
        Assert.HasCount(1, Frames(Out(folder)));
        CollectionAssert.DoesNotContain(Names(Out(folder)), "animation.webp", "One picture does not move.");
    }

    [TestMethod]
    public async Task ResultsOfAnEarlierRunAreRemovedAndOtherFilesStay()
    {
        using var folder = new TemporaryFolder();
        string frames = Directory.CreateDirectory(Path.Combine(Out(folder), "frames")).FullName;
        string[] old = [Path.Combine(frames, "frame_003.png"), Path.Combine(frames, "frame_1234.png"),
            Path.Combine(Out(folder), "animation.gif")];
        string[] others = [Path.Combine(frames, "mine.png"), Path.Combine(Out(folder), "notes.txt")];
        foreach (string file in old.Concat(others))
            await File.WriteAllTextAsync(file, "old");
        (await Imitate.RunAsync("--motion", Imitate.ShortMotion(folder, 2), "--size", "64", "--out", Out(folder))).Succeeded();
        foreach (string file in old)
            Assert.IsFalse(File.Exists(file), file);
        foreach (string file in others)
            Assert.AreEqual("old", await File.ReadAllTextAsync(file), file);
        Assert.HasCount(3, Directory.GetFiles(frames));
    }

    [TestMethod]
    public async Task CancelledInTheMiddleTheOldResultsStay()
    {
        using var folder = new TemporaryFolder();
        string motion = Imitate.ShortMotion(folder),
            old = Path.Combine(Directory.CreateDirectory(Path.Combine(Out(folder), "frames")).FullName, "frame_000.png");
        await File.WriteAllTextAsync(old, "old");
        (await CancellingWriter.RunUntilAsync("Frame 3 ", "--motion", motion, "--size", "64", "--out", Out(folder))).FailedWith(130,
            "Cancelled.");
        CollectionAssert.AreEqual((string[])[old], Directory.GetFiles(Path.Combine(Out(folder), "frames")));
        Assert.AreEqual("old", await File.ReadAllTextAsync(old));
        Assert.HasCount(3, Directory.GetFiles(Path.Combine(Out(folder), ".unfinished", "frames")),
            "The frames that are made wait for the next run.");
    }

    [TestMethod]
    public async Task CancelledBeforeTheFirstFrameNoNewFolderStays()
    {
        using var folder = new TemporaryFolder();
        using var output = new StringWriter();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        (await Imitate.RunAsync(output, cancellation.Token, "--motion", Imitate.ShortMotion(folder), "--size", "64", "--out",
            Out(folder))).FailedWith(130, "Cancelled.");
        Assert.IsFalse(Directory.Exists(Out(folder)));
    }

    private static string Out(TemporaryFolder folder) => Path.Combine(folder.Path, "out");

    private static string[] Names(string folder) =>
        [.. Directory.GetFileSystemEntries(folder).Select(p => Path.GetFileName(p)).Where(n => n != "animation.mp4")
            .Order(StringComparer.Ordinal)];

    private static byte[][] Frames(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, "frames")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
}
