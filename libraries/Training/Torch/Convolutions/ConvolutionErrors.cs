using System.Globalization;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>The errors of a convolution and its gradients relative to float64, each as a share of the largest value; NaN if a value is
/// not a number.</summary>
/// <param name="Forward">The output.</param>
/// <param name="Input">The gradient of the input.</param>
/// <param name="Weight">The gradient of the kernel.</param>
/// <param name="Bias">The gradient of the biases; 0 without biases.</param>
internal readonly record struct ConvolutionErrors(double Forward, double Input, double Weight, double Bias)
{
    /// <summary>Returns whether all errors are numbers within a bound.</summary>
    public bool Within(double bound) => Forward <= bound && Input <= bound && Weight <= bound && Bias <= bound;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture,
        $"off by {Forward:0.0e0} forward, {Input:0.0e0} in the gradient of the input, {Weight:0.0e0} of the kernel, {Bias:0.0e0} of the "
        + $"biases");
}
