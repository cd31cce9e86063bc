using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch;

/// <summary>Compares gradients with central differences, in double precision.</summary>
internal static class FiniteDifferences
{
    // With steps of 1e-6, the error of the formula is about 1e-12 and that of rounding about 1e-10 of the value; kinks (relu, |x|, cell
    // borders) are very rare.
    private const double Step = 1e-6, Tolerance = 1e-6;

    /// <summary>
    /// Compares along one random direction in each tensor, and for three of its elements: the gradient's component is (f(x + h) - f(x -
    /// h)) / 2h.
    /// </summary>
    /// <param name="function">Computes a scalar from the tensors' current values.</param>
    /// <param name="tensors">Float64 leaf tensors with gradients, by name.</param>
    public static void Agree(Func<Tensor> function, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var scope = NewDisposeScope();
        function().backward();
        var random = new Random(1);
        double largest = tensors.Values.Max(t => t.grad!.abs().max().item<double>());
        Assert.IsGreaterThan(0, largest, "The function depends on none of the tensors.");
        foreach ((string name, Tensor x) in tensors)
        {
            long count = x.numel();
            double[] everywhere = [.. Enumerable.Range(0, (int)count).Select(_ => (2 * random.NextDouble() - 1) / Math.Sqrt(count))];
            Check(function, name + ", a random direction", x, everywhere, largest);
            for (int k = 0; k < 3; k++)
            {
                double[] one = new double[count];
                int at = random.Next((int)count);
                one[at] = 1;
                Check(function, $"{name}, element {at}", x, one, largest);
            }
        }
    }

    private static void Check(Func<Tensor> function, string what, Tensor x, double[] direction, double largest)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        Tensor d = tensor(direction).reshape(x.shape);
        double gradient = (x.grad! * d).sum().item<double>();
        x.add_(d, alpha: Step);
        double above = function().item<double>();
        x.add_(d, alpha: -2 * Step);
        double below = function().item<double>();
        x.add_(d, alpha: Step);
        double difference = (above - below) / (2 * Step);
        Assert.AreEqual(difference, gradient, Tolerance * Math.Max(largest, 1e-3), $"{what}: the finite difference and the gradient");
    }
}
