using Lwg.MLNet.Backgrounds;

namespace Lwg.MLNet.Tests.Backgrounds;

/// <summary>Tests which margins of a picture are excluded from copying.</summary>
[TestClass]
public sealed class PictureMarginsTests
{
    private const int Size = 64, Plane = Size * Size;

    private static readonly float[] s_noise = MakeNoise();

    [TestMethod]
    public void BarsAreMargins()
    {
        // White for ten columns on the left, black for six rows at the bottom.
        float[] image = Picture((x, y, c) => y >= 58 ? -1 : x < 10 ? 1 : s_noise[c * Plane + y * Size + x]);
        float[] hidden = new float[Plane];
        PictureMargins.Hide(image, new float[Plane], Size, hidden);
        for (int i = 0; i < Plane; i++)
        {
            (int x, int y) = (i % Size, i / Size);
            bool below = y >= 59, surelyNot = x > 11 && y < 56;
            if (below || surelyNot)
                Assert.AreEqual(below ? 1 : 0, hidden[i], $"{x}, {y}");
        }
        // The corner where both bars meet breaks the left one: without the bottom bar, the left one is found.
        image = Picture((x, y, c) => x < 10 ? 1 : s_noise[c * Plane + y * Size + x]);
        Array.Clear(hidden);
        PictureMargins.Hide(image, new float[Plane], Size, hidden);
        Assert.IsTrue(Enumerable.Range(0, Plane).All(i => hidden[i] == (i % Size < 10 ? 1 : 0)));
    }

    // A course of bricks also spans the picture, but must be available for copying.
    [TestMethod]
    public void ARowOfBricksIsNotAMargin()
    {
        float[] hidden = new float[Plane];
        PictureMargins.Hide(Picture((x, y, _) => y % 10 == 9 || (x + y / 10 % 2 * 8) % 16 == 0 ? 0.5f : -0.3f), new float[Plane], Size,
            hidden);
        Assert.IsTrue(hidden.All(h => h == 0));
    }

    [TestMethod]
    public void APlainWallIsNotAMargin()
    {
        float[] hidden = new float[Plane];
        PictureMargins.Hide(Picture((_, y, _) => y / 64f), new float[Plane], Size, hidden);
        Assert.IsTrue(hidden.All(h => h == 0), "A wall that fades from above to below does not end anywhere.");
        PictureMargins.Hide(s_noise, new float[Plane], Size, hidden);
        Assert.IsTrue(hidden.All(h => h == 0));
    }

    // Unknown pixels neither continue nor end a margin.
    [TestMethod]
    public void TheHoleDoesNotCount()
    {
        float[] image = Picture((x, y, c) => x < 10 ? -1 : s_noise[c * Plane + y * Size + x]), hole = new float[Plane],
            hidden = new float[Plane];
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

    private static float[] Picture(Func<int, int, int, float> color) =>
        [.. Enumerable.Range(0, 3 * Plane).Select(i => color(i % Size, i / Size % Size, i / Plane))];

    private static float[] MakeNoise()
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, 3 * Plane).Select(_ => 2 * random.NextSingle() - 1)];
    }
}
