using Lwg.MLNet.Cli;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Samples;

[TestClass]
public class WebPAnimationTests
{
    [TestMethod]
    public void WhatIsWrittenIsRead()
    {
        // A dark square moves over a bright picture of odd size and rests; 25 frames a second.
        PixelBuffer[] frames = [Square(4, 6), Square(21, 17), Square(21, 17), Square(38, 33)];
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "animation.webp");
        WebPAnimation.Save(path, frames, new FrameRate(25, 1), Provenance.CompositeWithTrainedAlgorithms);

        AnimatedPicture read = AnimatedPicture.Open(path);
        byte[] bytes = File.ReadAllBytes(path), xmp = Provenance.CompositeWithTrainedAlgorithms.ToXmp();
        Assert.AreEqual(bytes.Length - 8, BitConverter.ToInt32(bytes, 4), "the size in the container");
        Assert.IsTrue(bytes.AsSpan().TrimEnd((byte)0).EndsWith(xmp), "The metadata are the last chunk.");
        CollectionAssert.AreEqual((int[])[40, 40, 40, 40], read.Durations.ToArray(), "milliseconds");
        PixelBuffer[] seen = [.. read.Frames()];
        for (int i = 0; i < frames.Length; i++)
        {
            byte[] actual = seen[i].Data.ToArray(), expected = frames[i].Data.ToArray();
            Assert.HasCount(expected.Length, actual);
            // Lossy, with colours at half the resolution: a missing or displaced frame would differ by more than 5.
            Assert.IsLessThan(2.5, actual.Zip(expected, (a, b) => Math.Abs(a - b)).Average(), $"frame {i}");
        }
    }

    private static PixelBuffer Square(int left, int top)
    {
        var picture = new PixelBuffer(63, 57);
        picture.Data.Fill(220);
        for (int y = top; y < top + 20; y++)
            picture.Row(y).Slice(3 * left, 60).Fill(30);
        return picture;
    }
}
