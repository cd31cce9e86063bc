using Lwg.MLNet.Metrics;

namespace Lwg.MLNet.Tests.Metrics;

[TestClass]
public sealed class PairedDifferenceTests
{
    [TestMethod]
    public void EqualDifferencesHaveAnIntervalOfNoWidth() =>
        Assert.AreEqual(new PairedDifference(0.25, 0.25, 0.25), PairedDifference.Of([0.25, 0.25, 0.25, 0.25]));

    [TestMethod]
    public void TheIntervalIsThatOfTheNormalApproximation()
    {
        // 400 values of known spread: the interval of the mean is mean +- 1.96 s / sqrt(n); 2,000 resamples give its ends within 10 % of
        // its width.
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 400).Select(_ => 0.3 + random.NextDouble() - 0.5)];
        double mean = values.Average(), half = 1.96
            * Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length) / Math.Sqrt(values.Length);
        PairedDifference difference = PairedDifference.Of(values);
        Assert.AreEqual(mean, difference.Mean, 1e-12);
        Assert.AreEqual(mean - half, difference.Low, 0.2 * half);
        Assert.AreEqual(mean + half, difference.High, 0.2 * half);
    }

    [TestMethod]
    public void TheResultIsReproducible()
    {
        double[] values = [0.1, -0.2, 0.3, 0.05, -0.4, 0.6];
        Assert.AreEqual(PairedDifference.Of(values), PairedDifference.Of(values));
    }

    [TestMethod]
    public void EmptyInputAndNonFiniteNumbersAreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => PairedDifference.Of([]));
        Assert.ThrowsExactly<ArgumentException>(() => PairedDifference.Of([1, double.NaN]));
    }
}
