using Lwg.MLNet.Backgrounds;

namespace Lwg.MLNet.Tests.Backgrounds;

[TestClass]
public class BackgroundPlateTests
{
    private const int Size = 64, Plane = Size * Size;

    public static IEnumerable<object[]> Holes =>
        ((string[])["person", "left border", "bottom", "whole rows", "one pixel", "all but one"]).Select(h => new object[] { h });

    [TestMethod]
    [DynamicData(nameof(Holes))]
    public void AConstantBackgroundIsReproduced(string hole)
    {
        float[] picture = [.. Enumerable.Range(0, 3 * Plane).Select(i => new[] { 0.3f, -0.7f, 0.1f }[i / Plane])], mask = Hole(hole);
        float[] plate = Fill(Spoilt(picture, mask), mask);
        // Averages of equal values differ only by rounding.
        Fixture.AreClose(picture, plate, 1e-5, hole);
    }

    // A hole with known pixels on both sides is filled by a straight line. Bridges start from the mean of four pixels (1.5 pixels off,
    // 0.047 here).
    [TestMethod]
    public void AHorizontalRampIsReproduced()
    {
        float[] picture = Ramp(x: 2f / Size, y: 0), mask = Hole("person"), plate = Fill(Spoilt(picture, mask), mask);
        double most = picture.Zip(plate, (a, b) => Math.Abs(a - b)).Max();
        Assert.IsLessThan(0.06, most);
    }

    // Horizontal lines continue behind the person: rows are bridged separately.
    [TestMethod]
    public void AVerticalRampIsReproduced()
    {
        float[] picture = Ramp(x: 0, y: 2f / Size), mask = Hole("person"), plate = Fill(Spoilt(picture, mask), mask);
        Assert.IsLessThan(0.06, picture.Zip(plate, (a, b) => Math.Abs(a - b)).Max());
    }

    [TestMethod]
    [DynamicData(nameof(Holes))]
    public void KnownPixelsAreUntouchedAndTheOthersWithinTheirRange(string hole)
    {
        var random = new Random(4);
        float[] picture = [.. Enumerable.Range(0, 3 * Plane).Select(_ => 2 * random.NextSingle() - 1)], mask = Hole(hole);
        float[] plate = Fill(Spoilt(picture, mask), mask), spread = new float[3 * Plane];
        BackgroundPlate.Spread(Spoilt(picture, mask), mask, Size, spread);
        for (int c = 0; c < 3; c++)
        {
            float[] known = [.. Enumerable.Range(0, Plane).Where(i => mask[i] == 0).Select(i => picture[c * Plane + i])];
            float low = known.Min() - 1e-5f, high = known.Max() + 1e-5f;
            for (int i = 0; i < Plane; i++)
            {
                foreach (float value in (float[])[plate[c * Plane + i], spread[c * Plane + i]])
                {
                    if (mask[i] == 0)
                        Assert.AreEqual(BitConverter.SingleToInt32Bits(picture[c * Plane + i]), BitConverter.SingleToInt32Bits(value),
                            $"pixel {i}");
                    else
                        Assert.IsTrue(value >= low && value <= high, $"pixel {i}: {value} is not within {low} and {high}");
                }
            }
        }
    }

    [TestMethod]
    public void AFullHoleGivesZeroAndNoHoleGivesThePicture()
    {
        float[] picture = Ramp(2f / Size, 0), all = [.. Enumerable.Repeat(1f, Plane)];
        Assert.IsTrue(Fill(picture, all).All(x => x == 0));
        Assert.IsTrue(Fill(picture, new float[Plane]).AsSpan().SequenceEqual(picture));
    }

    [TestMethod]
    public void WrongLengthsAreRefused()
    {
        float[] picture = new float[3 * Plane], hole = new float[Plane], small = new float[Plane - 1];
        Assert.ThrowsExactly<ArgumentException>(() => BackgroundPlate.Fill(hole, hole, Size, picture));
        Assert.ThrowsExactly<ArgumentException>(() => BackgroundPlate.Fill(picture, small, Size, picture));
        Assert.ThrowsExactly<ArgumentException>(() => BackgroundPlate.Fill(picture, hole, Size, hole));
    }

    private static float[] Fill(float[] picture, float[] hole)
    {
        float[] plate = new float[3 * Plane];
        BackgroundPlate.Fill(picture, hole, Size, plate);
        return plate;
    }

    /// <summary>Returns the picture with arbitrary values in the hole, which must not be read.</summary>
    private static float[] Spoilt(float[] picture, float[] hole) => [.. picture.Select((x, i) => hole[i % Plane] == 0 ? x : 1e6f)];

    private static float[] Ramp(float x, float y) =>
        [.. Enumerable.Range(0, 3 * Plane).Select(i => x * (i % Size - (Size - 1) / 2f) + y * (i % Plane / Size - (Size - 1) / 2f))];

    private static float[] Hole(string kind) => [.. Enumerable.Range(0, Plane).Select(i => IsHole(kind, i % Size, i / Size) ? 1f : 0)];

    private static bool IsHole(string kind, int x, int y) => kind switch
    {
        "person" => y is > 6 and < 58 && Math.Abs(x - 32) < 6 + y % 5,
        "left border" => x < 20 && y > 10,
        "bottom" => y > 40 && x is > 10 and < 50,
        "whole rows" => y is > 20 and < 40,
        "one pixel" => x == 31 && y == 17,
        "all but one" => x != 40 || y != 3,
        _ => throw new ArgumentException(kind, nameof(kind)),
    };
}
