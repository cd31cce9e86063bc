using System.Buffers.Binary;
using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public class GifAnimationTests
{
    // Browsers show delays of 0 and 1 hundredths as 10.
    [TestMethod]
    [DataRow(25, 50, 50)]
    [DataRow(50, 100, 100)]
    [DataRow(60, 60, 40)]
    [DataRow(120, 120, 40)]
    [DataRow(120, 1, 1)]
    [DataRow(1000, 3, 1)]
    [DataRow(59.94, 600, 400)]
    public void NoFrameIsShorterThanTwoHundredthsAndTheDurationStays(double rate, int frames, int least)
    {
        List<(int Number, int Delay)> shown = GifAnimation.Delays(frames, rate);
        Assert.IsGreaterThanOrEqualTo(least, shown.Count);
        Assert.IsTrue(shown.All(s => s.Delay >= 2), string.Join(", ", shown));
        Assert.AreEqual(Math.Max(2, (int)Math.Round(100 * frames / rate)), shown.Sum(s => s.Delay), "hundredths in all");
        int start = 0;
        foreach ((int number, int delay) in shown)
        {
            Assert.AreEqual((int)Math.Round(100 * number / rate), start, $"frame {number} begins at its time");
            start += delay;
        }
        Assert.AreEqual(0, shown[0].Number);
    }

    [TestMethod]
    public void WhatIsWrittenIsRead()
    {
        PixelBuffer[] frames = [Square(4, 6, 30), Square(21, 17, 90), Square(21, 17, 90), Square(38, 33, 150)];
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "animation.gif");
        Assert.AreEqual(0, GifAnimation.Save(path, frames.Length, i => frames[i], 25, Provenance.CompositeWithTrainedAlgorithms));

        AnimatedPicture read = AnimatedPicture.Open(path);
        CollectionAssert.AreEqual((int[])[40, 40, 40, 40], read.Durations.ToArray(), "milliseconds");
        PixelBuffer[] seen = [.. read.Frames()];
        for (int i = 0; i < frames.Length; i++)
            CollectionAssert.AreEqual(frames[i].Data.ToArray(), seen[i].Data.ToArray(), $"frame {i}: few colours stay as they are");
        byte[] file = File.ReadAllBytes(path);
        Assert.AreNotEqual(-1, file.AsSpan().IndexOf(Provenance.CompositeWithTrainedAlgorithms.ToXmp()));
        Assert.AreEqual(63, BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(6)));
        // Another reader understands the container as well.
        using var other = SixLabors.ImageSharp.Image.Load<SixLabors.ImageSharp.PixelFormats.Rgb24>(path);
        Assert.HasCount(frames.Length, other.Frames);
    }

    [TestMethod]
    public async Task AFastMotionPlaysAtItsSpeed()
    {
        using var folder = new TemporaryFolder();
        string motion = Path.Combine(folder.Path, "quick.npz"), results = Path.Combine(folder.Path, "out");
        new Lwg.MLNet.Motion.MotionClip("quick", 120, new float[12 * Lwg.MLNet.Body.SmplLayout.PoseCount]).Save(motion);
        Imitate run = (await Imitate.RunAsync("--motion", motion, "--size", "64", "--generator", "texture", "--gif", "--out",
            results)).Succeeded();
        AnimatedPicture gif = AnimatedPicture.Open(Path.Combine(results, "animation.gif"));
        Assert.AreEqual(100, gif.Durations.Sum(), "12 frames at 120 a second are a tenth of a second");
        Assert.Contains($"animation.gif shows {gif.Durations.Count} of 12 frames", run.Output);
    }

    private static PixelBuffer Square(int left, int top, byte value)
    {
        var picture = new PixelBuffer(63, 57);
        picture.Data.Fill(220);
        for (int y = top; y < top + 20; y++)
            picture.Row(y).Slice(3 * left, 60).Fill(value);
        return picture;
    }
}
