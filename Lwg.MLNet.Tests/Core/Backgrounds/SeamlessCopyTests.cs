using Lwg.MLNet.Backgrounds;

namespace Lwg.MLNet.Tests.Backgrounds;

/// <summary>Tests copying without seams, and fills that match their surroundings.</summary>
[TestClass]
public sealed class SeamlessCopyTests
{
    private const int Size = 64, Plane = Size * Size;

    // The picture is a slope; its hole is copied from two places whose brightness differs by a half. The differences between neighbours
    // are the slope's in both, so the result is the slope itself, without a step where the places meet.
    [TestMethod]
    public void TwoPlacesOfDifferentBrightnessMeetWithoutAStep()
    {
        float[] slope = Slope(), hole = Hole(24, 40), guess = [.. slope];
        for (int i = 0; i < Plane; i++)
        {
            for (int c = 0; c < 3; c++)
                guess[c * Plane + i] += hole[i] == 0 ? 0 : i % Size < 32 ? 0.25f : -0.25f;
        }
        int[] offsets = [.. Enumerable.Range(0, Plane).Select(i => i % Size < 32 ? -20 * Size : 20 * Size)];
        float[] plate = [.. guess];
        SeamlessCopy.Fill(PatchPicture.Of(slope, hole, hole, Size), offsets, plate);
        double worst = 0, before = 0;
        for (int i = 0; i < Plane; i++)
        {
            if (hole[i] == 0)
            {
                Assert.AreEqual(slope[i], plate[i], "outside the hole");
                continue;
            }
            // The step where both places meet, against the slope's own step of 1/64.
            if (i % Size == 32)
                (worst, before) = (Math.Max(worst, Math.Abs(plate[i] - plate[i - 1] - 1f / Size)), Math.Max(before,
                    Math.Abs(guess[i] - guess[i - 1] - 1f / Size)));
        }
        // The guess pulls with a weight of 0.01 of its half; a byte is 0.008.
        Assert.IsGreaterThan(0.4, before);
        Assert.IsLessThan(0.04, worst);
    }

    // The fill is brighter than the picture by 0.3: at the edge it becomes equal, and deep inside it stays.
    [TestMethod]
    public void AFillFadesToTheBrightnessAround()
    {
        float[] image = new float[3 * Plane], hole = Hole(12, 52), plate = [.. Enumerable.Range(0, 3 * Plane).Select(i =>
            hole[i % Plane] == 0 ? 0 : 0.3f)];
        EdgeMatch.Apply(image, hole, Size, plate);
        Assert.AreEqual(0, plate[32 * Size + 12], 1e-6f, "beside the edge");
        float[] row = [.. Enumerable.Range(12, 20).Select(x => plate[32 * Size + x])];
        for (int k = 1; k < row.Length; k++)
            Assert.IsTrue(row[k] >= row[k - 1] - 1e-6f, "away from the edge the fill stays more and more as it was");
        Assert.IsGreaterThan(0.27f, row[^1]);
        Assert.IsTrue(Enumerable.Range(0, Plane).All(i => hole[i] != 0 || plate[i] == 0));
    }

    [TestMethod]
    public void AStrandBesideTheHoleHasNoEffect()
    {
        float[] image = new float[3 * Plane], hole = Hole(16, 48), plate = new float[3 * Plane];
        for (int c = 0; c < 3; c++)
            image[c * Plane + 30 * Size + 15] = plate[c * Plane + 30 * Size + 15] = -1;
        EdgeMatch.Apply(image, hole, Size, plate);
        Assert.IsTrue(Enumerable.Range(0, Plane).All(i => hole[i] == 0 || plate[i] == 0));
    }

    [TestMethod]
    public void AHoleWithoutSurroundingsStaysAsItIs()
    {
        float[] hole = [.. Enumerable.Repeat(1f, Plane)], plate = [.. Enumerable.Repeat(0.25f, 3 * Plane)];
        EdgeMatch.Apply(new float[3 * Plane], hole, Size, plate);
        Assert.IsTrue(plate.All(v => v == 0.25f));
    }

    private static float[] Slope() => [.. Enumerable.Range(0, 3 * Plane).Select(i => i % Size / (float)Size - 0.5f)];

    private static float[] Hole(int from, int to) => [.. Enumerable.Range(0, Plane).Select(i =>
        i % Size >= from && i % Size < to && i / Size >= from && i / Size < to ? 1f : 0)];
}
