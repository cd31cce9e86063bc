using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Tests.Imaging;

[TestClass]
public class SquareCropTests
{
    [TestMethod]
    public void BytesAndTensorsAreExactBothWays()
    {
        for (int b = 0; b < 256; b++)
            Assert.AreEqual(b, PixelBuffer.ToByte(PixelBuffer.ToUnit((byte)b)));
        Assert.AreEqual(255, PixelBuffer.ToByte(7));
        Assert.AreEqual(0, PixelBuffer.ToByte(-7));
        Assert.AreEqual(0, PixelBuffer.ToByte(float.NaN));
        Assert.AreEqual(128, PixelBuffer.ToByte(0.0001f), "rounded, not cut off");
    }

    [TestMethod]
    public void TransformAndInverseCancel()
    {
        var transform = new CropTransform(2, 0.5f, -30, 0.25f, 3, 17);
        (float x, float y) = transform.Apply(11, -4);
        Assert.AreEqual((-10f, 7.75f), (x, y));
        (float backX, float backY) = transform.Inverse().Apply(x, y);
        Assert.AreEqual(11, backX, 1e-5f);
        Assert.AreEqual(-4, backY, 1e-5f);
        float[] numbers = new float[6];
        transform.CopyTo(numbers);
        CollectionAssert.AreEqual(new[] { 2, 0.5f, -30, 0.25f, 3, 17 }, numbers);
        Assert.AreEqual(transform, CropTransform.FromSpan(numbers));
        Assert.AreEqual(transform.Apply(64, 32), transform.ForSize(128, 256).Apply(128, 64));
        Assert.ThrowsExactly<ArgumentException>(() => CropTransform.FromSpan(new float[6]));
        Assert.ThrowsExactly<ArgumentException>(() => CropTransform.FromSpan(new float[5]));
    }

    [TestMethod]
    public void TheSquareIsCentredAndHoldsTheBoxWithItsMargin()
    {
        CropTransform transform = SquareCrop.AroundBox(100, 50, 160, 250, 256, margin: 0.25f);
        Assert.AreEqual((-20f, 0f), transform.Apply(0, 0));
        Assert.AreEqual((280f, 300f), transform.Apply(256, 256));
        Assert.ThrowsExactly<ArgumentException>(() => SquareCrop.AroundBox(5, 5, 5, 5, 256));
        Assert.ThrowsExactly<ArgumentException>(() => SquareCrop.AroundBox(float.NaN, 0, 5, 5, 256));
        Assert.AreEqual(transform, SquareCrop.AroundProjection([-0.5f, -0.75f, -0.2f, 0.25f], 400, 256, margin: 0.25f));
    }

    [TestMethod]
    [DataRow(64, 3.0, -20.3, 11.7)]
    [DataRow(40, 0.37, 25.1, 7.9)]
    [DataRow(32, 1.0, 10.5, -8.25)]
    public void ResamplingEqualsThePlainSum(int size, double step, double left, double top)
    {
        PixelBuffer picture = TestPictures.Noise(90, 70, 7);
        float[] square = new float[3 * size * size];
        SquareCrop.Crop(picture, new CropTransform((float)step, 0, (float)left, 0, (float)step, (float)top), size, square);
        double stretch = Math.Max((float)step, 1);
        for (int y = 0; y < size; y += 5)
        {
            for (int x = 0; x < size; x += 5)
            {
                double sum = 0, total = 0, centreX = (float)left + (x + 0.5) * (float)step, centreY = (float)top + (y + 0.5) * (float)step;
                for (int j = (int)(centreY - 2 * stretch) - 2; j < centreY + 2 * stretch + 2; j++)
                {
                    for (int i = (int)(centreX - 2 * stretch) - 2; i < centreX + 2 * stretch + 2; i++)
                    {
                        double weight = Keys((i + 0.5 - centreX) / stretch) * Keys((j + 0.5 - centreY) / stretch);
                        total += weight;
                        sum += weight * picture.Row(Math.Clamp(j, 0, 69))[3 * Math.Clamp(i, 0, 89) + 1];
                    }
                }
                double expected = Math.Clamp(sum / total / 127.5 - 1, -1, 1);
                Assert.AreEqual(expected, square[(size + y) * size + x], 2e-5, $"({x}, {y}): float against double");
            }
        }
    }

