using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Tests.Imaging;

[TestClass]
public sealed class PlaneResizerTests
{
    [TestMethod]
    public void TheSameSizeGivesTheSamePicture()
    {
        float[] picture = [.. Enumerable.Range(0, 3 * 9 * 9).Select(i => MathF.Sin(i))], result = new float[picture.Length];
        new PlaneResizer(9, 9).Run(picture, result);
        CollectionAssert.AreEqual(picture, result);
    }

    [TestMethod]
    [DataRow(8, 20)]
    [DataRow(20, 8)]
    public void ASlopeStaysASlope(int from, int to)
    {
        // Keys' cubic reproduces straight lines; near the edges the edge pixels are repeated, so only the middle is straight.
        float[] picture = [.. Enumerable.Range(0, 3 * from * from).Select(i => Slope(i % from, from))], result = new float[3 * to * to];
        new PlaneResizer(from, to).Run(picture, result);
        for (int i = 0; i < result.Length; i++)
        {
            if (i % to >= to / 3 && i % to < to - to / 3)
                Assert.AreEqual(Slope(i % to, to), result[i], 1e-3, "a widened filter's taps do not fall evenly");
        }
    }

    private static float Slope(int x, int size) => (x + 0.5f) / size - 0.5f;
}
