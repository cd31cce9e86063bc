using System.Security.Cryptography;
using Lwg.MLNet.Backgrounds;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Tests.Backgrounds;

[TestClass]
public class ExemplarFillTests
{
    private const int Size = 128, Plane = Size * Size;

    public static IEnumerable<object[]> Holes =>
        ((string[])["person", "left border", "bottom", "whole rows", "one pixel"]).Select(h => new object[] { h });

    // A wall shifted by half a brick has a mean error of .21, a plain one of the mean colour .25: a twentieth of a shifted wall is a
    // joint that is off by less than a pixel in places.
    [TestMethod]
    public void BricksContinue()
    {
        float[] wall = Bricks(), hole = Hole("person");
        double smooth = Error(wall, hole, Smooth(Spoilt(wall, hole), hole)), patches = Error(wall, hole, Fill(Spoilt(wall, hole), hole));
        Console.WriteLine($"bricks: smooth {smooth:0.0000}, patches {patches:0.0000}");
        Assert.IsLessThan(0.0105, patches);
        Assert.IsLessThan(smooth / 4, patches);
    }

    // Smooth areas stay smooth: rounding to bytes can change the mean by one of 255 and a pixel by two.
    [TestMethod]
    [DataRow(0f, 0f)]
    [DataRow(0.6f, 0f)]
    [DataRow(0f, 0.6f)]
    [DataRow(0.3f, -0.4f)]
    public void AGradientIsReproduced(float x, float y)
    {
        float[] picture = Picture((u, v, c) => 0.1f * c + x * (u - 64) / 128f + y * (v - 64) / 128f), hole = Hole("person"),
            plate = Fill(Spoilt(picture, hole), hole);
        Console.WriteLine($"gradient {x}, {y}: mean {Error(picture, hole, plate)}, most "
            + $"{picture.Zip(plate, (a, b) => Math.Abs(a - b)).Max()}");
        Assert.IsLessThan(1 / 127.5, Error(picture, hole, plate));
        Assert.IsLessThan(3 / 127.5f, picture.Zip(plate, (a, b) => Math.Abs(a - b)).Max());
    }

    [TestMethod]
    [DynamicData(nameof(Holes))]
    public void KnownPixelsAreUntouched(string kind)
    {
        var random = new Random(4);
        float[] picture = [.. Enumerable.Range(0, 3 * Plane).Select(_ => 2 * random.NextSingle() - 1)], hole = Hole(kind),
            plate = Fill(Spoilt(picture, hole), hole);
        for (int i = 0; i < plate.Length; i++)
        {
            if (hole[i % Plane] == 0)
                Assert.AreEqual(BitConverter.SingleToInt32Bits(picture[i]), BitConverter.SingleToInt32Bits(plate[i]), $"number {i}");
            else
                Assert.IsTrue(plate[i] is >= -1 and <= 1, $"number {i} is {plate[i]}");
        }
    }

    [TestMethod]
    public void WithoutAnythingToCopyTheFillIsSmooth()
    {
        float[] picture = Bricks(), all = [.. Enumerable.Repeat(1f, Plane)];
        Assert.IsTrue(Fill(picture, all).All(x => x == 0));
        Assert.IsTrue(Fill(picture, new float[Plane]).AsSpan().SequenceEqual(picture));
        // A frame of five pixels contains no patch.
        float[] frame = Picture((x, y, _) => 0.01f * x),
            middle = [.. Enumerable.Range(0, Plane).Select(i => i % Size is > 4 and < Size - 5 && i / Size is > 4 and < Size - 5 ? 1f : 0)];
        float[] agreement = new float[Plane], plate = new float[3 * Plane];
        ExemplarFill.Fill(frame, middle, Size, plate, agreement);
        Assert.IsTrue(plate.AsSpan().SequenceEqual(Smooth(frame, middle)));
        for (int i = 0; i < Plane; i++)
            Assert.AreEqual(1 - middle[i], agreement[i]);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(8)]
    [DataRow(33)]
    [DataRow(67)]
    public void EverySizeIsFilled(int size)
    {
        float[] picture = [.. Enumerable.Range(0, 3 * size * size).Select(i => 0.5f * MathF.Sin(i))],
            hole = [.. Enumerable.Range(0, size * size).Select(i => i % size > size / 3 && i % size < size / 2 ? 1f : 0)];
        float[] plate = new float[picture.Length];
        ExemplarFill.Fill(picture, hole, size, plate);
        for (int i = 0; i < plate.Length; i++)
            Assert.IsTrue(hole[i % hole.Length] == 1 ? plate[i] is >= -1 and <= 1 : plate[i] == picture[i], $"number {i} is {plate[i]}");
    }

