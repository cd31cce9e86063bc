using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests.Body;

[TestClass]
public class RotationsTests
{
    [TestMethod]
    public void RodriguesIsTheMatrixExponential()
    {
        var random = new Random(1);
        var matrix = new float[9];
        for (int n = 0; n < 200; n++)
        {
            float[] theta = Axis(random, 4 * random.NextDouble());
            Rotations.FromAxisAngle(theta, matrix);
            // The guard of 1e-8 and the rounding to 32 bits.
            Fixture.AreClose(Exponential(theta), matrix, 2e-7, string.Join(", ", theta));
        }
    }

    [TestMethod]
    public void ZeroIsTheIdentity()
    {
        var matrix = new float[9];
        Rotations.FromAxisAngle([0, 0, 0], matrix);
        Fixture.AreClose([1, 0, 0, 0, 1, 0, 0, 0, 1], matrix, 1e-7, "identity");
    }

    [TestMethod]
    public void TheInverseRestoresTheVector()
    {
        var random = new Random(2);
        var matrix = new float[9];
        var back = new float[3];
        foreach (double angle in (double[])[0, 1e-8, 1e-6, 1e-4, 0.01, 1, 2, 3, Math.PI - 1e-2, Math.PI - 1e-4])
        {
            for (int n = 0; n < 50; n++)
            {
                float[] theta = Axis(random, angle);
                Rotations.FromAxisAngle(theta, matrix);
                Rotations.ToAxisAngle(matrix, back);
                // A 32-bit matrix represents an angle to about 1e-7; near pi also the axis, whose sign depends on the last bits.
                Fixture.AreClose(theta, back, 2e-6, $"angle {angle}");
            }
        }
    }

    [TestMethod]
    public void NearAndBeyondPiTheRotationIsTheSameButNotTheVector()
    {
        var random = new Random(3);
        float[] matrix = new float[9], theta = new float[3], again = new float[9];
        foreach (double angle in (double[])[Math.PI - 1e-7, Math.PI, Math.PI + 1e-7, 4, 6, 2 * Math.PI, 9])
        {
            for (int n = 0; n < 50; n++)
            {
                float[] axis = n < 3 ? [n == 0 ? (float)angle : 0, n == 1 ? (float)angle : 0, n == 2 ? (float)angle : 0]
                    : Axis(random, angle);
                Rotations.FromAxisAngle(axis, matrix);
                Rotations.ToAxisAngle(matrix, theta);
                Rotations.FromAxisAngle(theta, again);
                Fixture.AreClose(matrix, again, 1e-6, $"angle {angle}");
                Assert.IsLessThanOrEqualTo(Math.PI + 1e-6, Math.Sqrt(theta[0] * theta[0] + theta[1] * theta[1] + theta[2] * theta[2]),
                    "length");
            }
        }
    }

    [TestMethod]
    public void EulerIsRzRyRx()
    {
        var random = new Random(4);
        float[] rx = new float[9], ry = new float[9], rz = new float[9], ryx = new float[9], expected = new float[9], matrix = new float[9];
        for (int n = 0; n < 50; n++)
        {
            (float x, float y, float z) = (6 * random.NextSingle() - 3, 6 * random.NextSingle() - 3, 6 * random.NextSingle() - 3);
            Rotations.FromAxisAngle([x, 0, 0], rx);
            Rotations.FromAxisAngle([0, y, 0], ry);
            Rotations.FromAxisAngle([0, 0, z], rz);
            Rotations.Multiply(ry, rx, ryx);
            Rotations.Multiply(rz, ryx, expected);
            Rotations.FromEuler(x, y, z, matrix);
            Fixture.AreClose(expected, matrix, 1e-6, $"({x}, {y}, {z})");
        }
        Rotations.FromEuler(0, 0, Math.PI / 2, matrix);
        Fixture.AreClose([0, -1, 0, 1, 0, 0, 0, 0, 1], matrix, 1e-7, "a quarter turn about z takes x to y");
    }

    private static float[] Axis(Random random, double length)
    {
        double x = random.NextDouble() - 0.5, y = random.NextDouble() - 0.5, z = random.NextDouble() - 0.5,
            norm = Math.Sqrt(x * x + y * y + z * z);
        return [(float)(length * x / norm), (float)(length * y / norm), (float)(length * z / norm)];
    }

    // Computes exp of the cross product's matrix by its series.
    private static float[] Exponential(float[] t)
    {
        double[] k = [0, -t[2], t[1], t[2], 0, -t[0], -t[1], t[0], 0], term = [1, 0, 0, 0, 1, 0, 0, 0, 1], sum = [.. term];
        for (int n = 1; n < 60; n++)
        {
            var next = new double[9];
            for (int e = 0; e < 9; e++)
            {
                for (int i = 0; i < 3; i++)
                    next[e] += term[e / 3 * 3 + i] * k[3 * i + e % 3] / n;
                sum[e] += next[e];
            }
            term = next;
        }
        return [.. sum.Select(v => (float)v)];
    }
}
