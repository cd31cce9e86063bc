using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

[TestClass]
public class BodyViewTests
{
    [TestMethod]
    [DataRow(90f, 0f, 0f, new[] { 1f, 3, -2 })]
    [DataRow(0f, 90f, 0f, new[] { -3f, 2, 1 })]
    [DataRow(0f, 0f, 90f, new[] { 2f, -1, 3 })]
    [DataRow(180f, 0f, 0f, new[] { 1f, -2, -3 })]
    [DataRow(0f, -90f, 0f, new[] { 3f, 2, -1 })]
    [DataRow(90f, 0f, 90f, new[] { 2f, 3, 1 })]
    public void QuarterTurnsExchangeAxes(float x, float y, float z, float[] expected)
    {
        // Row vectors: (1, 2, 3) * R. A quarter turn about x has the rows (1,0,0), (0,0,-1), (0,1,0); so y, z become z, -y: the transpose
        // of the rotation of columns. About x and z together: R = Rz * Rx has the rows (0,0,1), (1,0,0), (0,1,0).
        var result = new float[3];
        BodyView.Rotate([1, 2, 3], [x, y, z], [], result);
        Fixture.AreClose(expected, result, 1e-6, $"({x}, {y}, {z}) degrees");
    }

    [TestMethod]
    public void RowsAreMultipliedByTheMatrixAndTheTranslationComesAfterwards()
    {
        var random = new Random(5);
        float[] vertices = [.. Enumerable.Range(0, 60).Select(_ => 4 * random.NextSingle() - 2)], matrix = new float[9],
            result = new float[60];
        for (int n = 0; n < 50; n++)
        {
            float[] angles = [.. Enumerable.Range(0, 3).Select(_ => 720 * random.NextSingle() - 360)],
                t = [random.NextSingle(), -random.NextSingle(), 3 * random.NextSingle()];
            Rotations.FromEuler(angles[0] * Math.PI / 180, angles[1] * Math.PI / 180, angles[2] * Math.PI / 180, matrix);
            BodyView.Rotate(vertices, angles, t, result);
            for (int v = 0; v < 20; v++)
            {
                for (int c = 0; c < 3; c++)
                {
                    double expected = (double)vertices[3 * v] * matrix[c] + (double)vertices[3 * v + 1] * matrix[3 + c]
                        + (double)vertices[3 * v + 2] * matrix[6 + c] + t[c];
                    Assert.AreEqual(expected, result[3 * v + c], 2e-6, "float against double, of sums up to 9");
                }
            }
        }
    }

    [TestMethod]
    public void AViewAndItsOppositeCancelAndVerticesMayBeTurnedInPlace()
    {
        float[] vertices = [0.3f, -1.2f, 2, -0.7f, 0.4f, 0.1f], turned = [.. vertices];
        BodyView.Rotate(turned, [0, 37, 0], [1, 2, 3], turned);
        Assert.IsGreaterThan(0.2f, Math.Abs(turned[0] - vertices[0]));
        for (int i = 0; i < 6; i++)
            turned[i] -= 1 + i % 3;
        BodyView.Rotate(turned, [0, -37, 0], [], turned);
        Fixture.AreClose(vertices, turned, 1e-6, "there and back");
        BodyView.Rotate(vertices, [0, 0, 0], [], turned);
        CollectionAssert.AreEqual(vertices, turned, "no angle, no change");
    }

    [TestMethod]
    public void AnInvalidViewIsRefused()
    {
        float[] vertices = new float[6], result = new float[6];
        Assert.ThrowsExactly<ArgumentException>(() => BodyView.Rotate(vertices, [0, 0], [], result));
        Assert.ThrowsExactly<ArgumentException>(() => BodyView.Rotate(vertices, [0, float.NaN, 0], [], result));
        Assert.ThrowsExactly<ArgumentException>(() => BodyView.Rotate(vertices, [0, 0, 0], [1], result));
        Assert.ThrowsExactly<ArgumentException>(() => BodyView.Rotate(vertices, [0, 0, 0], [], new float[3]));
        Assert.ThrowsExactly<ArgumentException>(() => BodyView.Rotate(new float[5], [0, 0, 0], [], new float[5]));
    }
}
