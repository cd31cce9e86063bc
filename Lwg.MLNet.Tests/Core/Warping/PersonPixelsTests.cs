using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

/// <summary>Tests which pixels may count as the person.</summary>
[TestClass]
public sealed class PersonPixelsTests
{
    private const int S = 32;

    [TestMethod]
    public void NoPixelBesideThePersonIsLeftAndThinPartsStay()
    {
        // The body is a block; the person is a smaller block with a finger one pixel thick, and a separate other person is nearer to the
        // body's right side.
        float[] mask = Map((x, y) => x is >= 8 and < 18 && y is >= 8 and < 24 || y == 15 && x is >= 18 and < 22 || x is >= 27 and < 31);
        int[] body = Body((x, y) => x is >= 6 and < 25 && y is >= 8 and < 24);
        var pixels = new PersonPixels(S);
        Assert.IsFalse(pixels.Take(mask, Body((x, y) => x < 31)), "Less than 60 % of the body is in the mask.");
        Assert.IsFalse(pixels.Take(new float[S * S], body));
        Assert.IsFalse(pixels.Take([], body));
        Assert.IsFalse(pixels.Take(mask, Body((_, _) => false)), "No body.");
        body = Body((x, y) => x is >= 6 and < 20 && y is >= 8 and < 24);
        Assert.IsTrue(pixels.Take(mask, body));
        for (int i = 0; i < S * S; i++)
        {
            (int x, int y) = (pixels.Nearest[i] % S, pixels.Nearest[i] / S);
            bool core = x is >= 9 and < 17 && y is >= 9 and < 23, finger = y == 15 && x is >= 18 and < 22;
            Assert.IsTrue(core || finger, $"Pixel {i % S}, {i / S} is read from {x}, {y}: the rim and the other person lend nothing.");
        }
        Assert.AreEqual(15 * S + 21, pixels.Nearest[15 * S + 21], "The end of the finger stays.");
        Assert.AreEqual(12 * S + 12, pixels.Nearest[12 * S + 12], "So does what is well inside.");

        float[] condition = new float[3 * S * S];
        for (int i = 0; i < S * S; i++)
            condition[2 * S * S + i] = body[i] < 0 ? 1 : 0;
        var same = new PersonPixels(S);
        Assert.IsTrue(same.TakeCondition(mask, condition));
        Assert.IsTrue(pixels.Nearest.SequenceEqual(same.Nearest));
    }

    private static float[] Map(Func<int, int, bool> inside) => [.. Enumerable.Range(0, S * S).Select(i => inside(i % S, i / S) ? 1f : 0)];

    private static int[] Body(Func<int, int, bool> inside) => [.. Enumerable.Range(0, S * S).Select(i => inside(i % S, i / S) ? 0 : -1)];
}
