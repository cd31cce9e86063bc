using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>A way to compute a convolution, through which gradients flow.</summary>
/// <param name="name">What messages and the cache call it.</param>
internal abstract class ConvolutionWay(string name)
{
    /// <summary>
    /// The ways that there are, the fastest first as a rule: a way is taken only where those before it are wrong, so that what is taken
    /// does not depend on how fast a machine is. TorchSharp has no switch that turns oneDNN off for a call.
    /// </summary>
    public static IReadOnlyList<ConvolutionWay> All { get; } = After(new DirectConvolution());

    /// <summary>What messages and the cache call it.</summary>
    public string Name => name;

    /// <summary>A way as libtorch goes, then those around it.</summary>
    /// <param name="direct">How libtorch computes a convolution.</param>
    public static IReadOnlyList<ConvolutionWay> After(ConvolutionWay direct) =>
    [
        direct,
        new PaddedConvolution("channels padded to multiples of 16", count => (count + 15) / 16 * 16, direct),
        new PaddedConvolution("channels padded to powers of two from 16 on", count =>
        Math.Max(16, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)count)), direct),
        new UnfoldedConvolution(),
    ];

    /// <summary>Whether it is another way than those before it for such a convolution.</summary>
    public virtual bool Fits(ConvolutionShape shape) => true;

    /// <summary>Computes a convolution.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="weight">The kernel.</param>
    /// <param name="bias">The biases; null for none.</param>
    public abstract Tensor Compute(ConvolutionShape shape, Tensor x, Tensor weight, Tensor? bias);
}

/// <summary>As libtorch computes it.</summary>
internal sealed class DirectConvolution() : ConvolutionWay("as libtorch computes it")
{
    public override Tensor Compute(ConvolutionShape shape, Tensor x, Tensor weight, Tensor? bias)
    {
        long[] strides = [shape.Stride.Y, shape.Stride.X], padding = [shape.Padding.Y, shape.Padding.X],
            dilation = [shape.Dilation.Y, shape.Dilation.X];
        return shape.Transposed
            ? nn.functional.conv_transpose2d(x, weight, bias, strides: strides, padding: padding,
            output_padding: [shape.OutputPadding.Y, shape.OutputPadding.X], dilation: dilation, groups: shape.Groups)
            : nn.functional.conv2d(x, weight, bias, strides: strides, padding: padding, dilation: dilation, groups: shape.Groups);
    }
}

/// <summary>With channels of zeros, read and made, up to a count that kernels compute right; those made are cut off again.</summary>
/// <param name="name">What messages and the cache call it.</param>
/// <param name="round">The count for a count.</param>
/// <param name="inner">Computes the wider convolution.</param>
internal sealed class PaddedConvolution(string name, Func<long, long> round, ConvolutionWay inner) : ConvolutionWay(name)
{
    // Zeros would have to go into every group.
    public override bool Fits(ConvolutionShape shape) =>
        shape.Groups == 1 && (round(shape.Inputs) != shape.Inputs || round(shape.Outputs) != shape.Outputs);

    public override Tensor Compute(ConvolutionShape shape, Tensor x, Tensor weight, Tensor? bias)
    {
        ConvolutionShape wide = shape with { Inputs = round(shape.Inputs), Outputs = round(shape.Outputs) };
        (long inputs, long outputs) = (wide.Inputs - shape.Inputs, wide.Outputs - shape.Outputs);
        Tensor wideWeight = Pad(weight, shape.Transposed ? [0, 0, 0, 0, 0, outputs, 0, inputs] : [0, 0, 0, 0, 0, inputs, 0, outputs]);
        Tensor made = inner.Compute(wide, inputs == 0 ? x : Pad(x, [0, 0, 0, 0, 0, inputs]), wideWeight, bias is null || outputs == 0
            ? bias : Pad(bias, [0, outputs]));
        return outputs == 0 ? made : made.narrow(1, 0, shape.Outputs);
    }

    private static Tensor Pad(Tensor x, long[] zeros) => nn.functional.pad(x, zeros, TorchSharp.PaddingModes.Constant, 0);
}

/// <summary>As a product of matrices: windows laid out as columns (Chellapilla et al. 2006). The slowest way, and it takes the most
/// memory.</summary>
internal sealed class UnfoldedConvolution() : ConvolutionWay("windows as columns of a matrix")
{
    public override Tensor Compute(ConvolutionShape shape, Tensor x, Tensor weight, Tensor? bias)
    {
        long groups = shape.Groups, window = shape.Kernel.Y * shape.Kernel.X;
        Tensor made;
        if (shape.Transposed)
        {
            Tensor read = x.reshape(shape.Batch, groups, shape.Inputs / groups, shape.Size.Y * shape.Size.X);
            Tensor kernels = weight.reshape(groups, shape.Inputs / groups, shape.Outputs / groups * window).transpose(1, 2);
            Tensor columns = kernels.matmul(read).reshape(shape.Batch, shape.Outputs * window, shape.Size.Y * shape.Size.X);
            made = nn.functional.fold(columns, shape.OutputSize, shape.Kernel, shape.Dilation, shape.Padding, shape.Stride);
        }
        else
        {
            Tensor columns = nn.functional.unfold(x, shape.Kernel, shape.Dilation, shape.Padding, shape.Stride)
                .reshape(shape.Batch, groups, shape.Inputs / groups * window, -1);
            made = weight.reshape(groups, shape.Outputs / groups, shape.Inputs / groups * window).matmul(columns)
                .reshape(shape.OutputShape);
        }
        return bias is null ? made : made + bias.reshape(1, shape.Outputs, 1, 1);
    }
}
