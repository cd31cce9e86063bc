using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Training.Tests.Generator;

namespace Lwg.MLNet.Training.Tests;

[TestClass]
public class ModelAverageTests
{
    // Half precision has 11 significant bits.
    private const double HalfPrecision = 1.0 / 1024;

    [TestMethod]
    public void EachWeightIsTheMean()
    {
        ModelPackage one = Package(seed: 1, width: 4), other = Package(seed: 2, width: 4);
        ArrayWeights first = LiquidWarpingGenerator.ReadWeights(one), second = LiquidWarpingGenerator.ReadWeights(other),
            mean = LiquidWarpingGenerator.ReadWeights(ModelAverage.Of(one, other, 0.25));
        int compared = 0;
        foreach (string name in first.Names)
        {
            float[] a = Values(first, name), b = Values(second, name), m = Values(mean, name);
            for (int i = 0; i < a.Length; i++, compared++)
            {
                double expected = 0.25 * a[i] + 0.75 * b[i];
                Assert.AreEqual(expected, m[i], HalfPrecision * Math.Abs(expected) + 1e-7, $"{name}, {i}");
            }
        }
        Assert.IsGreaterThan(1000, compared);
    }

    [TestMethod]
    public void OtherNetworksAndSharesAreRefused()
    {
        ModelPackage one = Package(seed: 1, width: 4), wider = Package(seed: 1, width: 8);
        StringAssert.Contains(Assert.ThrowsExactly<TrainingException>(() => ModelAverage.Of(one, wider, 0.5)).Message,
            "different networks");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ModelAverage.Of(one, one, -0.1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ModelAverage.Of(one, one, double.NaN));
    }

    private static ModelPackage Package(int seed, int width)
    {
        using var trainer = new GeneratorTrainer(TinyTraining.Options with { Seed = seed,
            Shape = TinyTraining.Options.Shape with { Width = width } });
        return trainer.ToPackage();
    }

    private static float[] Values(ArrayWeights weights, string name)
    {
        weights.TryGetShape(name, out int[] shape);
        float[] values = new float[shape.Aggregate(1, (product, side) => product * side)];
        weights.Read(name, values);
        return values;
    }
}
