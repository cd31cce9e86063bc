namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>The kinds of operations of a test's network.</summary>
internal enum ForeignKind
{
    Convolution,
    Depthwise,
    Add,
    Pad,
    MaxPool,
    Resize,
    Reshape,
    Sigmoid,
    Relu,
    Relu6,
    Concat,
    DepthToSpace,
}

/// <summary>An operation: its inputs (0 is the network's input, i the output of operation i - 1), and the parameters of its
/// kind.</summary>
internal sealed record ForeignOperation(ForeignKind Kind, params int[] Inputs)
{
    public int Height { get; init; } = 1;

    public int Width { get; init; } = 1;

    public int StrideY { get; init; } = 1;

    public int StrideX { get; init; } = 1;

    public bool Same { get; init; }

    /// <summary>The activation: None, Relu or Relu6.</summary>
    public string Activation { get; init; } = "None";

    /// <summary>The output channels of a convolution; of a depthwise one, for each input channel.</summary>
    public int Channels { get; init; }

    public bool Biased { get; init; } = true;

    /// <summary>The shape of a reshape, rows and columns of a resize, or padding before and after each dimension.</summary>
    public int[] Sides { get; init; } = [];

    /// <summary>The axis of a concat, the block of a depth to space.</summary>
    public int Number { get; init; }

    /// <summary>The seed of the operation's weights.</summary>
    public int Seed { get; init; }

    public bool IsConvolution => Kind is ForeignKind.Convolution or ForeignKind.Depthwise;

    /// <summary>Returns weights [rows, columns, input channels, output channels] that are exact in half precision; every third is
    /// zero.</summary>
    public float[] Weights(int read) => Numbers(Height * Width * read * Channels, 1 + Seed);

    public float[] Bias(int read) => Numbers(Kind == ForeignKind.Depthwise ? read * Channels : Channels, 1000 + Seed);

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => i % 3 == 1 ? 0 : random.Next(-64, 65) / 128f)];
    }
}

/// <summary>
/// A network in the layout of other frameworks, [1, rows, columns, channels], and its results by TensorFlow's definitions, in double
/// precision and not optimized.
/// </summary>
/// <param name="Input">The input's shape.</param>
/// <param name="Operations">The operations, in order.</param>
/// <param name="Outputs">The indices of the output tensors.</param>
internal sealed record ForeignNetwork(int[] Input, ForeignOperation[] Operations, params int[] Outputs)
{
    /// <summary>Creates a picture that differs in rows, columns and channels.</summary>
    public float[] Picture() => [.. Enumerable.Range(0, Input.Aggregate((a, b) => a * b))
        .Select(i => MathF.Sin(0.7f * i + 0.01f * i % 5) + 0.2f * (i % 3))];

    /// <summary>Computes all tensors.</summary>
    public List<PlainTensor> Compute(float[] picture)
    {
        var made = new List<PlainTensor> { new(Input, [.. picture]) };
        foreach (ForeignOperation operation in Operations)
            made.Add(Compute(operation, [.. operation.Inputs.Select(i => made[i])]));
        return made;
    }

    private static PlainTensor Compute(ForeignOperation o, PlainTensor[] inputs)
    {
        PlainTensor x = inputs[0];
        PlainTensor result = o.Kind switch
        {
            ForeignKind.Convolution => Convolution(o, x),
            ForeignKind.Depthwise => Depthwise(o, x),
            ForeignKind.Add => PlainTensor.Make(x.Shape, i => x[i] + inputs[1][i]),
            ForeignKind.Pad => Pad(o, x),
            ForeignKind.MaxPool => PlainTensor.Make([1, .. Windows(o, x), x.Shape[3]], i => Window(o, x, i).Max(p => x[0, p.Y, p.X, i[3]])),
            ForeignKind.Resize => PlainTensor.Make([1, .. o.Sides, x.Shape[3]], i => Bilinear(o, x, i)),
            ForeignKind.Reshape => new PlainTensor(o.Sides, x.Values),
            ForeignKind.Sigmoid => PlainTensor.Make(x.Shape, i => 1 / (1 + Math.Exp(-x[i]))),
            ForeignKind.Relu => PlainTensor.Make(x.Shape, i => Math.Max(x[i], 0)),
            ForeignKind.Relu6 => PlainTensor.Make(x.Shape, i => Math.Clamp(x[i], 0, 6)),
            ForeignKind.Concat => Concat(o, inputs),
            _ => DepthToSpace(o, x),
        };
        return o.Activation switch
        {
            "Relu" => PlainTensor.Make(result.Shape, i => Math.Max(result[i], 0)),
            "Relu6" => PlainTensor.Make(result.Shape, i => Math.Clamp(result[i], 0, 6)),
            _ => result,
        };
    }