    // Patches of noise do not agree, so their mean has less contrast: 0.95 here, against 1.00 with one patch for each pixel.
    [TestMethod]
    public void TextureKeepsItsContrast()
    {
        var random = new Random(5);
        float[] picture = [.. Enumerable.Range(0, 3 * Plane).Select(_ => 1.6f * random.NextSingle() - 0.8f)], hole = Hole("person"),
            plate = Fill(Spoilt(picture, hole), hole);
        double ratio = Contrast(plate, hole, inside: true) / Contrast(picture, hole, inside: false);
        Console.WriteLine($"contrast in the hole and outside: {ratio:0.00}");
        Assert.IsGreaterThan(0.98, ratio);
    }

    private static double Contrast(float[] picture, float[] hole, bool inside)
    {
        float[] values = [.. picture.Where((_, i) => hole[i % Plane] != 0 == inside)];
        double mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }

    // The search uses integers and a seed: the checksum is the same with every vector width and any number of threads.
    [TestMethod]
    [TestCategory(ScalarHardwareTests.Category)]
    public void TheSameBytesComeOutEverywhere()
    {
        float[] wall = Bricks(), hole = Hole("person");
        string[] sums = new string[4];
        System.Threading.Tasks.Parallel.For(0, sums.Length, i => sums[i] = Checksum(Fill(Spoilt(wall, hole), hole)));
        foreach (string sum in sums)
            Assert.AreEqual("40A05E742CC9A657", sum);
    }

    // PatchMatch is random; three passes find nearly the best of all patches. Barnes et al. report errors within about ten percent after
    // four or five.
    [TestMethod]
    public void TheFieldIsNearlyAsGoodAsTheBestOfAllPatches()
    {
        float[] wall = Bricks(), hole = Hole("person"), hidden = Hole("person");
        PatchPicture picture = PatchPicture.Of(Smooth(Spoilt(wall, hole), hole), hole, hidden, Size).Half();
        var field = new PatchField(picture, seed: 1);
        field.Begin();
        field.Refresh();
        long least = 0, begin = field.Energy;
        foreach (int target in field.Targets)
            least += field.LeastCost(target);
        for (int pass = 0; pass < 4; pass++)
            field.Search(backwards: pass % 2 == 1, reach: picture.Size / 2);
        Console.WriteLine($"energy: random {begin}, found {field.Energy}, best {least}");
        Assert.IsGreaterThanOrEqualTo(least, field.Energy);
        Assert.IsLessThan(1.15 * least, field.Energy);
        Assert.IsGreaterThan(2 * least, begin);
    }

    [TestMethod]
    public void NothingIsCopiedFromTheHoleOrItsRim()
    {
        float[] wall = Bricks(), hole = Hole("person"), hidden = Hole("left border");
        var field = new PatchField(PatchPicture.Of(wall, hole, hidden, Size), seed: 1);
        field.Begin();
        field.Refresh();
        field.Search(backwards: false, reach: 64);
        foreach (int target in field.Targets)
        {
            int source = field.SourceOf(target);
            for (int i = 0; i < PatchField.Side * PatchField.Side; i++)
            {
                int at = source + i / PatchField.Side * Size + i % PatchField.Side;
                Assert.IsTrue(hole[at] == 0 && hidden[at] == 0, $"patch {target} is copied from {source}");
            }
        }
    }

    // Matching patches get a high confidence; places where different things meet behind the person get a lower one.
    [TestMethod]
    public void PatchesAgreeWhereTheyFitTogether()
    {
        float[] hole = Hole("person"), broken =
            Picture((x, y, c) => x < 64 ? (x / 4 + y / 4) % 2 - 0.5f : (x + 2 * y) % 10 / 10f - 0.3f * c);
        double bricks = Agreement(Bricks(), hole), mixed = Agreement(broken, hole);
        Console.WriteLine($"agreement: bricks {bricks:0.000}, broken {mixed:0.000}");
        Assert.IsGreaterThan(0.5, bricks);
        Assert.IsLessThan(bricks - 0.1, mixed);
    }

