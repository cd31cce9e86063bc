using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Tests.Imaging;

/// <summary>Compares low frequencies of a part of a picture with the plain sum of the definition.</summary>
[TestClass]
public sealed class MaskedLowPassTests
{
    private const int Size = 23, Plane = Size * Size;

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void ItIsThreeBoxesOfPictureTimesMaskOverThreeOfTheMask(int radius)
    {
        var random = new Random(5);
        double[] mask = [.. Enumerable.Range(0, Plane).Select(i => i % Size < 14 ? random.NextDouble() : 0)],
            picture = [.. Enumerable.Range(0, Plane).Select(_ => 2 * random.NextDouble() - 1)];
        double[] sum = [.. mask.Zip(picture, (m, p) => m * p)], weight = mask;
        for (int pass = 0; pass < 3; pass++)
            (sum, weight) = (Box(sum, radius), Box(weight, radius));
        float[] low = new float[Plane];
        new MaskedLowPass(Size, radius).Run([.. picture.Select(p => (float)p)], [.. mask.Select(m => (float)m)], low);
        for (int i = 0; i < Plane; i++)
        {
            // In between, the sum of the weights is too near to the limit.
            if (weight[i] > 2e-3)
                Assert.AreEqual(sum[i] / weight[i], low[i], 2e-3, "float running sums against doubles, divided by at least 2e-3");
            else if (weight[i] < 5e-4)
                Assert.AreEqual((float)picture[i], low[i], "far from the mask the picture stays");
        }
    }

    [TestMethod]
    public void PixelsOutsideTheMaskDoNotBleedIn()
    {
        float[] mask = [.. Enumerable.Range(0, Plane).Select(i => i % Size < 10 ? 1f : 0)],
            picture = [.. mask.Select(m => m > 0 ? 0.25f : -1000)], low = new float[Plane];
        new MaskedLowPass(Size, 2).Run(picture, mask, low);
        for (int i = 0; i < Plane; i++)
        {
            if (mask[i] > 0)
                Assert.AreEqual(0.25, low[i], 1e-4, "a constant stays one, up to rounding");
        }
    }

    private static double[] Box(double[] map, int radius)
    {
        double[] result = new double[Plane];
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                for (int v = Math.Max(y - radius, 0); v <= Math.Min(y + radius, Size - 1); v++)
                {
                    for (int u = Math.Max(x - radius, 0); u <= Math.Min(x + radius, Size - 1); u++)
                        result[y * Size + x] += map[v * Size + u] / ((2 * radius + 1) * (2 * radius + 1));
                }
            }
        }
        return result;
    }
}
