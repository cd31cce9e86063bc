using Lwg.MLNet.Body;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Training.Tests.Data;

/// <summary>Tests folders in the layout of iPER: the bodies are those of the fixtures' pose_shape.pkl, and the grey value of a picture
/// depends on its number.</summary>
[TestClass]
public sealed class IperTrainingDataTests
{
    // The fixture contains five bodies.
    private const int Frames = 5, S = 40;

    private static readonly float[] s_smpl = Fixture.Singles("motion/theta.npy");

    [TestMethod]
    public void PicturesAndBodiesBelongTogether()
    {
        using var folder = new TemporaryFolder();
        MakeSequence(folder.Path, "001/1/1");
        MakeSequence(folder.Path, "001/1/2", padded: false);
        File.WriteAllText(Path.Combine(folder.Path, "train.txt"), "001/1/1\n\n 001/1/2 \n");
        var data = new IperTrainingData(folder.Path, seed: 4);
        Assert.AreEqual((2, 10L), (data.SequenceCount, data.FrameCount));
        var sample = new TrainingSample(S / 2);
        var pairs = new HashSet<(int, int)>();
        for (long number = 0; number < 200; number++)
        {
            data.Fill(number, sample);
            Assert.IsFalse(sample.HasTruth);
            int source = FrameOf(sample.SourceImage), target = FrameOf(sample.TargetImage);
            Assert.AreNotEqual(source, target);
            CollectionAssert.AreEqual(Body(source), sample.SourceSmpl);
            CollectionAssert.AreEqual(Body(target), sample.TargetSmpl);
            pairs.Add((source, target));
        }
        Assert.HasCount(Frames * (Frames - 1), pairs, "All ordered pairs come: 200 draws of 20 miss one in 1 of 1,500 seeds.");
        float[] first = [.. sample.SourceSmpl, .. sample.TargetSmpl];
        new IperTrainingData(folder.Path, seed: 4).Fill(199, sample);
        CollectionAssert.AreEqual(first, (float[])[.. sample.SourceSmpl, .. sample.TargetSmpl], "The number and the seed decide.");
    }

    [TestMethod]
    public void MissingItemsAreNamed()
    {
        using var folder = new TemporaryFolder();
        Refused("has no 'train.txt'");
        List("\n");
        Refused("lists no sequence");
        List("../elsewhere\n");
        Refused("within the folder");
        List("002/1/1\n");
        Refused("has no folder");
        MakeSequence(folder.Path, "002/1/1");
        string bodies = Path.Combine(folder.Path, "smpls", "002/1/1", "pose_shape.pkl");
        File.Delete(Path.Combine(folder.Path, "images", "002/1/1", "0003.png"));
        Refused("has 4 frames", "but 5 bodies");
        File.Delete(bodies);
        Refused("has no file", bodies);
        File.WriteAllText(bodies, "no pickle");
        Assert.ThrowsExactly<ModelFileException>(() => new IperTrainingData(folder.Path));

        void List(string text) => File.WriteAllText(Path.Combine(folder.Path, "train.txt"), text);

        void Refused(params string[] parts)
        {
            string message = Assert.ThrowsExactly<TrainingException>(() => new IperTrainingData(folder.Path)).Message;
            foreach (string part in parts)
                StringAssert.Contains(message, part);
        }
    }

    private static void MakeSequence(string folder, string name, bool padded = true)
    {
        string images = Path.Combine(folder, "images", name), smpls = Path.Combine(folder, "smpls", name);
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(smpls);
        File.Copy(Fixture.PathOf("motion/pose_shape.pkl"), Path.Combine(smpls, "pose_shape.pkl"));
        for (int frame = 0; frame < Frames; frame++)
        {
            // Without leading zeros, 8, 9, 10, 11, 12: the numeric order is not the order of the texts.
            float[] grey = new float[3 * S * S];
            Array.Fill(grey, PixelBuffer.ToUnit((byte)(40 * frame)));
            ImageCodec.SavePng(PixelBuffer.FromTensor(grey, S, S), Path.Combine(images, padded ? $"{frame:0000}.png" : $"{frame + 8}.png"));
        }
    }

    private static int FrameOf(float[] image) => (int)Math.Round((image.Average() + 1) * 127.5 / 40);

    private static float[] Body(int frame) => s_smpl[(frame * SmplLayout.ParameterCount)..((frame + 1) * SmplLayout.ParameterCount)];
}