    [TestMethod]
    public void ItCanBeStopped()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        float[] wall = Bricks(), hole = Hole("person"), plate = new float[3 * Plane];
        Assert.ThrowsExactly<OperationCanceledException>(() => ExemplarFill.Fill(wall, hole, Size, plate, cancellationToken: stop.Token));
    }

    private static double Agreement(float[] picture, float[] hole)
    {
        float[] agreement = new float[Plane];
        ExemplarFill.Fill(picture, hole, Size, new float[3 * Plane], agreement);
        for (int i = 0; i < Plane; i++)
            Assert.IsTrue(hole[i] == 0 ? agreement[i] == 1 : agreement[i] is > 0 and <= 1, $"pixel {i}: {agreement[i]}");
        return Enumerable.Range(0, Plane).Where(i => hole[i] == 1).Average(i => agreement[i]);
    }

    // The patches of bricks agree. Deep in the hole, where the picture's edge has little effect, the colour of the other fill stays, and
    // patches add the joints.
    [TestMethod]
    public void AddedPatchesKeepTheColourOfTheOtherFill()
    {
        const float darker = -0.5f;
        float[] picture = Bricks(), hole = Hole("person");
        float[] plate = [.. picture.Select((x, i) => hole[i % Plane] == 0 ? x : darker)];
        ExemplarFill.Add(picture, hole, Size, plate);
        float[] inside = [.. Enumerable.Range(0, Plane).Where(i => Math.Abs(i % Size - 64) < 5 && i / Size is > 30 and < 100)
            .Select(i => plate[i])];
        // Bricks and joints have a mean of 0.26 in red.
        Assert.AreEqual(darker, inside.Average(), 0.15f);
        Assert.IsGreaterThan(0.1f, inside.Max() - inside.Min());
        for (int i = 0; i < plate.Length; i++)
            Assert.IsTrue(hole[i % Plane] != 0 || plate[i] == picture[i]);
    }

    private static string Checksum(float[] plate) => Convert.ToHexString(SHA256.HashData(plate.Select(PixelBuffer.ToByte).ToArray()))[..16];

    private static double Error(float[] truth, float[] hole, float[] plate) =>
        Enumerable.Range(0, truth.Length).Where(i => hole[i % Plane] == 1).Average(i => Math.Abs(truth[i] - plate[i]));

    private static float[] Fill(float[] picture, float[] hole)
    {
        float[] plate = new float[3 * Plane];
        ExemplarFill.Fill(picture, hole, Size, plate);
        return plate;
    }

    private static float[] Smooth(float[] picture, float[] hole)
    {
        float[] plate = new float[3 * Plane];
        BackgroundPlate.Fill(picture, hole, Size, plate);
        return plate;
    }

    /// <summary>Returns the picture with arbitrary values in the hole, which must not be read.</summary>
    private static float[] Spoilt(float[] picture, float[] hole) => [.. picture.Select((x, i) => hole[i % Plane] == 0 ? x : 1e6f)];

    /// <summary>Draws red bricks of 16 x 8 pixels with light joints of one pixel, every other row shifted by half a brick.</summary>
    private static float[] Bricks() => Picture((x, y, c) => y % 8 == 0 || (x + y / 8 % 2 * 8) % 16 == 0 ? 0.5f : 0.2f - 0.3f * c);

    private static float[] Picture(Func<int, int, int, float> pixel) =>
        [.. Enumerable.Range(0, 3 * Plane)
            .Select(i => PixelBuffer.ToUnit(PixelBuffer.ToByte(pixel(i % Size, i % Plane / Size, i / Plane))))];

    private static float[] Hole(string kind) => [.. Enumerable.Range(0, Plane).Select(i => IsHole(kind, i % Size, i / Size) ? 1f : 0)];

    private static bool IsHole(string kind, int x, int y) => kind switch
    {
        "person" => y is > 12 and < 116 && Math.Abs(x - 64) < 14 + y % 7,
        "left border" => x < 30 && y > 20,
        "bottom" => y > 80 && x is > 20 and < 100,
        "whole rows" => y is > 40 and < 80,
        "one pixel" => x == 61 && y == 37,
        _ => throw new ArgumentException(kind, nameof(kind)),
    };
}
