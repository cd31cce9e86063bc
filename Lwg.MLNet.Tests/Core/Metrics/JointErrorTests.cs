using Lwg.MLNet.Body;
using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Tests.Metrics;

/// <summary>Compares joint errors with closed forms. Joints are single-precision values of size 1: rounding is about 1e-6.</summary>
[TestClass]
public sealed class JointErrorTests
{
    private const double Rounding = 1e-5;

    [TestMethod]
    public void TurnedScaledAndShiftedJointsAreTheSameWhenAligned()
    {
        float[] truth = Joints(1), matrix = new float[9];
        Rotations.FromAxisAngle([1.2f, -2, 0.4f], matrix);
        float[] moved = Map(truth, (x, y, z) => (
            3 * (matrix[0] * x + matrix[1] * y + matrix[2] * z) + 5,
            3 * (matrix[3] * x + matrix[4] * y + matrix[5] * z) - 2,
            3 * (matrix[6] * x + matrix[7] * y + matrix[8] * z) + 1));
        Assert.AreEqual(0, JointError.Aligned(truth, moved), Rounding);
        Assert.IsGreaterThan(1, JointError.FromRoot(truth, moved));
        // In the other direction, distances and rounding are those of the larger person.
        Assert.AreEqual(0, JointError.Aligned(moved, truth), 3 * Rounding);
    }

    // Points on the axes at +-a, +-b, +-c, and z mirrored: a proper rotation does not help, so only the scale shrinks, to k = (a^2 + b^2
    // - c^2) / (a^2 + b^2 + c^2).
    [TestMethod]
    public void AMirrorIsNotARotation()
    {
        const float A = 1, B = 0.8f, C = 0.5f;
        float[] truth = [A, 0, 0, -A, 0, 0, 0, B, 0, 0, -B, 0, 0, 0, C, 0, 0, -C];
        double k = (A * A + B * B - C * C) / (A * A + B * B + C * C);
        Assert.AreEqual(((A + B) * (1 - k) + C * (1 + k)) / 3, JointError.Aligned(truth, Map(truth, (x, y, z) => (x, y, -z))), Rounding);
    }

    // Noise of 24 x 3 values, of which the alignment removes 7: sqrt(65 / 72) = 0.95 of its length remains, within 5 % for a single draw.
    [TestMethod]
    public void AlignmentLeavesOnlyNoise()
    {
        var random = new Random(2);
        float[] truth = Joints(2), noisy = Map(truth, (x, y, z) =>
        {
            double a = 2 * Math.PI * random.NextDouble(), h = 2 * random.NextDouble() - 1, r = Math.Sqrt(1 - h * h);
            return (x + 0.01f * (float)(r * Math.Cos(a)), y + 0.01f * (float)(r * Math.Sin(a)), z + 0.01f * (float)h);
        });
        // Rotation, scale and shift remove seven of the 72 degrees of freedom: at most sqrt(65/72) = 0.95 remains, slightly less for a
        // mean of lengths than for a root mean square.
        Assert.IsTrue(JointError.Aligned(truth, noisy) is > 0.008 and < 0.0096, $"{JointError.Aligned(truth, noisy)}");
    }

    [TestMethod]
    public void FromTheRootAShiftIsNothingAndAScaleIsTheMeanDistance()
    {
        float[] truth = Joints(3);
        Assert.AreEqual(0, JointError.FromRoot(truth, Map(truth, (x, y, z) => (x + 4, y - 1, z + 2))), Rounding);
        double mean = 0;
        for (int j = 0; j < truth.Length; j += 3)
            mean += Math.Sqrt(Math.Pow(truth[j] - truth[0], 2) + Math.Pow(truth[j + 1] - truth[1], 2)
                + Math.Pow(truth[j + 2] - truth[2], 2)) / (truth.Length / 3);
        Assert.AreEqual(mean, JointError.FromRoot(truth, Map(truth, (x, y, z) => (2 * x, 2 * y, 2 * z))), Rounding);
        Assert.AreEqual(mean, JointError.FromRoot(truth, new float[truth.Length]), Rounding, "joints all in one place");
    }

    [TestMethod]
    public void CoincidentJointsAreAsFarAsTheirCentre()
    {
        float[] truth = [1, 0, 0, -1, 0, 0, 0, 2, 0, 0, -2, 0];
        Assert.AreEqual(1.5, JointError.Aligned(truth, new float[12]), Rounding);
    }

    [TestMethod]
    public void OtherCountsAreRefused()
    {
        foreach ((int truth, int estimate) in new[] { (9, 12), (6, 6), (10, 10), (0, 0) })
        {
            Assert.ThrowsExactly<ArgumentException>(() => JointError.Aligned(new float[truth], new float[estimate]));
            Assert.ThrowsExactly<ArgumentException>(() => JointError.FromRoot(new float[truth], new float[estimate]));
        }
    }

    private static float[] Joints(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 72).Select(_ => 2 * random.NextSingle() - 1)];
    }

    private static float[] Map(float[] joints, Func<float, float, float, (float, float, float)> move)
    {
        float[] moved = new float[joints.Length];
        for (int j = 0; j < joints.Length; j += 3)
            (moved[j], moved[j + 1], moved[j + 2]) = move(joints[j], joints[j + 1], joints[j + 2]);
        return moved;
    }
}
