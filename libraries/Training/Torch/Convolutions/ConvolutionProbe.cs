using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>
/// Computes a convolution of random values and its gradients with an implementation, and with libtorch in float64, which was correct in
/// every comparison. The values are the same on every run, and no other random generator is affected.
/// </summary>
internal sealed class ConvolutionProbe : IDisposable
{
    /// <summary>The largest allowed errors, as shares of the largest value: for single precision, for TensorFloat-32 (mantissa of ten
    /// bits), and for bfloat16 (seven bits).</summary>
    public const double SingleBound = 1e-3, TensorFloatBound = 1e-2, BfloatBound = 3e-2;

    private readonly ConvolutionShape _shape;
    private readonly Device _device;
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x, _weight, _gradient;
    private readonly Tensor? _bias;
    private readonly Tensor[] _expected;

    /// <param name="shape">The convolution.</param>
    /// <param name="device">The device.</param>
    public ConvolutionProbe(ConvolutionShape shape, Device device)
    {
        (_shape, _device) = (shape, device);
        try
        {
            using var random = new TorchSharp.torch.Generator(1, CPU);
            Tensor Normal(long[] sides, double deviation)
            {
                using Tensor values = randn(sides, generator: random);
                using Tensor scaled = values * deviation;
                return scaled.to(shape.Type).to(device);
            }
            _x = Normal(shape.InputShape, 1);
            _weight = Normal(shape.WeightShape, 1 / Math.Sqrt(shape.FanIn));
            _bias = shape.Bias ? Normal([shape.Outputs], 1) : null;
            _gradient = Normal(shape.OutputShape, 1);
            _expected = Compute(new DirectConvolution(), ScalarType.Float64);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Returns whether an implementation is correct.</summary>
    /// <param name="way">The implementation.</param>
    /// <param name="errors">The errors in the first precision that exceeded its bound, otherwise in the last.</param>
    public bool IsRight(ConvolutionWay way, out ConvolutionErrors errors)
    {
        if (_shape.Type == ScalarType.BFloat16)
            return (errors = Measure(way)).Within(BfloatBound);
        // A GPU may round to TensorFloat-32, which can hide an error, so both precisions are measured.
        using (TensorFloat.Off(_device))
            errors = Measure(way);
        if (!errors.Within(SingleBound))
            return false;
        return !TensorFloat.IsOn(_device) || (errors = Measure(way)).Within(TensorFloatBound);
    }

    public void Dispose() => _scope.Dispose();

    private ConvolutionErrors Measure(ConvolutionWay way)
    {
        using var scope = NewDisposeScope();
        Tensor[] actual = Compute(way, _shape.Type);
        double[] errors = [.. actual.Zip(_expected, Error)];
        return new ConvolutionErrors(errors[0], errors[1], errors[2], errors.Length > 3 ? errors[3] : 0);
    }

    // Returns the output and the gradients.
    private Tensor[] Compute(ConvolutionWay way, ScalarType type)
    {
        using var inner = NewDisposeScope();
        using var learning = enable_grad();
        Tensor Leaf(Tensor from) => from.to(type).detach().clone().requires_grad_(true);
        List<Tensor> leaves = [Leaf(_x), Leaf(_weight)];
        if (_bias is not null)
            leaves.Add(Leaf(_bias));
        Tensor made = way.Compute(_shape with { Type = type }, leaves[0], leaves[1], leaves.Count > 2 ? leaves[2] : null);
        IList<Tensor> gradients = autograd.grad([made], leaves, [_gradient.to(type)]);
        Tensor[] all = [made.detach(), .. gradients];
        foreach (Tensor tensor in all)
            tensor.MoveToOuterDisposeScope();
        return all;
    }

    private static double Error(Tensor actual, Tensor expected)
    {
        double largest = expected.abs().max().item<double>(), error = (actual.to(ScalarType.Float64) - expected).abs().max().item<double>();
        return largest > 0 ? error / largest : error;
    }
}
