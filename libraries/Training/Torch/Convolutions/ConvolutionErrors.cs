using System.Globalization;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>How far a convolution and its gradients are from float64's, each as a share of the largest value; NaN where something is not a
/// number.</summary>
/// <param name="Forward">What it makes.</param>
/// <param name="Input">The gradient of what it reads.</param>
/// <param name="Weight">The gradient of the kernel.</param>
/// <param name="Bias">The gradient of the biases; 0 without.</param>
internal readonly record struct ConvolutionErrors(double Forward, double Input, double Weight, double Bias)
{
    /// <summary>Whether all are numbers within a bound.</summary>
    public bool Within(double bound) => Forward <= bound && Input <= bound && Weight <= bound && Bias <= bound;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
        $"off by {Forward:0.0e0} forward, {Input:0.0e0} in the gradient of the input, {Weight:0.0e0} of the kernel, {Bias:0.0e0} of the "
        + $"biases");
}
