using Lwg.MLNet.Composition;

namespace Lwg.MLNet.Tests.Composition;

[TestClass]
public class FrontWarpTests
{
    private const int Size = 9, Plane = Size * Size;

    [TestMethod]
    public void BlendUsesTheWarpOnTheFace() =>
        Check(FrontWarp.Blend, (picture, f, mask, warped) => picture + f * (1 - mask) * (warped - picture));

    [TestMethod]
    public void AsPublishedIsTheAuthorsFormula() =>
        Check(FrontWarp.BlendAsPublished, (picture, f, mask, warped) => (1 - f) * picture + f * (1 - mask) * warped);

    [TestMethod]
    public void WrongLengthsAreRefused()
    {
        var result = new TransferResult(Size);
        Assert.ThrowsExactly<ArgumentException>(() => FrontWarp.Blend(result, new float[Plane - 1], new float[3 * Plane]));
        Assert.ThrowsExactly<ArgumentException>(() => FrontWarp.BlendAsPublished(result, new float[Plane], new float[Plane]));
        Assert.ThrowsExactly<ArgumentNullException>(() => FrontWarp.Blend(null!, new float[Plane], new float[3 * Plane]));
    }

    private delegate void Composition(TransferResult result, ReadOnlySpan<float> front, ReadOnlySpan<float> warped);

    private static void Check(Composition compose, Func<double, double, double, double, double> formula)
    {
        var random = new Random(6);
        var result = new TransferResult(Size);
        float[] warped = Numbers(3 * Plane, -1), front = [.. Numbers(Plane, 0).Select((x, i) => i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : x)];
        Numbers(3 * Plane, -1).CopyTo(result.Image, 0);
        Numbers(Plane, 0).CopyTo(result.Mask, 0);
        float[] before = [.. result.Image], mask = [.. result.Mask];
        compose(result, front, warped);
        for (int i = 0; i < before.Length; i++)
        {
            if (front[i % Plane] == 0)
                Assert.AreEqual(before[i], result.Image[i], "where there is no face nothing changes");
            // A few roundings of values of at most 2.
            Assert.AreEqual(formula(before[i], front[i % Plane], mask[i % Plane], warped[i]), result.Image[i], 1e-6);
        }
        Assert.IsTrue(mask.AsSpan().SequenceEqual(result.Mask), "the mask stays");

        float[] Numbers(int count, float low) => [.. Enumerable.Range(0, count).Select(_ => low + (1 - low) * random.NextSingle())];
    }
}
