namespace Lwg.MLNet.Networks.Imported;

/// <summary>The activation of a layer.</summary>
internal enum Activation
{
    None,
    Relu,

    /// <summary>Limited to the range 0 to 6.</summary>
    Relu6,
}

/// <summary>A window that moves over rows and columns.</summary>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
/// <param name="StrideY">The stride in rows.</param>
/// <param name="StrideX">The stride in columns.</param>
/// <param name="Same">Whether the picture is padded so that only the stride reduces it; odd padding has one more below and to the
/// right.</param>
internal readonly record struct Window(int Height, int Width, int StrideY, int StrideX, bool Same)
{
    /// <summary>Returns the number of rows or columns of the result.</summary>
    public static int Results(int size, int window, int stride, bool same) =>
        same ? (size + stride - 1) / stride : (size - window) / stride + 1;

    /// <summary>Returns the number of rows or columns of padding before the first one and after the last.</summary>
    public static (int Before, int After) Padding(int size, int window, int stride, bool same)
    {
        int all = same ? Math.Max(0, (Results(size, window, stride, same) - 1) * stride + window - size) : 0;
        return (all / 2, all - all / 2);
    }
}

/// <summary>The parameters of a convolution.</summary>
/// <param name="Channels">The number of output channels.</param>
/// <param name="Groups">The number of groups of channels: 1, or the number of input channels.</param>
/// <param name="Weights">[Channels, input channels / Groups, rows, columns].</param>
/// <param name="Bias">One value per channel, or null.</param>
internal sealed record Kernel(int Channels, int Groups, float[] Weights, float[]? Bias);

/// <summary>An operation of an imported network; its inputs are indices of tensors.</summary>
internal abstract record Layer(string Name, params int[] Inputs);

internal sealed record ConvolutionLayer(string Name, int Input, Kernel Kernel, Window Window) : Layer(Name, Input);

internal sealed record MaxPoolLayer(string Name, int Input, Window Window) : Layer(Name, Input);

internal sealed record AddLayer(string Name, int A, int B) : Layer(Name, A, B);

internal sealed record ActivationLayer(string Name, int Input, Activation Activation) : Layer(Name, Input);

internal sealed record SigmoidLayer(string Name, int Input) : Layer(Name, Input);

/// <summary>Pads with zeros before and after each dimension.</summary>
internal sealed record PadLayer(string Name, int Input, int[] Before, int[] After) : Layer(Name, Input);

/// <summary>Resizes bilinearly, with half-pixel centres.</summary>
internal sealed record ResizeLayer(string Name, int Input, int Height, int Width) : Layer(Name, Input);

internal sealed record ReshapeLayer(string Name, int Input, int[] Shape) : Layer(Name, Input);

internal sealed record ConcatLayer(string Name, int[] Parts, int Axis) : Layer(Name, Parts);

/// <summary>Rearranges channels to squares of pixels; the index of the pixel in the square precedes the channel.</summary>
internal sealed record DepthToSpaceLayer(string Name, int Input, int Block) : Layer(Name, Input);

/// <summary>A slice of the last dimension.</summary>
internal sealed record SliceLayer(string Name, int Input, int From, int To) : Layer(Name, Input);

/// <summary>
/// An imported network, regardless of its file format: layers in the order of computation, each of which makes one tensor. Tensors are
/// [1, rows, columns, channels] or have fewer dimensions; all shapes are known and checked when layers are added.
/// </summary>
/// <param name="source">The file's name, for error messages.</param>
internal sealed class LayerGraph(string source)
{
    /// <summary>The limits of a graph: about ten times the values of the largest known one.</summary>
    internal const int MostLayers = 5000, LargestSide = 1 << 15, MostElements = 1 << 24, LargestWindow = 64;

    /// <summary>The limits of the weights, and of the multiplications in one run, over all layers.</summary>
    internal const long MostWeights = 1 << 26, MostWork = 1L << 38;

    private readonly List<int[]> _shapes = [];
    private readonly List<Layer?> _makers = [];
    private long _weights, _work;

    /// <summary>The file's name, for error messages.</summary>
    public string Source => source;

    /// <summary>The number of tensors.</summary>
    public int Count => _shapes.Count;