    private static PlainTensor Convolution(ForeignOperation o, PlainTensor x)
    {
        int read = x.Shape[3];
        var weights = new PlainTensor([o.Height, o.Width, read, o.Channels], [.. o.Weights(read)]);
        float[] bias = o.Bias(read);
        return PlainTensor.Make([1, .. Windows(o, x), o.Channels], i => (o.Biased ? bias[i[3]] : 0)
            + Window(o, x, i).Sum(p => Enumerable.Range(0, read).Sum(c => x[0, p.Y, p.X, c] * weights[p.Row, p.Column, c, i[3]])));
    }

    private static PlainTensor Depthwise(ForeignOperation o, PlainTensor x)
    {
        int read = x.Shape[3];
        var weights = new PlainTensor([o.Height, o.Width, read, o.Channels], [.. o.Weights(read)]);
        float[] bias = o.Bias(read);
        return PlainTensor.Make([1, .. Windows(o, x), read * o.Channels], i => (o.Biased ? bias[i[3]] : 0)
            + Window(o, x, i).Sum(p => x[0, p.Y, p.X, i[3] / o.Channels] * weights[p.Row, p.Column, i[3] / o.Channels, i[3] % o.Channels]));
    }

    private static int[] Windows(ForeignOperation o, PlainTensor x) => o.Same
        ? [(int)Math.Ceiling(x.Shape[1] / (double)o.StrideY), (int)Math.Ceiling(x.Shape[2] / (double)o.StrideX)]
        : [(int)Math.Ceiling((x.Shape[1] - o.Height + 1) / (double)o.StrideY),
        (int)Math.Ceiling((x.Shape[2] - o.Width + 1) / (double)o.StrideX)];

    /// <summary>Returns the pixels of a window that are inside the picture.</summary>
    private static IEnumerable<(int Row, int Column, int Y, int X)> Window(ForeignOperation o, PlainTensor x, int[] at)
    {
        int[] counts = Windows(o, x);
        int top = o.Same ? Math.Max((counts[0] - 1) * o.StrideY + o.Height - x.Shape[1], 0) / 2 : 0, left = o.Same
            ? Math.Max((counts[1] - 1) * o.StrideX + o.Width - x.Shape[2], 0) / 2 : 0;
        (int firstY, int firstX) = (at[1] * o.StrideY - top, at[2] * o.StrideX - left);
        return from row in Enumerable.Range(0, o.Height)
               from column in Enumerable.Range(0, o.Width)
               where firstY + row >= 0 && firstY + row < x.Shape[1] && firstX + column >= 0 && firstX + column < x.Shape[2]
               select (row, column, firstY + row, firstX + column);
    }

    private static PlainTensor Pad(ForeignOperation o, PlainTensor x)
    {
        int[] before = o.Sides[..4], after = o.Sides[4..];
        return PlainTensor.Make([.. x.Shape.Select((s, d) => before[d] + s + after[d])], i =>
        {
            int[] from = [.. i.Select((at, d) => at - before[d])];
            return from.Where((at, d) => at < 0 || at >= x.Shape[d]).Any() ? 0 : x[from];
        });
    }

    private static double Bilinear(ForeignOperation o, PlainTensor x, int[] i)
    {
        (int y0, int y1, double fy) = Between(i[1], x.Shape[1], o.Sides[0]);
        (int x0, int x1, double fx) = Between(i[2], x.Shape[2], o.Sides[1]);
        double top = x[0, y0, x0, i[3]] * (1 - fx) + x[0, y0, x1, i[3]] * fx, bottom = x[0, y1, x0, i[3]] * (1 - fx) + x[0, y1, x1, i[3]]
            * fx;
        return top * (1 - fy) + bottom * fy;
    }

    // Returns the two neighbours of a pixel's centre, and its relative position from the first to the second.
    private static (int First, int Second, double Part) Between(int at, int from, int to)
    {
        double place = (at + 0.5) * from / to - 0.5;
        double floor = Math.Floor(place);
        return ((int)Math.Clamp(floor, 0, from - 1), (int)Math.Clamp(floor + 1, 0, from - 1), place - floor);
    }

    private static PlainTensor Concat(ForeignOperation o, PlainTensor[] inputs)
    {
        int[] shape = [.. inputs[0].Shape];
        shape[o.Number] = inputs.Sum(x => x.Shape[o.Number]);
        return PlainTensor.Make(shape, i =>
        {
            int[] at = [.. i];
            foreach (PlainTensor x in inputs)
            {
                if (at[o.Number] < x.Shape[o.Number])
                    return x[at];
                at[o.Number] -= x.Shape[o.Number];
            }
            throw new InvalidOperationException("No tensor contains the element.");
        });
    }

    private static PlainTensor DepthToSpace(ForeignOperation o, PlainTensor x)
    {
        int b = o.Number, channels = x.Shape[3] / (b * b);
        return PlainTensor.Make([1, x.Shape[1] * b, x.Shape[2] * b, channels], i =>
            x[0, i[1] / b, i[2] / b, (i[1] % b * b + i[2] % b) * channels + i[3]]);
    }
}
