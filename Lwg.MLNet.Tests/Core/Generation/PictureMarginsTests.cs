using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Tests.Generation;

/// <summary>Which margins of a picture are not copied from.</summary>
[TestClass]
public sealed class PictureMarginsTests
{
    private const int Size = 64, Plane = Size * Size;

    private static readonly float[] s_noise = MakeNoise();

    [TestMethod]
    public void BarsAndRepeatedEdgesAreMargins()
    {
        // White for ten columns on the left; from column 50 on each row repeats its pixel there; the top four rows repeat the fifth.
        float[] image = Picture((x, y, c) => x < 10 ? 1 : s_noise[c * Plane + Math.Max(y, 4) * Size + Math.Min(x, 50)]);
        float[] hidden = new float[Plane];
        PictureMargins.Hide(image, new float[Plane], Size, hidden);
        for (int i = 0; i < Plane; i++)
        {
            (int x, int y) = (i % Size, i / Size);
            bool surely = x < 9 || x > 51 || y < 4, surelyNot = x is > 11 and < 49 && y > 5;
            if (surely || surelyNot)
                Assert.AreEqual(surely ? 1 : 0, hidden[i], $"{x}, {y}");
        }
    }

    [TestMethod]
    public void APlainWallIsNoMargin()
    {
        float[] hidden = new float[Plane];
        PictureMargins.Hide(Picture((_, y, _) => y / 64f), new float[Plane], Size, hidden);
        Assert.IsTrue(hidden.All(h => h == 0), "A wall that fades from above to below is all that there is to copy.");
        PictureMargins.Hide(s_noise, new float[Plane], Size, hidden);
        Assert.IsTrue(hidden.All(h => h == 0));
    }

    // What is not known neither goes on nor ends a margin.
    [TestMethod]
    public void TheHoleDoesNotCount()
    {
        float[] image = Picture((x, y, c) => x < 10 ? -1 : s_noise[c * Plane + y * Size + x]), hole = new float[Plane], hidden = new float[Plane];
        for (int i = 0; i < Plane; i++)
        {
            if (i % Size is >= 5 and < 40 && i / Size is >= 20 and < 50)
                (hole[i], image[i], image[Plane + i]) = (1, 0.3f, 0.9f);
        }
        PictureMargins.Hide(image, hole, Size, hidden);
        Assert.AreEqual(1, hidden[0]);
        Assert.AreEqual(1, hidden[8]);
        Assert.AreEqual(0, hidden[12]);
    }

    private static float[] Picture(Func<int, int, int, float> color) => [.. Enumerable.Range(0, 3 * Plane).Select(i => color(i % Size, i / Size % Size, i / Plane))];

    private static float[] MakeNoise()
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, 3 * Plane).Select(_ => 2 * random.NextSingle() - 1)];
    }
}