    /// <summary>The inputs: tensors that no layer makes.</summary>
    public IEnumerable<int> Inputs => Enumerable.Range(0, Count).Where(t => _makers[t] is null);

    /// <summary>Returns a tensor's shape.</summary>
    public int[] ShapeOf(int tensor) => _shapes[tensor];

    /// <summary>Returns the layer that makes a tensor; null for an input.</summary>
    public Layer? MakerOf(int tensor) => _makers[tensor];

    /// <summary>Adds an input.</summary>
    /// <returns>The tensor of the input.</returns>
    public int AddInput(string name, int[] shape) => Add(null, Checked(name, shape));

    /// <summary>Adds a layer.</summary>
    /// <returns>The tensor that the layer makes.</returns>
    /// <exception cref="ModelFileException">The layer does not fit its inputs.</exception>
    public int Add(Layer layer)
    {
        if (_makers.Count >= MostLayers)
            throw Wrong(layer.Name, $"it is one layer too many: at most {MostLayers} are allowed.");
        if (layer.Inputs.Length == 0 || Array.Exists(layer.Inputs, i => i < 0 || i >= Count))
            throw Wrong(layer.Name, "it reads a tensor that no previous layer outputs.");
        int made = Add(layer, Checked(layer.Name, ShapeOf(layer)));
        if (layer is ConvolutionLayer { Kernel: var kernel })
            CountWork(layer.Name, kernel, _shapes[made]);
        return made;
    }

    /// <summary>Adds an activation unless it is <see cref="Activation.None"/>.</summary>
    /// <returns>The tensor after the activation.</returns>
    public int Activate(string name, int tensor, Activation activation) =>
        activation == Activation.None ? tensor : Add(new ActivationLayer(name, tensor, activation));

    /// <summary>Creates an error in a layer.</summary>
    public ModelFileException Wrong(string layer, string reason) => new(source, layer, reason);

    private int Add(Layer? layer, int[] shape)
    {
        _shapes.Add(shape);
        _makers.Add(layer);
        return Count - 1;
    }

    private int[] Checked(string name, int[] shape)
    {
        if (shape.Length is 0 or > 4 || shape[0] != 1 || Array.Exists(shape, s => s is < 1 or > LargestSide)
            || shape.Aggregate(1L, (product, side) => product * side) > MostElements)
            throw Wrong(name, $"it outputs a tensor {Text(shape)}; allowed are 1 to 4 dimensions of which the first is 1, sides of 1 to "
                + $"{LargestSide} and at most {MostElements} elements.");
        return shape;
    }

    private int[] ShapeOf(Layer layer)
    {
        int[] x = _shapes[layer.Inputs[0]];
        switch (layer)
        {
            case ConvolutionLayer { Kernel: var kernel, Window: var window }:
                Picture();
                CheckKernel(layer.Name, kernel, window, x[3]);
                return [1, .. Windows(layer.Name, window, x), kernel.Channels];
            case MaxPoolLayer { Window: var window }:
                Picture();
                return [1, .. Windows(layer.Name, window, x), x[3]];
            case AddLayer { B: var b }:
                return x.SequenceEqual(_shapes[b]) ? x
                    : throw Wrong(layer.Name, $"it adds {Text(_shapes[b])} to {Text(x)}; both must have the same shape.");
            case PadLayer { Before: var before, After: var after }:
                if (before.Length != x.Length || after.Length != x.Length || before.Concat(after).Any(p => p is < 0 or > LargestSide))
                    throw Wrong(layer.Name, $"its padding does not fit {Text(x)}.");
                return [.. x.Select((side, i) => side + before[i] + after[i])];
            case ResizeLayer { Height: var height, Width: var width }:
                Picture();
                return [1, height, width, x[3]];
            case ReshapeLayer { Shape: var shape }:
                return Reshaped(layer.Name, x, shape);
            case ConcatLayer { Axis: var axis }:
                return Joined(layer, axis);
            case DepthToSpaceLayer { Block: var block }:
                Picture();
                if (block is < 2 or > 16 || x[3] % (block * block) != 0)
                    throw Wrong(layer.Name, $"it makes squares of {block} x {block} pixels of {x[3]} channels.");
                return [1, x[1] * block, x[2] * block, x[3] / (block * block)];
            case SliceLayer { From: var from, To: var to }:
                return from >= 0 && from < to && to <= x[^1] ? [.. x[..^1], to - from]
                    : throw Wrong(layer.Name, $"it takes {from} to {to} of {x[^1]}.");
            default:
                return x;
        }

        void Picture()
        {
            if (x.Length != 4)
                throw Wrong(layer.Name, $"it reads {Text(x)}; a picture [1,rows,columns,channels] is needed.");
        }
    }

