using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Tests.Torch.Convolutions;

/// <summary>What a faulty library computes wrong of a convolution.</summary>
public enum Fault
{
    /// <summary>What it makes.</summary>
    Forward,

    /// <summary>The gradient of what it reads.</summary>
    Input,

    /// <summary>The gradient of the kernel.</summary>
    Weight,

    /// <summary>The gradient of the biases.</summary>
    Bias,

    /// <summary>What it makes is not a number.</summary>
    NotANumber,
}

/// <summary>A convolution as a faulty library computes it: wrong in one respect for some shapes, and right otherwise.</summary>
/// <param name="right">What is right.</param>
/// <param name="fault">What is wrong.</param>
/// <param name="where">For which shapes.</param>
/// <param name="share">By what share.</param>
internal sealed class WrongConvolution(ConvolutionWay right, Fault fault, Func<ConvolutionShape, bool> where,
    double share = 0.3) : ConvolutionWay(right.Name)
{
    private int _calls;

    /// <summary>Whether it is wrong at all.</summary>
    public bool Lies { get; set; } = true;

    /// <summary>How often a shape was computed for which it is wrong.</summary>
    public int Calls => _calls;

    /// <summary>The shapes that were asked for.</summary>
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

    // The same numbers, of whose gradient a share is lost.
    private Tensor Weakened(Tensor x) => x * (1 - share) + x.detach() * share;
}
