using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

[TestClass]
public class InputAssemblerTests
{
    private const int Size = 24;
    private const int Plane = Size * Size;

    // A person that is the square of rows and columns 8..15, in front of a picture whose values all differ.
    private static readonly float[] s_image = [.. Enumerable.Range(0, 3 * Plane).Select(i => i / (float)(3 * Plane) - 0.25f)];
    private static readonly float[] s_condition =
    [
        .. Enumerable.Range(0, Plane).Select(p => Person(p, 0) ? 0.3f : 0), .. Enumerable.Range(0, Plane)
        .Select(p => Person(p, 0) ? 0.6f : 0),
        .. Enumerable.Range(0, Plane).Select(p => Person(p, 0) ? 0f : 1f),
    ];

    [TestMethod]
    [DataRow(1)]
    [DataRow(13)]
    [DataRow(15)]
    public void TheBackgroundIsThePictureWithAGrownHole(int kernel)
    {
        var input = new float[4 * Plane];
        new InputAssembler(Size).Background(s_image, s_condition, kernel, input);
        for (int p = 0; p < Plane; p++)
        {
            float m = Person(p, kernel / 2) ? 0 : 1;
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(s_image[c * Plane + p] * m, input[c * Plane + p], $"channel {c}, pixel {p}");
            Assert.AreEqual(m, input[3 * Plane + p], $"mask, pixel {p}");
        }
    }

    [TestMethod]
    public void TheForegroundIsThePersonWithAPixelAround()
    {
        float[] input = new float[6 * Plane], crop = new float[Plane], again = new float[Plane];
        var assembler = new InputAssembler(Size);
        assembler.Foreground(s_image, s_condition, input, crop);
        assembler.CropMask(s_condition, again);
        CollectionAssert.AreEqual(crop, again);
        for (int p = 0; p < Plane; p++)
        {
            bool person = Person(p, 1);
            Assert.AreEqual(person ? 0 : 1, crop[p], $"crop mask, pixel {p}");
            for (int c = 0; c < 3; c++)
            {
                Assert.AreEqual(person ? s_image[c * Plane + p] : 0, input[c * Plane + p], $"channel {c}, pixel {p}");
                Assert.AreEqual(s_condition[c * Plane + p], input[(3 + c) * Plane + p], $"condition {c}, pixel {p}");
            }
        }
    }

    [TestMethod]
    public void TheTransferInputIsWarpThenCondition()
    {
        var input = new float[6 * Plane];
        new InputAssembler(Size).Transfer(s_image, s_condition, input);
        CollectionAssert.AreEqual((float[])[.. s_image, .. s_condition], input);
    }

    [TestMethod]
    public void AssemblingAllocatesNothingAndWrongSizesAreRefused()
    {
        var assembler = new InputAssembler(Size);
        float[] four = new float[4 * Plane], six = new float[6 * Plane], one = new float[Plane];
        assembler.Background(s_image, s_condition, 15, four);
        long before = GC.GetAllocatedBytesForCurrentThread();
        assembler.Background(s_image, s_condition, 15, four);
        assembler.Foreground(s_image, s_condition, six, one);
        assembler.Transfer(s_image, s_condition, six);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.ThrowsExactly<ArgumentException>(() => assembler.Background(one, s_condition, 15, four));
        Assert.ThrowsExactly<ArgumentException>(() => assembler.Background(s_image, one, 15, four));
        Assert.ThrowsExactly<ArgumentException>(() => assembler.Background(s_image, s_condition, 15, six));
        Assert.ThrowsExactly<ArgumentException>(() => assembler.Foreground(s_image, s_condition, four, one));
        Assert.ThrowsExactly<ArgumentException>(() => assembler.Transfer(s_image, s_condition, four));
    }

    private static bool Person(int pixel, int grown) =>
        pixel % Size >= 8 - grown && pixel % Size < 16 + grown && pixel / Size >= 8 - grown && pixel / Size < 16 + grown;
}