    private void CheckKernel(string name, Kernel kernel, Window window, int channels)
    {
        if (kernel.Channels < 1 || kernel.Groups < 1 || channels % kernel.Groups != 0 || kernel.Channels % kernel.Groups != 0)
            throw Wrong(name, $"it makes {kernel.Channels} channels of {channels} in {kernel.Groups} groups.");
        long needed = (long)kernel.Channels * (channels / kernel.Groups) * window.Height * window.Width;
        if (kernel.Weights.Length != needed)
            throw Wrong(name, $"it has {kernel.Weights.Length} weights; {needed} are needed for {kernel.Channels} channels of "
                + $"{channels} in {kernel.Groups} groups.");
        if (kernel.Bias is { } bias && bias.Length != kernel.Channels)
            throw Wrong(name, $"it has {bias.Length} biases for {kernel.Channels} channels.");
        if (Array.Exists(kernel.Weights, w => !float.IsFinite(w)) || kernel.Bias is not null
            && Array.Exists(kernel.Bias, w => !float.IsFinite(w)))
            throw Wrong(name, "some of its weights are not finite.");
    }

    private void CountWork(string name, Kernel kernel, int[] made)
    {
        _weights += kernel.Weights.Length;
        _work += (long)made[1] * made[2] * kernel.Weights.Length;
        if (_weights > MostWeights || _work > MostWork)
            throw Wrong(name, $"up to here the network has {_weights} weights and takes {_work} multiplications; at most "
                + $"{MostWeights} and {MostWork} are allowed.");
    }

    private int[] Windows(string name, Window w, int[] x)
    {
        if (w.Height is < 1 or > LargestWindow || w.Width is < 1 or > LargestWindow || w.StrideY is < 1 or > LargestWindow
            || w.StrideX is < 1 or > LargestWindow)
            throw Wrong(name, $"its window is {w.Height} x {w.Width} with strides {w.StrideY} and {w.StrideX}; 1 to {LargestWindow} are "
                + $"allowed.");
        if (!w.Same && (w.Height > x[1] || w.Width > x[2]))
            throw Wrong(name, $"its window {w.Height} x {w.Width} is larger than the picture {x[1]} x {x[2]}.");
        return [Window.Results(x[1], w.Height, w.StrideY, w.Same), Window.Results(x[2], w.Width, w.StrideX, w.Same)];
    }

    private int[] Reshaped(string name, int[] x, int[] shape)
    {
        long elements = x.Aggregate(1L, (product, side) => product * side);
        if (shape.Count(s => s == -1) > 1 || Array.Exists(shape, s => s is 0 or < -1 or > LargestSide) || shape.Length > 4)
            throw Wrong(name, $"it asks for the shape {Text(shape)}.");
        long known = shape.Where(s => s != -1).Aggregate(1L, (product, side) => product * side);
        int[] full = [.. shape.Select(s => s == -1 ? (int)(elements / known) : s)];
        return full.Aggregate(1L, (product, side) => product * side) == elements ? full
            : throw Wrong(name, $"{Text(x)} cannot become {Text(shape)}.");
    }

    private int[] Joined(Layer layer, int axis)
    {
        int[] shape = [.. _shapes[layer.Inputs[0]]];
        if (axis < 1 || axis >= shape.Length)
            throw Wrong(layer.Name, $"it joins along dimension {axis} of {shape.Length}; those after the first can be joined along.");
        foreach (int[] other in layer.Inputs.Skip(1).Select(i => _shapes[i]))
        {
            if (other.Length != shape.Length || other.Where((side, i) => i != axis && side != shape[i]).Any())
                throw Wrong(layer.Name, $"it joins {Text(other)} to {Text(shape)} along dimension {axis}.");
            shape[axis] = checked(shape[axis] + other[axis]);
        }
        return shape;
    }

    private static string Text(int[] shape) => $"[{string.Join(",", shape)}]";
}
