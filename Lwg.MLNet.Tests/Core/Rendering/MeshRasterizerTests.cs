using Lwg.MLNet.Body;
using Lwg.MLNet.Rendering;

namespace Lwg.MLNet.Tests.Rendering;

[TestClass]
public class MeshRasterizerTests
{
    private static readonly int[] s_sizes = [1, 2, 7, 16, 33, 64];

    public static IEnumerable<object[]> Kinds => AdversarialMesh.Kinds.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void EveryPixelAgreesWithBruteForce(string kind)
    {
        int drawn = 0;
        foreach (int size in s_sizes)
        {
            var rasterizer = new MeshRasterizer(size);
            var index = new int[size * size];
            var weights = new float[3 * size * size];
            for (int seed = 0; seed < 40; seed++)
            {
                (float[] points, int[] faces) = AdversarialMesh.Make(kind, size, seed);
                rasterizer.Draw(points, faces, index, weights);
                drawn += index.Count(f => f >= 0);
                Check(points, faces, size, index, weights, $"{kind}, {size} px, seed {seed}");
            }
        }
        // Faces whose corners coincide or are collinear have no weights; every other kind must draw some pixels, otherwise nothing is
        // tested.
        if (kind is not ("denormal" or "through centres" or "coincident"))
            Assert.IsGreaterThan(100, drawn, $"pixels drawn by all meshes of kind '{kind}'");
    }

    [TestMethod]
    [TestCategory(ScalarHardwareTests.Category)]
    public void ABodyAgreesWithBruteForce()
    {
        const int Size = 32;
        float[] theta = Fixture.Singles("smpl/theta.npy");
        var posed = new PosedBody(Fixture.Body);
        var points = new float[posed.Vertices.Length];
        var rasterizer = new MeshRasterizer(Size);
        var index = new int[Size * Size];
        var weights = new float[3 * Size * Size];
        for (int person = 0; person < 2; person++)
        {
            Fixture.Body.Pose(theta.AsSpan(85 * person, 85), posed);
            Camera.Project(posed.Vertices, theta.AsSpan(85 * person, 3), points);
            rasterizer.Draw(points, Fixture.Body.Faces, index, weights);
            Check(points, Fixture.Body.Faces.ToArray(), Size, index, weights, $"person {person}");
        }
    }

    [TestMethod]
    [TestCategory(ScalarHardwareTests.Category)]
    public void FacesThatShareAnEdgeLeaveNoHole()
    {
        // A square from edge to edge of the picture, split along both diagonals: every pixel belongs to a face at every size.
        float[] points = [-1, -1, 3, 1, -1, 3, 1, 1, 3, -1, 1, 3, 0, 0, 3];
        int[] faces = [0, 1, 4, 1, 2, 4, 2, 3, 4, 3, 0, 4];
        foreach (int size in s_sizes)
        {
            (int[] index, float[] weights) = Draw(points, faces, size);
            Assert.IsFalse(index.Contains(-1), $"a hole at {size} px");
            for (int p = 0; p < index.Length; p++)
                Assert.AreEqual(1, weights[3 * p] + weights[3 * p + 1] + weights[3 * p + 2], 1e-6, "weights sum to one");
        }
    }

    [TestMethod]
    public void TheLowestIndexWinsATie()
    {
        float[] points = [-1, -1, 3, 1, -1, 3, 0, 1, 3];
        (int[] index, _) = Draw(points, [0, 1, 2, 0, 1, 2, 0, 1, 2], 16);
        Assert.IsTrue(index.All(f => f is 0 or -1));
    }

