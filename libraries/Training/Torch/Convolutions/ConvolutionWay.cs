using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>A differentiable implementation of a convolution.</summary>
/// <param name="name">The name in messages and in the cache.</param>
internal abstract class ConvolutionWay(string name)
{
    /// <summary>
    /// All implementations, usually the fastest first. One is used only if those before it are wrong, so the choice does not depend on
    /// the speed of the machine. TorchSharp has no switch that disables oneDNN for a call.
    /// </summary>
    public static IReadOnlyList<ConvolutionWay> All { get; } = After(new DirectConvolution());

    /// <summary>The name in messages and in the cache.</summary>
    public string Name => name;

    /// <summary>Returns libtorch's implementation and the fallbacks that are based on it.</summary>
    /// <param name="direct">libtorch's implementation.</param>
    public static IReadOnlyList<ConvolutionWay> After(ConvolutionWay direct) =>
    [
        direct,
        new PaddedConvolution("channels padded to multiples of 16", count => (count + 15) / 16 * 16, direct),
        new PaddedConvolution("channels padded to powers of two from 16 on", count =>
        Math.Max(16, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)count)), direct),
        new UnfoldedConvolution(),
    ];

    /// <summary>Returns whether this implementation differs from those before it for a convolution.</summary>
    public virtual bool Fits(ConvolutionShape shape) => true;

    /// <summary>Computes a convolution.</summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="weight">The kernel.</param>
    /// <param name="bias">The biases; null for none.</param>
    public abstract Tensor Compute(ConvolutionShape shape, Tensor x, Tensor weight, Tensor? bias);
}

/// <summary>The implementation of libtorch.</summary>
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

/// <summary>Pads input and output channels with zeros to a count whose kernels are correct, and removes the added output
/// channels.</summary>
/// <param name="name">The name in messages and in the cache.</param>
/// <param name="round">Returns the padded count for a count of channels.</param>
/// <param name="inner">Computes the wider convolution.</param>
internal sealed class PaddedConvolution(string name, Func<long, long> round, ConvolutionWay inner) : ConvolutionWay(name)
{
    // With groups, every group would need its own zeros.
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

/// <summary>Computes a matrix product with the windows as columns (Chellapilla et al. 2006). The slowest implementation, and the one with
/// the largest memory use.</summary>
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
