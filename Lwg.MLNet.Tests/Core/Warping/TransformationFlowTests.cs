using Lwg.MLNet.Rendering;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Tests.Warping;

[TestClass]
public class TransformationFlowTests
{
    private const int Size = 64;
    private const int N = 7;

    // A plate of N x N vertices over most of the picture; y up.
    private static readonly float[] s_plate =
        [.. Enumerable.Range(0, N * N).SelectMany(v => (float[])[-0.9f + 0.3f * (v % N), -0.85f + 0.28f * (v / N), 3])];
    private static readonly int[] s_faces =
    [
        .. Enumerable.Range(0, (N - 1) * (N - 1)).Select(q => q / (N - 1) * N + q % (N - 1))
        .SelectMany(v => (int[])[v, v + 1, v + N, v + 1, v + N + 1, v + N]),
    ];

    [TestMethod]
    public void ThePlateOverItselfGivesEachPixelItsOwnCoordinates()
    {
        (int[] index, float[] flow) = Flow(s_plate);
        int seen = 0;
        for (int p = 0; p < index.Length; p++)
        {
            if (index[p] < 0)
            {
                Assert.AreEqual((-2f, -2f), (flow[2 * p], flow[2 * p + 1]), $"background pixel {p}");
                continue;
            }
            seen++;
            // 1e-5: weights of faces of 9 pixels contain the rounding of pixel coordinates up to 64 squared.
            Assert.AreEqual((2 * (p % Size) + 1 - Size) / (double)Size, flow[2 * p], 1e-5, $"x of pixel {p}");
            Assert.AreEqual((2 * (p / Size) + 1 - Size) / (double)Size, flow[2 * p + 1], 1e-5, $"y of pixel {p}");
        }
        // The plate spans 1.8 x 1.68 of 2 x 2: 58 x 54 pixels, except for its rim.
        Assert.AreEqual(1.8 * 1.68 / 4 * Size * Size, seen, 120, "pixels on the plate");
    }

    [TestMethod]
    public void AnAffineMotionOfThePlateIsItsOwnFlow()
    {
        // The source shows the plate turned, sheared and moved: (x, y down) -> A (x, y) + b.
        float[] source = [.. s_plate];
        for (int v = 0; v < N * N; v++)
        {
            float x = s_plate[3 * v], y = -s_plate[3 * v + 1];
            source[3 * v] = 0.6f * x - 0.3f * y + 0.15f;
            source[3 * v + 1] = -(0.2f * x + 0.7f * y - 0.1f);
        }
        (int[] index, float[] flow) = Flow(source);
        for (int p = 0; p < index.Length; p++)
        {
            if (index[p] < 0)
                continue;
            double x = (2 * (p % Size) + 1 - Size) / (double)Size, y = (2 * (p / Size) + 1 - Size) / (double)Size;
            Assert.AreEqual(0.6 * x - 0.3 * y + 0.15, flow[2 * p], 1e-5, $"x of pixel {p}");
            Assert.AreEqual(0.2 * x + 0.7 * y - 0.1, flow[2 * p + 1], 1e-5, $"y of pixel {p}");
        }
    }

    [TestMethod]
    public void OnlyVisibleKeepsThePointsOfFacesThatTheSourceShows()
    {
        var facePoints = new float[2 * s_faces.Length];
        Camera.FacePoints(s_plate, s_faces, facePoints);
        float[] all = [.. facePoints];
        int[] shown = [-1, 3, 3, 70, -1, 0];
        TransformationFlow.KeepVisible(facePoints, shown, new bool[s_faces.Length / 3]);
        for (int f = 0; f < s_faces.Length / 3; f++)
        {
            for (int k = 0; k < 6; k++)
                Assert.AreEqual(shown.Contains(f) ? all[6 * f + k] : -2, facePoints[6 * f + k], $"face {f}, number {k}");
        }
    }

    [TestMethod]
    public void WrongSizesAreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => TransformationFlow.Compute(new float[6], new int[4], new float[11], new float[8]));
        Assert.ThrowsExactly<ArgumentException>(() => TransformationFlow.Compute(new float[6], new int[4], new float[12], new float[7]));
    }

    private static (int[] Index, float[] Flow) Flow(float[] source)
    {
        var index = new int[Size * Size];
        var weights = new float[3 * Size * Size];
        var facePoints = new float[2 * s_faces.Length];
        var flow = new float[2 * Size * Size];
        new MeshRasterizer(Size).Draw(s_plate, s_faces, index, weights);
        Camera.FacePoints(source, s_faces, facePoints);
        TransformationFlow.Compute(facePoints, index, weights, flow);
        return (index, flow);
    }
}
