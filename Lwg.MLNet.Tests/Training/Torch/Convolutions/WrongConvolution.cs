using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch.Convolutions;

/// <summary>The part of a convolution that a faulty library computes wrongly.</summary>
public enum Fault
{
    /// <summary>The output.</summary>
    Forward,

    /// <summary>The gradient of the input.</summary>
    Input,

    /// <summary>The gradient of the kernel.</summary>
    Weight,

    /// <summary>The gradient of the biases.</summary>
    Bias,

    /// <summary>The output is NaN.</summary>
    NotANumber,
}

/// <summary>A convolution of a faulty library: wrong in one respect for some shapes, and correct otherwise.</summary>
/// <param name="right">The correct implementation.</param>
/// <param name="fault">The wrong part.</param>
/// <param name="where">Selects the shapes with the fault.</param>
/// <param name="share">The relative size of the error.</param>
internal sealed class WrongConvolution(ConvolutionWay right, Fault fault, Func<ConvolutionShape, bool> where,
    double share = 0.3) : ConvolutionWay(right.Name)
{
    private int _calls;

    /// <summary>Whether the fault is active.</summary>
    public bool Lies { get; set; } = true;

    /// <summary>The number of computations of shapes with the fault.</summary>
    public int Calls => _calls;

    /// <summary>The requested shapes.</summary>
    public List<ConvolutionShape> Asked { get; } = [];

    public override bool Fits(ConvolutionShape shape) => right.Fits(shape);

    public override Tensor Compute(ConvolutionShape shape, Tensor x, Tensor weight, Tensor? bias)
    {
        Asked.Add(shape);
        if (!where(shape))
            return right.Compute(shape, x, weight, bias);
        _calls++;
        if (!Lies)
            return right.Compute(shape, x, weight, bias);
        return fault switch
        {
            Fault.Forward => right.Compute(shape, x, weight, bias) * (1 + share),
            Fault.NotANumber => right.Compute(shape, x, weight, bias) * double.NaN,
            Fault.Input => right.Compute(shape, Weakened(x), weight, bias),
            Fault.Weight => right.Compute(shape, x, Weakened(weight), bias),
            _ => right.Compute(shape, x, weight, bias is null ? null : Weakened(bias)),
        };
    }

    // Returns the same values with a reduced gradient.
    private Tensor Weakened(Tensor x) => x * (1 - share) + x.detach() * share;
}