    [TestMethod]
    public void ACheckerboardShrinksToGreyAndAConstantStays()
    {
        var board = new PixelBuffer(400, 400);
        for (int i = 0; i < 160_000; i++)
            board.Data.Slice(3 * i, 3).Fill((i % 400 + i / 400) % 2 == 0 ? (byte)255 : (byte)0);
        PixelBuffer small = SquareCrop.Crop(board, new CropTransform(4.3f, 0, 10, 0, 4.3f, 10), 88);
        foreach (byte value in small.Data)
            Assert.AreEqual(127.5, value, 1.5, "grey, but for rounding; nearest neighbour would give 0 and 255");

        var plain = new PixelBuffer(77, 55);
        plain.Data.Fill(201);
        foreach (float step in new[] { 0.3f, 1, 2.7f })
        {
            foreach (byte value in SquareCrop.Crop(plain, new CropTransform(step, 0, -13.3f, 0, step, -9.1f), 64).Data)
                Assert.AreEqual(201, value);
        }
    }

    [TestMethod]
    public void WithoutResamplingTheRoundTripKeepsEveryByte()
    {
        foreach (int channels in new[] { 3, 4 })
        {
            PixelBuffer picture = TestPictures.Noise(120, 90, 11, channels);
            foreach ((int left, int top) in new[] { (20, 10), (-30, -15), (70, 60) })
            {
                var transform = new CropTransform(1, 0, left, 0, 1, top);
                float[] square = new float[3 * 64 * 64];
                SquareCrop.Crop(picture, transform, 64, square);
                PixelBuffer back = SquareCrop.Compose(picture, square, 64, transform);
                CollectionAssert.AreEqual(picture.Data.ToArray(), back.Data.ToArray());
            }
        }
    }

    [TestMethod]
    public void OutsideTheSquareAndTheMaskNothingChanges()
    {
        PixelBuffer picture = TestPictures.Noise(200, 160, 13);
        float[] red = new float[3 * 50 * 50];
        red.AsSpan().Fill(-1);
        red.AsSpan(0, 2500).Fill(1);
        var transform = new CropTransform(2, 0, 40, 0, 2, 30);
        PixelBuffer all = SquareCrop.Compose(picture, red, 50, transform);
        float[] mask = new float[2500];
        for (int i = 0; i < 2500; i++)
            mask[i] = i % 50 < 25 ? 1 : 0;
        PixelBuffer left = SquareCrop.Compose(picture, red, 50, transform, mask);
        for (int y = 0; y < 160; y++)
        {
            for (int x = 0; x < 200; x++)
            {
                byte[] before = picture.Row(y).Slice(3 * x, 3).ToArray(), after = all.Row(y).Slice(3 * x, 3).ToArray(), masked = left.Row(y)
                    .Slice(3 * x, 3).ToArray();
                bool inside = x is >= 40 and < 140 && y is >= 30 and < 130, deep = x is >= 44 and < 136 && y is >= 34 and < 126;
                if (!inside)
                    CollectionAssert.AreEqual(before, after, $"({x}, {y}) is outside");
                if (deep)
                    CollectionAssert.AreEqual(new byte[] { 255, 0, 0 }, after, $"({x}, {y}) is inside the seam of 4 pixels");
                if (!inside || x > 94)
                    CollectionAssert.AreEqual(before, masked, $"({x}, {y}) is outside the mask");
            }
        }
        int[] seam = [.. Enumerable.Range(40, 4)
            .Select(x => Math.Abs(all.Row(80)[3 * x + 2] - picture.Row(80)[3 * x + 2])
            * 1000 / Math.Max(1, (int)picture.Row(80)[3 * x + 2]))];
        for (int i = 1; i < seam.Length; i++)
            Assert.IsGreaterThanOrEqualTo(seam[i - 1], seam[i], "the result counts more and more");
        Assert.IsLessThan(120, seam[0], "t = 1/8 of the seam: weight 0.043, plus rounding");
    }

    [TestMethod]
    public void AtThePicturesOwnEdgeNothingFades()
    {
        PixelBuffer picture = TestPictures.Noise(64, 64, 17);
        float[] square = TestPictures.Noise(64, 64, 18).ToTensor();
        PixelBuffer result = SquareCrop.Compose(picture, square, 64, CropTransform.Identity);
        CollectionAssert.AreEqual(PixelBuffer.FromTensor(square, 64, 64).Data.ToArray(), result.Data.ToArray());
        PixelBuffer missed = SquareCrop.Compose(picture, square, 64, new CropTransform(1, 0, 500, 0, 1, 0));
        CollectionAssert.AreEqual(picture.Data.ToArray(), missed.Data.ToArray(), "a square beside the picture");
        Assert.ThrowsExactly<ArgumentException>(() => SquareCrop.Compose(picture, square, 64, new CropTransform(1, 0.1f, 0, 0, 1, 0)));
        Assert.ThrowsExactly<ArgumentException>(() => SquareCrop.Compose(picture, square, 63, CropTransform.Identity));
    }

    private static double Keys(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? 1.5 * x * x * x - 2.5 * x * x + 1 : x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
    }
}
