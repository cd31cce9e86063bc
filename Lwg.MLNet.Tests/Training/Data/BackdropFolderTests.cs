using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Training.Tests.Data;

/// <summary>Tests photographs as backdrops: what is read from a folder, and what stands behind the people.</summary>
[TestClass]
public sealed class BackdropFolderTests
{
    private const int Size = 64, Pictures = 40;

    [TestMethod]
    public void PicturesOfAFolderAreReadAndOtherFilesAreNot()
    {
        using var folder = new TemporaryFolder();
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => Load("none"));
        folder.Write("notes.txt", "no picture"u8.ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Load("")).Message, "no picture");
        Save(folder, "a.png", 40, 32);
        Save(folder, "b.JPG", 32, 50);
        Assert.AreEqual(2, Load("").Count);
        folder.Write("c.png", "not a PNG"u8.ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<ImageInputException>(() => Load("")).Message, "c.png");
        Assert.ThrowsExactly<ArgumentException>(() => new BackdropPhotographs([]));
        Assert.ThrowsExactly<ArgumentException>(() => new BackdropPhotographs([new PixelBuffer(1, 9)]));

        BackdropPhotographs Load(string name) => BackdropFolder.Load(Path.Combine(folder.Path, name), ImageCodec.Load);
    }

    // A pure green photograph: painted backdrops and patches are rarely as green.
    [TestMethod]
    public void HalfOfThePeopleStandInFrontOfAPhotograph()
    {
        var painter = new SyntheticSnapshots(BodyModel.Default, Size, Green());
        var snapshot = new Snapshot(Size);
        int green = 0;
        for (int number = 0; number < Pictures; number++)
        {
            painter.Fill(number, snapshot);
            int corner = Enumerable.Range(0, 4).Count(i =>
            {
                int at = i / 2 * (Size - 1) * Size + i % 2 * (Size - 1);
                return snapshot.Image[Size * Size + at] > Math.Max(snapshot.Image[at], snapshot.Image[2 * Size * Size + at]) + 0.15f;
            });
            green += corner >= 2 ? 1 : 0;
        }
        // Half of 40, three standard deviations to either side.
        Assert.IsTrue(green is > 10 and < 30, $"{green} of {Pictures}");
    }

    // Textures are multiplied onto a copy: the other picture of the same person may be painted before or after.
    [TestMethod]
    public void TheSameNumberGivesTheSamePictureInAnyOrder()
    {
        BackdropPhotographs photographs = Green();
        SyntheticSnapshots forwards = new(BodyModel.Default, Size, photographs), backwards = new(BodyModel.Default, Size, photographs);
        float[][] first = [.. Enumerable.Range(0, Pictures).Select(n => Picture(forwards, n))];
        for (int n = Pictures - 1; n >= 0; n--)
            CollectionAssert.AreEqual(first[n], Picture(backwards, n), $"picture {n}");

        static float[] Picture(SyntheticSnapshots painter, int number)
        {
            var snapshot = new Snapshot(Size);
            painter.Fill(number, snapshot);
            return snapshot.Image;
        }
    }

    // Poses, masks and people are the same with and without photographs; half of the pictures, or all, have another background.
    [TestMethod]
    [DataRow(0.5f, 11, 29)]
    [DataRow(1, Pictures, Pictures)]
    public void PhotographsChangeOnlyTheBackdropsOfTrainingPairs(float share, int least, int most)
    {
        SyntheticPeople painted = new(BodyModel.Default, Size),
            photographed = new(BodyModel.Default, Size) { Photographs = Green(), PhotographShare = share };
        SyntheticPair one = new(Size), other = new(Size);
        int green = 0;
        for (int identity = 0; identity < Pictures; identity++)
        {
            painted.Fill(identity, 0, one);
            photographed.Fill(identity, 0, other);
            CollectionAssert.AreEqual(one.TargetSmpl, other.TargetSmpl);
            CollectionAssert.AreEqual(one.TargetMask, other.TargetMask);
            green += one.Background.AsSpan().SequenceEqual(other.Background) ? 0 : 1;
        }
        Assert.IsInRange(least, most, green);
    }

    // The person's share of green, in front of a green photograph, against the same person in front of a painted backdrop.
    [TestMethod]
    [DataRow(SyntheticPeople.FirstVersion)]
    [DataRow(SyntheticPeople.LastVersion)]
    public void TheLightOfAPhotographFallsOnPeopleOfTheSecondVersion(int version)
    {
        SyntheticPeople painted = new(BodyModel.Default, Size) { Version = version },
            photographed = new(BodyModel.Default, Size) { Version = version, Photographs = Green() };
        SyntheticPair one = new(Size), other = new(Size);
        int greener = 0, same = 0;
        for (int identity = 0; identity < Pictures; identity++)
        {
            painted.Fill(identity, 0, one);
            photographed.Fill(identity, 0, other);
            if (one.Background.AsSpan().SequenceEqual(other.Background))
                continue;
            double difference = Greenness(other) - Greenness(one);
            greener += difference > 0.05 ? 1 : 0;
            same += Math.Abs(difference) < 0.05 ? 1 : 0;
        }
        // At a person's edge the lens mixes some of the photograph in. Some of the second version's people hardly stand in its light.
        Assert.IsGreaterThan(5, version == SyntheticPeople.FirstVersion ? same : greener, $"{greener} greener, {same} the same");
        Assert.AreEqual(version != SyntheticPeople.FirstVersion, greener > 0, $"{greener} greener");

        static double Greenness(SyntheticPair pair) => Enumerable.Range(0, Size * Size).Where(i => pair.TargetMask[i] == 1).Average(i =>
            pair.TargetImage[Size * Size + i] - (pair.TargetImage[i] + pair.TargetImage[2 * Size * Size + i]) / 2);
    }

    private static BackdropPhotographs Green()
    {
        var picture = new PixelBuffer(90, 70);
        for (int i = 0; i < picture.Data.Length; i += 3)
            picture.Data[i + 1] = (byte)(150 + i / 3 % 60);
        return new BackdropPhotographs([picture]);
    }

    private static void Save(TemporaryFolder folder, string name, int width, int height)
    {
        using FileStream file = File.Create(Path.Combine(folder.Path, name));
        ImageCodec.EncodePng(new PixelBuffer(width, height), file);
    }
}
