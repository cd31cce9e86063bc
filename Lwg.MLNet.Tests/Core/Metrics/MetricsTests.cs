using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Tests.Metrics;

[TestClass]
public class MetricsTests
{
    [TestMethod]
    public void ErrorsOfKnownDifferencesAreExact()
    {
        float[] a = new float[3 * 20], b = new float[3 * 20];
        for (int i = 0; i < b.Length; i++)
            b[i] = i < 20 ? 0.5f : i < 40 ? -0.25f : 0;
        // Exact in binary: differences 1/2, -1/4 and 0 in the three channels.
        Assert.AreEqual(0.25, PictureError.MeanAbsolute(a, b));
        Assert.AreEqual((0.25 + 0.0625) / 3, PictureError.MeanSquared(a, b), 1e-15);
        Assert.AreEqual(10 * Math.Log10(4 * 3 / 0.3125), PictureError.PeakSignalToNoise(a, b), 1e-12);
    }

    [TestMethod]
    public void PeakSignalToNoiseIsThatOf8BitNumbers()
    {
        float[] black = Filled(-1), white = Filled(1);
        Assert.AreEqual(0, PictureError.PeakSignalToNoise(black, white), 1e-12);
        Assert.AreEqual(double.PositiveInfinity, PictureError.PeakSignalToNoise(white, white));
        // A difference of one grey level of 255 everywhere is 20 log10 255 = 48.13 dB.
        Assert.AreEqual(20 * Math.Log10(255), PictureError.PeakSignalToNoise(black, Filled(-1 + 2 / 255f)), 1e-4);
    }

    [TestMethod]
    public void OnlyPixelsOfTheMaskCount()
    {
        float[] a = new float[12], b = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], first = [1, 0, 0, 0], rest = [0, 1, 1, 1],
            half = [0.5f, 0.51f, 0, 0];
        Assert.AreEqual(1, PictureError.MeanAbsolute(a, b, first));
        Assert.AreEqual(0, PictureError.MeanAbsolute(a, b, rest));
        Assert.AreEqual(0, PictureError.MeanSquared(a, b, half));
        Assert.AreEqual(0.25, PictureError.MeanAbsolute(a, b));
    }

    [TestMethod]
    public void OverlapIsIntersectionOverUnion()
    {
        Assert.AreEqual(1.0 / 3, MaskOverlap.IntersectionOverUnion([1, 1, 0, 0], [0, 1, 1, 0]));
        Assert.AreEqual(1, MaskOverlap.IntersectionOverUnion([0, 0.4f], [0.5f, 0]), "both empty");
        Assert.AreEqual(0, MaskOverlap.IntersectionOverUnion([1, 0], [0, 1]));
        Assert.AreEqual(1, MaskOverlap.IntersectionOverUnion([0.6f, 0], [1, 0.2f]));
        Assert.ThrowsExactly<ArgumentException>(() => MaskOverlap.IntersectionOverUnion([1], [1, 0]));
    }

    // Constant pictures have no variance: SSIM is its luminance term, (2 a b + C1) / (a a + b b + C1) of 8-bit values.
    [TestMethod]
    [DataRow(0, 255)]
    [DataRow(51, 102)]
    [DataRow(200, 201)]
    public void SimilarityOfConstantsIsTheLuminanceTerm(int a, int b)
    {
        const double c1 = 2.55 * 2.55;
        double expected = (2.0 * a * b + c1) / ((double)a * a + (double)b * b + c1);
        // 8-bit values in [-1,1] as singles have errors of at most 2^-25, times 255.
        Assert.AreEqual(expected, StructuralSimilarity.Mean(Filled(a / 127.5f - 1), Filled(b / 127.5f - 1), 12, 13), 1e-5);
    }

    [TestMethod]
    public void SimilarityFollowsItsDefinition()
    {
        const int height = 17, width = 14;
        var random = new Random(5);
        float[] a = [.. Enumerable.Range(0, 3 * height * width).Select(_ => 2 * random.NextSingle() - 1)],
            b = [.. a.Select(x => Math.Clamp(x + 0.4f * (random.NextSingle() - 0.5f), -1, 1))];
        float[] within = [.. Enumerable.Range(0, height * width).Select(i => i % 3 == 0 ? 1f : 0)];
        Assert.AreEqual(Plain(a, b, height, width, _ => true), StructuralSimilarity.Mean(a, b, height, width), 1e-9);
        Assert.AreEqual(Plain(a, b, height, width, i => within[i] == 1), StructuralSimilarity.Mean(a, b, height, width, within), 1e-9);
        Assert.AreEqual(StructuralSimilarity.Mean(b, a, height, width), StructuralSimilarity.Mean(a, b, height, width), 1e-12, "symmetric");
        Assert.AreEqual(1, StructuralSimilarity.Mean(a, a, height, width), 1e-12, "equal pictures");
        Assert.IsLessThan(0, StructuralSimilarity.Mean(a, [.. a.Select(x => -x)], height, width), "the negative");
    }

    [TestMethod]
    public void InvalidInputIsRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => PictureError.MeanAbsolute(new float[12], new float[9]));
        Assert.ThrowsExactly<ArgumentException>(() => PictureError.MeanAbsolute([], []));
        Assert.ThrowsExactly<ArgumentException>(() => PictureError.MeanSquared(new float[12], new float[12], new float[3]));
        Assert.ThrowsExactly<ArgumentException>(() =>
            PictureError.MeanSquared(new float[12], new float[12], new float[4]), "an empty mask");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => StructuralSimilarity.Mean(new float[330], new float[330], 10, 11));
        Assert.ThrowsExactly<ArgumentException>(() => StructuralSimilarity.Mean(new float[363], new float[360], 11, 11));
        float[] corner = new float[121];
        corner[0] = 1;
        Assert.ThrowsExactly<ArgumentException>(() =>
            StructuralSimilarity.Mean(new float[363], new float[363], 11, 11, corner), "no centre of a window");
    }

    private static float[] Filled(float value) => [.. Enumerable.Repeat(value, 3 * 12 * 13)];

    /// <summary>Computes SSIM window by window in two dimensions, with moments about the means.</summary>
    private static double Plain(float[] a, float[] b, int height, int width, Func<int, bool> counts)
    {
        var index = new List<double>();
        for (int c = 0; c < 3; c++)
        {
            for (int y = 5; y < height - 5; y++)
            {
                for (int x = 5; x < width - 5; x++)
                {
                    if (!counts(y * width + x))
                        continue;
                    var window = new List<(double W, double A, double B)>();
                    for (int v = -5; v <= 5; v++)
                    {
                        for (int u = -5; u <= 5; u++)
                        {
                            int i = (c * height + y + v) * width + x + u;
                            window.Add((Math.Exp(-(u * u + v * v) / 4.5), (a[i] + 1) * 127.5, (b[i] + 1) * 127.5));
                        }
                    }
                    double all = window.Sum(p => p.W), meanA = window.Sum(p => p.W * p.A) / all, meanB = window.Sum(p => p.W * p.B) / all;
                    double varianceA = window.Sum(p => p.W * (p.A - meanA) * (p.A - meanA)) / all,
                        varianceB = window.Sum(p => p.W * (p.B - meanB) * (p.B - meanB)) / all;
                    double covariance = window.Sum(p => p.W * (p.A - meanA) * (p.B - meanB)) / all;
                    const double c1 = 2.55 * 2.55, c2 = 7.65 * 7.65;
                    index.Add((2 * meanA * meanB + c1)
                        * (2 * covariance + c2) / ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2)));
                }
            }
        }
        return index.Average();
    }
}
