using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Tests the whole network of the estimator, and the meaning of its outputs.</summary>
[TestClass]
public sealed class PersonNetworkTests
{
    // Two pictures show whether one leaks into the other; at the larger size no grid is 1 x 1.
    [TestMethod]
    [DataRow(2, 32, true)]
    [DataRow(1, 64, false)]
    public void AgreesWithThePlainImplementation(int count, int size, bool training)
    {
        NetworkGraph graph = PersonNetwork.Build(size, training);
        FormulaWeights weights = FormulaWeights.For(graph);
        float[] image = FormulaWeights.Input("person", count * 3 * size * size);
        Dictionary<string, PlainTensor> expected =
            PlainNetwork.Compute(graph, weights, new Dictionary<string,
            PlainTensor> { [PersonNetwork.Image] = new([count, 3, size, size], [.. image]) });
        Dictionary<string, float[]> actual = Run(graph, weights, image, count, size);
        Assert.HasCount(training ? 10 : 5, actual, "five outputs, five more for training");
        foreach ((string name, float[] values) in actual)
        {
            // Single precision over about twenty layers; an error in any of them is of the order of the range.
            float[] right = [.. expected[name].Values.Select(v => (float)v)];
            float range = right.Max() - right.Min();
            Assert.IsGreaterThan(1e-4f, range, $"{name} is everywhere the same, which would hide a mistake.");
            Fixture.AreClose(right, values, 1e-4 * range, name);
        }
    }

    // In inference the maps are squared first, so that a second candidate position has less effect on the mean.
    [TestMethod]
    [DataRow(true, 1)]
    [DataRow(false, 2)]
    public void KeypointsAreTheMeansOfTheirMaps(bool training, int power)
    {
        const int Size = 64, Grid = Size / PersonNetwork.GridStride;
        NetworkGraph learning = PersonNetwork.Build(Size, training: true), graph = PersonNetwork.Build(Size, training);
        float[] image = FormulaWeights.Input("person", 3 * Size * Size);
        Dictionary<string, float[]> outputs = Run(learning, FormulaWeights.For(learning), image, 1, Size),
            told = Run(graph, FormulaWeights.For(graph), image, 1, Size);
        for (int k = 0; k < 17; k++)
        {
            double sum = 0, x = 0, y = 0;
            for (int i = 0; i < Grid * Grid; i++)
            {
                double weight = Math.Exp(power * outputs[PersonNetwork.KeypointLogits][k * Grid * Grid + i]);
                (sum, x, y) = (sum + weight, x + weight * (i % Grid + 0.5) * PersonNetwork.GridStride, y + weight * (i / Grid + 0.5)
                    * PersonNetwork.GridStride);
            }
            // In pixels; sums of 256 singles of size 64.
            Assert.AreEqual(x / sum, told[PersonNetwork.Keypoints][3 * k], 1e-3);
            Assert.AreEqual(y / sum, told[PersonNetwork.Keypoints][3 * k + 1], 1e-3);
            Assert.AreEqual(1 / (1 + Math.Exp(-outputs[PersonNetwork.SeenLogits][k])), told[PersonNetwork.Keypoints][3 * k + 2], 1e-5);
        }
    }

    [TestMethod]
    public void OtherSidesAreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PersonNetwork.Build(0));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => PersonNetwork.Build(100)).Message, "multiples of 32");
    }

    [TestMethod]
    public void InHalfPrecisionItIsUnderThirtyMegabytes() =>
        Assert.IsLessThan(30_000_000, 2 * PersonNetwork.Build().Weights.Sum(w => w.Count), "bytes");

    private static Dictionary<string, float[]> Run(NetworkGraph graph, FormulaWeights weights, float[] image, int count, int size) =>
        OnnxRun.Compute(graph, weights, [(PersonNetwork.Image, image, [count, 3, size, size])],
        [.. graph.Outputs.Select(o => (o.Name, (long[])[count, .. o.Shape[1..].Select(d => (long)d)]))]);
}
