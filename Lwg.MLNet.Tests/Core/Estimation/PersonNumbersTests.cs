using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>Converts two columns of each rotation to SMPL parameters.</summary>
[TestClass]
public sealed class PersonNumbersTests
{
    // Columns of any length, the second inclined towards the first: the rotation stays the same, in single precision.
    [TestMethod]
    public void RotationsComeBack()
    {
        var random = new Random(1);
        float[] smpl = new float[SmplLayout.ParameterCount], columns = new float[6 * Skeleton.JointCount], expected = new float[9],
            found = new float[9];
        float[] axes = [.. Enumerable.Range(0, SmplLayout.PoseCount).Select(_ => 3 * (2 * random.NextSingle() - 1) / MathF.Sqrt(3))];
        // No rotation, and half turns, whose axis has two possible signs.
        axes.AsSpan(0, 3).Clear();
        (axes[3], axes[4], axes[5]) = (MathF.PI, 0, 0);
        (axes[6], axes[7], axes[8]) = (0, MathF.PI / MathF.Sqrt(2), -MathF.PI / MathF.Sqrt(2));
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            Rotations.FromAxisAngle(axes.AsSpan(3 * j, 3), expected);
            float length = 0.1f + 3 * random.NextSingle(), other = 0.1f + 3 * random.NextSingle(), lean = 4 * (random.NextSingle() - 0.5f);
            for (int row = 0; row < 3; row++)
                (columns[6 * j + row], columns[6 * j + 3 + row]) =
                    (length * expected[3 * row], other * expected[3 * row + 1] + lean * expected[3 * row]);
        }
        float[] numbers = [0.8f, 0.8f * 0.25f, 0.8f * -0.5f, .. Enumerable.Range(0, 10).Select(b => 0.1f * b)];
        PersonNumbers.ToSmpl(numbers, columns, smpl);
        Fixture.AreClose([0.8f, 0.25f, -0.5f], smpl.AsSpan(0, 3), 1e-6, "camera");
        Fixture.AreClose(numbers.AsSpan(3), smpl.AsSpan(SmplLayout.ShapeOffset), 0, "shape");
        for (int j = 0; j < Skeleton.JointCount; j++)
        {
            Rotations.FromAxisAngle(axes.AsSpan(3 * j, 3), expected);
            Rotations.FromAxisAngle(smpl.AsSpan(SmplLayout.PoseOffset + 3 * j, 3), found);
            Fixture.AreClose(expected, found, 2e-5, $"rotation {j}");
        }
    }
}
