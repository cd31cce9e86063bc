using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

[TestClass]
[TestCategory(ScalarHardwareTests.Category)]
public class MorphologyTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(1, 20)]
    [DataRow(20, 1)]
    [DataRow(2, 3)]
    [DataRow(40, 25)]
    public void BothAgreeWithBruteForce(int height, int width)
    {
        var random = new Random(height * 100 + width);
        var morphology = new Morphology(height, width);
        foreach (int kernel in (int[])[1, 3, 13, 31, 1023, 3])
        {
            foreach (double density in (double[])[0, 0.02, 0.5, 0.98, 1])
            {
                float[] mask = [.. Enumerable.Range(0, height * width).Select(_ => random.NextDouble() < density ? 1f : 0f)];
                float[] kept = [.. mask], result = new float[mask.Length];
                morphology.Erode(mask, kernel, result);
                CollectionAssert.AreEqual(Naive(mask, height, width, kernel, erode: true), result,
                    $"erode, kernel {kernel}, density {density}");
                CollectionAssert.AreEqual(kept, mask, "the mask is left alone");
                morphology.Dilate(mask, kernel, result);
                float[] dilated = Naive(mask, height, width, kernel, erode: false);
                CollectionAssert.AreEqual(dilated, result, $"dilate, kernel {kernel}, density {density}");
                morphology.Dilate(mask, kernel, mask);
                CollectionAssert.AreEqual(dilated, mask, "in place");
            }
        }
    }

    [TestMethod]
    public void ValuesBelowOneCountAsZero()
    {
        // Fractional masks: erosion and dilation treat all values except 1 as 0.
        float[] mask = [1, 0.5f, 1, 1, 1, 1, 1], result = new float[7];
        var morphology = new Morphology(1, 7);
        morphology.Erode(mask, 3, result);
        CollectionAssert.AreEqual((float[])[0, 0, 0, 1, 1, 1, 1], result);
        morphology.Dilate([0, 0.5f, 0, 0, 0, 1, 0], 3, result);
        CollectionAssert.AreEqual((float[])[0, 0, 0, 0, 1, 1, 1], result);
    }

    [TestMethod]
    public void ItAllocatesNothingForAKnownKernelAndRefusesInvalidInput()
    {
        var morphology = new Morphology(8, 8);
        float[] mask = new float[64];
        morphology.Erode(mask, 13, mask);
        long before = GC.GetAllocatedBytesForCurrentThread();
        morphology.Erode(mask, 13, mask);
        morphology.Dilate(mask, 3, mask);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        foreach (int kernel in (int[])[-1, 0, 2, 4, 1024, 1025])
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => morphology.Erode(mask, kernel, mask));
        Assert.ThrowsExactly<ArgumentException>(() => morphology.Erode(new float[63], 3, mask));
        Assert.ThrowsExactly<ArgumentException>(() => morphology.Erode(mask, 3, new float[63]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Morphology(0, 3));
    }

    private static float[] Naive(float[] mask, int height, int width, int kernel, bool erode)
    {
        int r = kernel / 2;
        var result = new float[mask.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bool all = true, any = false;
                for (int v = Math.Max(0, y - r); v <= Math.Min(height - 1, y + r); v++)
                {
                    for (int u = Math.Max(0, x - r); u <= Math.Min(width - 1, x + r); u++)
                    {
                        all &= mask[v * width + u] == 1;
                        any |= mask[v * width + u] == 1;
                    }
                }
                result[y * width + x] = (erode ? all : any) ? 1 : 0;
            }
        }
        return result;
    }
}