    [TestMethod]
    public void WeightKBelongsToCornerKAndRowZeroIsTheTop()
    {
        // Corner 0 at the top left pixel, 1 at the bottom left, 2 at the bottom right: counter-clockwise with y up.
        const float Edge = 7f / 8;
        (int[] index, float[] weights) = Draw([-Edge, Edge, 3, -Edge, -Edge, 3, Edge, -Edge, 3], [0, 1, 2], 8);
        Fixture.AreClose([1, 0, 0], weights.AsSpan(0, 3), 1e-6, "top left");
        Fixture.AreClose([0, 1, 0], weights.AsSpan(3 * 56, 3), 1e-6, "bottom left");
        Fixture.AreClose([0, 0, 1], weights.AsSpan(3 * 63, 3), 1e-6, "bottom right");
        Assert.AreEqual(-1, index[7], "the top right is outside");
        Assert.AreEqual(8 * 9 / 2, index.Count(f => f == 0), "a right triangle with inclusive edges");
    }

    [TestMethod]
    public void BackFacesAndFacesOutsideOfNearAndFarAreNotDrawn()
    {
        float[] at = [-1, -1, 3, 1, -1, 3, 0, 1, 3];
        Assert.IsTrue(Draw(at, [0, 2, 1], 16).FaceIndex.All(f => f == -1), "a back face");
        foreach (float z in (float[])[0, -3, 0.09f, 100.1f, 1000])
        {
            float[] points = [.. at];
            points[2] = points[5] = points[8] = z;
            Assert.IsTrue(Draw(points, [0, 1, 2], 16).FaceIndex.All(f => f == -1), $"depth {z}");
        }
    }

    [TestMethod]
    public void FiniteFacesAreDrawnBesideOthersThatAreNot()
    {
        float[] points = [-1, -1, 3, 1, -1, 3, 0, 1, 3, float.NaN, 0, 3];
        (int[] index, _) = Draw(points, [0, 1, 3, 0, 1, 2, 3, 3, 3], 16);
        Assert.IsTrue(index.All(f => f is 1 or -1) && index.Contains(1));
    }

    [TestMethod]
    public void DrawingAgainGivesTheSameAndAllocatesNothing()
    {
        (float[] points, int[] faces) = AdversarialMesh.Make("any", 33, 5);
        (int[] first, float[] firstWeights) = Draw(points, faces, 33);
        var rasterizer = new MeshRasterizer(33);
        var index = new int[33 * 33];
        var weights = new float[3 * 33 * 33];
        (float[] other, int[] otherFaces) = AdversarialMesh.Make("sliver", 33, 6);
        rasterizer.Draw(other, otherFaces, index, weights);
        long before = GC.GetAllocatedBytesForCurrentThread();
        rasterizer.Draw(points, faces, index, weights);
        rasterizer.Draw(other, otherFaces, index, weights);
        rasterizer.Draw(points, faces, index, weights);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        CollectionAssert.AreEqual(first, index);
        CollectionAssert.AreEqual(firstWeights, weights);
    }

    [TestMethod]
    public void WrongSizesAreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MeshRasterizer(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MeshRasterizer(8193));
        var rasterizer = new MeshRasterizer(4);
        Assert.ThrowsExactly<ArgumentException>(() => rasterizer.Draw([], [], new int[15], new float[48]));
        Assert.ThrowsExactly<ArgumentException>(() => rasterizer.Draw([], [], new int[16], new float[47]));
    }

    private static (int[] FaceIndex, float[] Weights) Draw(float[] points, int[] faces, int size)
    {
        var index = new int[size * size];
        var weights = new float[3 * size * size];
        new MeshRasterizer(size).Draw(points, faces, index, weights);
        return (index, weights);
    }

    private static void Check(float[] points, int[] faces, int size, int[] index, float[] weights, string what)
    {
        (int[] expected, float[] expectedWeights) = BruteForceRasterizer.Draw(points, faces, size);
        for (int p = 0; p < expected.Length; p++)
            Assert.AreEqual(expected[p], index[p], $"{what}: the face at row {p / size}, column {p % size}");
        for (int k = 0; k < expectedWeights.Length; k++)
            Assert.AreEqual(BitConverter.SingleToInt32Bits(expectedWeights[k]), BitConverter.SingleToInt32Bits(weights[k]),
                $"{what}: weight {k % 3} of face {expected[k / 3]}, row {k / 3 / size}, column {k / 3 % size}");
    }
}
