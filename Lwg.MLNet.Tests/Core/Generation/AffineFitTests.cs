using Lwg.MLNet.Composition;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Compares the fitted affine map of points with the map that moved them.</summary>
[TestClass]
public sealed class AffineFitTests
{
    private static readonly PlaneAffine s_map = new(1.1, -0.3, 0.2, 0.25, 0.9, -0.4);

    [TestMethod]
    public void TheMapThatMovedThePointsIsFound()
    {
        var fit = new AffineFit();
        // The offsets of the points sum to zero and are not correlated with the positions.
        foreach ((float x, float y, float off) in ((float, float, float)[])[(0, 0, 0.1f), (1, 0, -0.1f), (0, 1, -0.1f), (1, 1, 0.1f)])
        {
            (float u, float v) = s_map.Apply(x, y);
            fit.Add(x, y, u + off, v - off);
        }
        PlaneAffine found = fit.Solve() ?? throw new AssertFailedException("No map.");
        foreach ((double wanted, double made) in ((double, double)[])[(s_map.A, found.A), (s_map.B, found.B), (s_map.C, found.C),
            (s_map.D, found.D), (s_map.E, found.E), (s_map.F, found.F)])
            Assert.AreEqual(wanted, made, 1e-5);
        (float bx, float by) = found.Inverse().Apply(found.Apply(0.3f, 0.7f).X, found.Apply(0.3f, 0.7f).Y);
        Assert.AreEqual(0.3f, bx, 1e-5f);
        Assert.AreEqual(0.7f, by, 1e-5f);
    }

    [TestMethod]
    public void PointsOnALineAndMirroredPointsGiveNoMap()
    {
        var line = new AffineFit();
        for (int k = 0; k < 5; k++)
            line.Add(k, 2 * k, k, k);
        Assert.IsNull(line.Solve());
        var mirrored = new AffineFit();
        foreach ((int x, int y) in ((int, int)[])[(0, 0), (1, 0), (0, 1)])
            mirrored.Add(x, y, -x, y);
        Assert.IsNull(mirrored.Solve());
        Assert.IsNull(new AffineFit().Solve());
    }
}
