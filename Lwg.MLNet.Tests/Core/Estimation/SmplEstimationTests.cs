using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Tests that squares are cropped and cameras mapped back, and that estimators are opened or refused.</summary>
[TestClass]
public sealed class SmplEstimationTests
{
    [TestMethod]
    public void APointOfTheSquareStaysTheSamePointOfThePicture()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 1000; trial++)
        {
            int size = random.Next(32, 300), picture = random.Next(32, 2000);
            float scale = 0.1f + 5 * random.NextSingle();
            var crop = new CropTransform(scale, 0, random.Next(-200, 1500), 0, scale, random.Next(-200, 1500));
            float[] smpl = new float[SmplLayout.ParameterCount];
            var camera = new Smpl(smpl);
            camera.SetCamera(0.3f + random.NextSingle(), random.NextSingle() - 0.5f, random.NextSingle() - 0.5f);
            (float x, float y) = (2 * random.NextSingle() - 1, 2 * random.NextSingle() - 1);
            (double u, double v) = (camera.Scale * (x + camera.TranslationX), camera.Scale * (y + camera.TranslationY));
            double expectedX = crop.A * ((u + 1) / 2 * size) + crop.C, expectedY = crop.E * ((v + 1) / 2 * size) + crop.F;
            SmplEstimation.ToPicture(camera, crop, size, picture);
            // Single precision of coordinates of some thousand pixels: a hundredth of a pixel.
            Assert.AreEqual(expectedX, (camera.Scale * ((double)x + camera.TranslationX) + 1) / 2 * picture, 1e-2);
            Assert.AreEqual(expectedY, (camera.Scale * ((double)y + camera.TranslationY) + 1) / 2 * picture, 1e-2);
        }
    }

    [TestMethod]
    [DataRow(200, 200)]
    [DataRow(320, 150)]
    [DataRow(150, 320)]
    public void ThePersonIsFoundInAnyCrop(int width, int height)
    {
        (float spotX, float spotY) = (82.5f, 67.5f);
        PixelBuffer picture = Spot(width, height, spotX, spotY);
        using var estimation = new SmplEstimation(new SpotEstimator(64, withKeypoints: true), batchSize: 3);
        estimation.Add(picture, estimation.Whole(picture));
        estimation.Add(picture, SquareCrop.AroundBox(60, 50, 110, 100, 64, 0));
        estimation.Add(picture, SquareCrop.AroundBox(70, 20, 100, 90, 64, 0.2f));
        estimation.Run();
        float side = Math.Max(width, height);
        for (int row = 0; row < 3; row++)
        {
            float[] smpl = new float[85], keypoints = new float[51];
            estimation.CopySmpl(row, smpl);
            estimation.CopyKeypoints(row, keypoints);
            // Filtered shrinking keeps centres; the rounding to bytes and of the square to whole pixels gives a tenth of a pixel.
            Assert.AreEqual(spotX, (smpl[0] * smpl[1] + 1) / 2 * side, 0.1, $"x, row {row}");
            Assert.AreEqual(spotY, (smpl[0] * smpl[2] + 1) / 2 * side, 0.1, $"y, row {row}");
            Assert.AreEqual(row + 1, smpl[SmplLayout.ShapeOffset], "Rows of a batch are kept apart.");
            for (int k = 0; k < 17; k++)
                Assert.IsTrue(Math.Abs(keypoints[3 * k] - spotX) < 0.1 && Math.Abs(keypoints[3 * k + 1] - spotY) < 0.1
                    && keypoints[3 * k + 2] == 0.5f, $"key point {k}, row {row}");
        }
    }

    [TestMethod]
    public void AFullBatchAcceptsNoMorePictures()
    {
        PixelBuffer picture = Spot(64, 64, 20, 20);
        using var estimation = new SmplEstimation(new SpotEstimator(32));
        estimation.Add(picture, estimation.Whole(picture));
        Assert.ThrowsExactly<InvalidOperationException>(() => estimation.Add(picture, estimation.Whole(picture)));
        estimation.Clear();
        estimation.Add(picture, estimation.Whole(picture));
        Assert.AreEqual(1, estimation.Count);
    }

    [TestMethod]
    public void ACameraOfScaleZeroIsAnError() =>
        StringAssert.Contains(Assert.ThrowsExactly<LwgException>(() =>
        SmplEstimation.ToPicture(new Smpl(new float[SmplLayout.ParameterCount]), CropTransform.Identity, 64, 64)).Message, "scale 0");

    [TestMethod]
    public void AModelFolderIsReadBackUnchanged()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "tiny");
        TinyEstimator.Package(withKeypoints: true).SaveFolder(path);
        using LearnedSmplEstimator estimator = LearnedSmplEstimator.Load(path);
        Assert.AreEqual((32, 0.2f, true), (estimator.PictureSize, estimator.Margin, estimator.EstimatesKeypoints));
        using ISmplWorker one = estimator.CreateWorker(), two = estimator.CreateWorker(2);
        estimator.Dispose();
        float[] picture = FormulaWeights.Input("tiny", 3 * 32 * 32);
        picture.CopyTo(one.Picture(0));
        picture.CopyTo(two.Picture(1));
        one.Run();
        two.Run();
        Fixture.AreClose(one.Smpl(0), two.Smpl(1), 1e-6, "alone and in a batch");
        Fixture.AreClose(one.Keypoints(0), two.Keypoints(1), 1e-6, "alone and in a batch");
    }

    [TestMethod]
    public void OtherModelsAreRefused()
    {
        NetworkGraph discriminator = PatchDiscriminator.Build(width: 4);
        var error = Assert.ThrowsExactly<ModelFileException>(() =>
            new LearnedSmplEstimator(LearnedSmplEstimator.Write(TinyEstimator.Manifest, discriminator, FormulaWeights.For(discriminator))));
        StringAssert.Contains(error.Message, "lacks 'Image'");
        NetworkGraph graph = TinyEstimator.Graph(withKeypoints: false);
        error = Assert.ThrowsExactly<ModelFileException>(
            () => new LearnedSmplEstimator(
            LearnedSmplEstimator.Write(TinyEstimator.Manifest with { ImageSize = 64 }, graph, FormulaWeights.For(graph))));
        StringAssert.Contains(error.Message, "[-1,3,64,64] is needed");
        error = Assert.ThrowsExactly<ModelFileException>(() =>
            LearnedSmplEstimator.Write(TinyEstimator.Manifest with { PersonMargin = null }, graph, FormulaWeights.For(graph)));
        Assert.AreEqual("personMargin", error.Entry);
        error = Assert.ThrowsExactly<ModelFileException>(
            () => new LearnedSmplEstimator(
            ModelPackage.Create(TinyEstimator.Manifest with { Kind = ModelKind.Inpainter }, new Dictionary<string, byte[]>())));
        StringAssert.Contains(error.Message, "SmplEstimator is needed");
    }

    /// <summary>Draws a soft bright spot on black, about 9 pixels wide.</summary>
    private static PixelBuffer Spot(int width, int height, float x, float y)
    {
        var picture = new PixelBuffer(width, height);
        for (int i = 0; i < width * height; i++)
        {
            double distance = Math.Pow(i % width + 0.5 - x, 2) + Math.Pow(i / width + 0.5 - y, 2);
            picture.Data.Slice(3 * i, 3).Fill((byte)Math.Round(255 * Math.Exp(-distance / 18)));
        }
        return picture;
    }
}
