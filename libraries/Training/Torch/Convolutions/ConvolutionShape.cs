using System.Globalization;
using Lwg.MLNet.Networks;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>A convolution at one size: all properties that determine which libtorch kernel computes it.</summary>
/// <param name="Transposed">Whether it is a transposed convolution.</param>
/// <param name="Batch">N.</param>
/// <param name="Inputs">Input channels.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Size">Height and width of the input.</param>
/// <param name="Kernel">Height and width of the kernel.</param>
/// <param name="Stride">Strides.</param>
/// <param name="Padding">Zeros on each side.</param>
/// <param name="Dilation">Dilations.</param>
/// <param name="OutputPadding">Rows and columns added to the output of a transposed convolution.</param>
/// <param name="Groups">Groups of channels.</param>
/// <param name="Bias">Whether it has biases.</param>
/// <param name="Type">The element type.</param>
internal sealed record ConvolutionShape(bool Transposed, long Batch, long Inputs, long Outputs, (long Y, long X) Size,
    (long Y, long X) Kernel, (long Y, long X) Stride,
    (long Y, long X) Padding, (long Y, long X) Dilation, (long Y, long X) OutputPadding, long Groups, bool Bias, ScalarType Type)
{
    /// <summary>Returns the shape of a graph node.</summary>
    /// <param name="node">A node Conv or ConvTranspose.</param>
    /// <param name="x">[N,C,H,W].</param>
    /// <param name="weight">The kernel.</param>
    /// <param name="bias">Whether it has biases.</param>
    public static ConvolutionShape Of(GraphNode node, Tensor x, Tensor weight, bool bias)
    {
        (bool transposed, long groups) = (node.Operator == "ConvTranspose", node.Whole("group", 1));
        long[] w = weight.shape, read = x.shape;
        return new ConvolutionShape(transposed, read[0], read[1], transposed ? w[1] * groups
            : w[0], (read[2], read[3]), (w[2], w[3]), Pair(node.Wholes("strides"), 1),
            Pair(node.Wholes("pads"), 0), Pair(node.Wholes("dilations"), 1), Pair(node.Wholes("output_padding"), 0), groups, bias, x.dtype);

        static (long, long) Pair(long[] values, long absent) => values.Length < 2 ? (absent, absent) : (values[0], values[1]);
    }

    /// <summary>Height and width of the output.</summary>
    public (long Y, long X) OutputSize =>
        (Side(Size.Y, Kernel.Y, Stride.Y, Padding.Y, Dilation.Y, OutputPadding.Y),
        Side(Size.X, Kernel.X, Stride.X, Padding.X, Dilation.X, OutputPadding.X));

    /// <summary>The shape of the input, [N,C,H,W].</summary>
    public long[] InputShape => [Batch, Inputs, Size.Y, Size.X];

    /// <summary>The shape of the kernel, in libtorch's order.</summary>
    public long[] WeightShape => Transposed ? [Inputs, Outputs / Groups, Kernel.Y, Kernel.X]
        : [Outputs, Inputs / Groups, Kernel.Y, Kernel.X];

    /// <summary>The shape of the output, [N,C,H,W].</summary>
    public long[] OutputShape => [Batch, Outputs, OutputSize.Y, OutputSize.X];

    /// <summary>The approximate number of products that are summed to one output value.</summary>
    public double FanIn => Math.Max(1, (double)Inputs / Groups * Kernel.Y * Kernel.X / (Transposed ? Stride.Y * Stride.X : 1));

    /// <summary>Returns the convolution as one line, its name in messages and in the cache.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Transposed ? "transposed convolution" : "convolution")} {Batch}x{Inputs}x{Size.Y}x{Size.X} to {Outputs} channels, kernel "
        + $"{Kernel.Y}x{Kernel.X}, stride {Stride.Y}x{Stride.X}, padding {Padding.Y}x{Padding.X}, dilation "
        + $"{Dilation.Y}x{Dilation.X}{(Transposed ? $", output padding {OutputPadding.Y}x{OutputPadding.X}" : "")}, groups "
        + $"{Groups}{(Bias ? ", biases" : "")}, {Type}");

    private long Side(long side, long kernel, long stride, long padding, long dilation, long outputPadding) => Transposed
        ? (side - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1
        : (side + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}
