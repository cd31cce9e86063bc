using Lwg.MLNet.Networks;
using Lwg.MLNet.Tests.Networks;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

[TestClass]
public class FeatureWarpTests
{
    // When T is shrunk, its sampling positions have rounding errors of about 4e-6 pixels in both implementations. This T is noise: it
    // differs by up to 3 from pixel to pixel, which is 48 pixels of the largest features, and those differ by up to 2: 4e-4, plus the
    // error of the sampling. A wrong formula gives errors of the order of 1.
    private const double Tolerance = 1e-3;

    [TestMethod]
    [DataRow(32, 32, false)]
    [DataRow(32, 16, true)]
    [DataRow(32, 16, false)]
    [DataRow(40, 10, true)]
    [DataRow(64, 8, false)]
    public void ItAgreesWithOnnxResizeAndGridSample(int size, int side, bool alignCorners)
    {
        const int Channels = 5;
        var random = new Random(size + side);
        float[] features = Noise(random, Channels * side * side, 1), others = Noise(random, Channels * side * side, 1);
        // A third of the points has no source, and some are outside the picture.
        float[] flow = Noise(random, 2 * size * size, 1.2f);
        for (int i = 0; i < flow.Length / 2; i += 3)
            flow[2 * i] = flow[2 * i + 1] = -2;

        var g = new GraphBuilder("warp");
        GraphValue x = g.Input("x", -1, Channels, -1, -1), points = g.Transpose(g.Input("T", -1, -1, -1, 2), 0, 3, 1, 2);
        g.Output(g.GridSample(x, g.Transpose(g.ResizeAligned(points, side / (float)size), 0, 2, 3, 1), alignCorners), "y", -1, Channels, -1,
            -1);
        NetworkGraph graph = g.Build();
        float[] Onnx(float[] values) =>
            OnnxRun.Compute(graph, FormulaWeights.For(graph), [("x", values, [1, Channels, side, side]), ("T", flow, [1, size, size, 2])],
            [("y", [1, Channels, side, side])])["y"];
        float[] expected = Onnx(features), second = Onnx(others);

        var warp = new FeatureWarp(side, alignCorners);
        float[] sum = new float[expected.Length];
        // The state of an earlier T must have no effect.
        warp.Locate(Noise(random, 2 * size * size, 1));
        warp.Locate(flow);
        warp.Add(features, sum);
        Fixture.AreClose(expected, sum, Tolerance, "one source");
        warp.Add(others, sum);
        Fixture.AreClose([.. expected.Zip(second, (a, b) => a + b)], sum, Tolerance, "two sources");
    }

    [TestMethod]
    public void PixelsWithoutASourceAddNothing()
    {
        var warp = new FeatureWarp(8, alignCorners: true);
        float[] flow = new float[2 * 16 * 16], sum = new float[64];
        Array.Fill(flow, -2);
        flow[10] = float.NaN;
        warp.Locate(flow);
        warp.Add(Noise(new Random(1), 64, 1), sum);
        Assert.IsTrue(sum.All(v => v == 0));
    }

    [TestMethod]
    public void WrongSizesAreRefused()
    {
        var warp = new FeatureWarp(8, alignCorners: true);
        Assert.ThrowsExactly<ArgumentException>(() => warp.Locate(new float[2 * 15]));
        Assert.ThrowsExactly<ArgumentException>(() => warp.Add(new float[64], new float[65]));
        Assert.ThrowsExactly<ArgumentException>(() => warp.Add(new float[60], new float[60]));
    }

    private static float[] Noise(Random random, int count, float scale) =>
        [.. Enumerable.Range(0, count).Select(_ => scale * (2 * random.NextSingle() - 1))];
}
