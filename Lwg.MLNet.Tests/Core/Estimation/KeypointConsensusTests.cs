using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Tests the mean of several estimates with closed forms.</summary>
[TestClass]
public sealed class KeypointConsensusTests
{
    private const int Side = 100;

    private static readonly CropTransform s_same = SquareCrop.AroundBox(0, 0, Side, Side, Side, margin: 0);

    [TestMethod]
    public void OneEstimateIsItsOwnMean()
    {
        var consensus = new KeypointConsensus();
        float[] points = Points(0), result = Points(50);
        consensus.Add(points, s_same);
        Assert.AreEqual(0, consensus.Combine(result, 0.2f));
        AreNear(points, result);
    }

    [TestMethod]
    public void AMirroredEstimateIsMirroredBack()
    {
        var consensus = new KeypointConsensus();
        float[] points = Points(0), mirrored = new float[points.Length];
        for (int k = 0; k < 17; k++)
        {
            int from = 3 * CocoSkeleton.Mirror[k];
            (mirrored[3 * k], mirrored[3 * k + 1], mirrored[3 * k + 2]) = (Side - points[from], points[from + 1], points[from + 2]);
        }
        consensus.Add(points, s_same);
        consensus.Add(mirrored, s_same, Side);
        float[] result = Points(50);
        Assert.AreEqual(0, consensus.Combine(result, 0.2f), 1e-5f);
        AreNear(points, result);
    }

    [TestMethod]
    public void TheSpreadIsTheMeanDistanceOfTwoEstimates()
    {
        var consensus = new KeypointConsensus();
        // An earlier person is forgotten.
        consensus.Add(Points(77), s_same);
        consensus.Clear();
        consensus.Add(Points(0), s_same);
        float[] moved = Points(0);
        for (int k = 0; k < moved.Length; k += 3)
            moved[k] += 6;
        consensus.Add(moved, s_same);
        float[] result = Points(0);
        // The points reach from 0 to 64 in y, and all of them are 6 apart. Those below the least confidence count in neither.
        Assert.AreEqual(6f / 64, consensus.Combine(result, 0.2f), 1e-5f);
        Assert.AreEqual(3, result[0] - Points(0)[0], 1e-5f);
        result = Points(0);
        for (int k = 9; k < 17; k++)
            result[3 * k + 2] = 0.1f;
        Assert.AreEqual(6f / 32, consensus.Combine(result, 0.2f), 1e-5f);
    }

    // The pixels of the square of half the side are half as large, so its estimate has four fifths of the weight.
    [TestMethod]
    public void AnEstimateOnASmallerSquareCountsMore()
    {
        var consensus = new KeypointConsensus();
        consensus.Add(Points(0), s_same);
        CropTransform half = SquareCrop.AroundBox(20, 30, 20 + Side / 2, 30 + Side / 2, Side, margin: 0);
        consensus.Add(Points(0), half);
        float[] result = Points(0);
        consensus.Combine(result, 0.2f);
        for (int k = 0; k < 17; k++)
        {
            (float x, float y) = (Points(0)[3 * k], Points(0)[3 * k + 1]);
            Assert.AreEqual(0.2f * x + 0.8f * (20 + x / 2), result[3 * k], 1e-4f);
            Assert.AreEqual(0.2f * y + 0.8f * (30 + y / 2), result[3 * k + 1], 1e-4f);
        }
    }

    private static float[] Points(float shift)
    {
        float[] points = new float[51];
        for (int k = 0; k < 17; k++)
            (points[3 * k], points[3 * k + 1], points[3 * k + 2]) = (10 + 2 * (k % 5) + shift, 4 * k + shift, 0.9f);
        return points;
    }

    private static void AreNear(float[] expected, float[] found)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], found[i], 1e-4f);
    }
}
