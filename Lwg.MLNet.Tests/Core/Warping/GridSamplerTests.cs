using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

[TestClass]
[TestCategory(ScalarHardwareTests.Category)]
public class GridSamplerTests
{
    [TestMethod]
    [DataRow(1, 1, 1)]
    [DataRow(3, 1, 9)]
    [DataRow(3, 9, 1)]
    [DataRow(2, 2, 2)]
    [DataRow(3, 17, 32)]
    [DataRow(1, 33, 20)]
    public void ItAgreesWithDoublePrecision(int channels, int height, int width)
    {
        var random = new Random(channels * 1000 + height * 100 + width);
        float[] picture = [.. Enumerable.Range(0, channels * height * width).Select(_ => 2 * random.NextSingle() - 1)];
        foreach (bool alignCorners in (bool[])[false, true])
        {
            float[] flow = Points(random, height, width);
            int n = flow.Length / 2;
            var result = new float[channels * n];
            result.AsSpan().Fill(7);
            GridSampler.Sample(picture, channels, height, width, flow, alignCorners, result);
            for (int c = 0; c < channels; c++)
            {
                for (int i = 0; i < n; i++)
                {
                    // A position rounds by at most 4e-6 pixels here (width 33, 2^-23), and neighbours differ by at most 2.
                    Assert.AreEqual(Sample(picture, c, height, width, flow[2 * i], flow[2 * i + 1], alignCorners), result[c * n + i], 2e-5,
                        $"channel {c} at ({flow[2 * i]}, {flow[2 * i + 1]}), align corners {alignCorners}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(5, 8)]
    [DataRow(64, 64)]
    public void TheIdentityGridGivesThePictureBack(int height, int width)
    {
        var random = new Random(3);
        float[] picture = [.. Enumerable.Range(0, 3 * height * width).Select(_ => 2 * random.NextSingle() - 1)];
        foreach (bool alignCorners in (bool[])[false, true])
        {
            var flow = new float[2 * height * width];
            for (int p = 0; p < height * width; p++)
            {
                flow[2 * p] = At(p % width, width);
                flow[2 * p + 1] = At(p / width, height);
            }
            var result = new float[picture.Length];
            GridSampler.Sample(picture, 3, height, width, flow, alignCorners, result);
            Fixture.AreClose(picture, result, 2e-5, $"align corners {alignCorners}");

            float At(int i, int size) => !alignCorners ? (2 * i + 1 - size) / (float)size : size == 1 ? 0 : -1 + 2f * i / (size - 1);
        }
    }

    [TestMethod]
    [DataRow(float.NaN, 0f)]
    [DataRow(0f, float.NaN)]
    [DataRow(float.PositiveInfinity, 0f)]
    [DataRow(0f, float.NegativeInfinity)]
    [DataRow(1e30f, 0f)]
    [DataRow(-2f, -2f)]
    [DataRow(0f, 1.8f)]
    public void OutsideOfThePictureIsZero(float x, float y)
    {
        float[] picture = [.. Enumerable.Repeat(1f, 2 * 4 * 4)];
        var result = new float[2 * 9];
        foreach (bool alignCorners in (bool[])[false, true])
        {
            // Nine points, to test the vectorized path too.
            float[] flow = [.. Enumerable.Range(0, 9).SelectMany(_ => (float[])[x, y])];
            result.AsSpan().Fill(7);
            GridSampler.Sample(picture, 2, 4, 4, flow, alignCorners, result);
            Assert.IsTrue(result.All(v => v == 0), $"({x}, {y}), align corners {alignCorners}");
        }
    }

    [TestMethod]
    public void BorderPixelsFadeIntoZeroOutside()
    {
        // One row of ones: half a pixel outside of the first centre, the value is half.
        float[] picture = [1, 1, 1, 1];
        var result = new float[2];
        GridSampler.Sample(picture, 1, 1, 4, [-1, 0, 1, 0], alignCorners: false, result);
        Fixture.AreClose([0.5f, 0.5f], result, 0, "outer edges");
        GridSampler.Sample(picture, 1, 1, 4, [-1, 0, 1, 0], alignCorners: true, result);
        Fixture.AreClose([1, 1], result, 0, "outer centres");
    }

    [TestMethod]
    public void SamplingAllocatesNothingAndWrongSizesAreRefused()
    {
        float[] picture = new float[27], flow = new float[20], result = new float[30];
        GridSampler.Sample(picture, 3, 3, 3, flow, false, result);
        long before = GC.GetAllocatedBytesForCurrentThread();
        GridSampler.Sample(picture, 3, 3, 3, flow, true, result);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.ThrowsExactly<ArgumentException>(() => GridSampler.Sample(new float[26], 3, 3, 3, flow, true, result));
        Assert.ThrowsExactly<ArgumentException>(() => GridSampler.Sample(picture, 3, 3, 3, flow, true, new float[29]));
    }

    private static float[] Points(Random random, int height, int width)
    {
        var points = new List<float>();
        for (int i = 0; i < 400; i++)
            points.AddRange([2.6f * random.NextSingle() - 1.3f, 2.6f * random.NextSingle() - 1.3f]);
        // On pixel centres and edges, inside and just outside, in both conventions.
        for (int i = 0; i < 200; i++)
            points.AddRange([At(width), At(height)]);
        points.AddRange([-1, -1, 1, 1, -1, 1, 1, -1, 0, 0, float.NaN, 0, 0, float.NaN, 1e9f, -1e9f, -2, -2]);
        return [.. points];

        float At(int size)
        {
            int i = random.Next(-2, size + 2);
            return random.Next(3) switch { 0 => (2 * i + 1 - size) / (float)size, 1 => 2f * i / size - 1, _ =>
                size == 1 ? 0 : 2f * i / (size - 1) - 1 };
        }
    }

    // Samples by the definition: bilinear between the four neighbours, with zero outside.
    private static double Sample(float[] picture, int channel, int height, int width, double u, double v, bool alignCorners)
    {
        double x = alignCorners ? (u + 1) / 2 * (width - 1) : ((u + 1) * width - 1) / 2, y = alignCorners ? (v + 1) / 2 * (height - 1)
            : ((v + 1) * height - 1) / 2;
        double sum = 0;
        for (int r = 0; r < height; r++)
        {
            for (int c = 0; c < width; c++)
            {
                double weight = Math.Max(0, 1 - Math.Abs(x - c)) * Math.Max(0, 1 - Math.Abs(y - r));
                if (weight > 0)
                    sum += weight * picture[(channel * height + r) * width + c];
            }
        }
        return sum;
    }
}
