using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>A tensor of the plain implementation.</summary>
internal sealed record PlainTensor(int[] Shape, double[] Values)
{
    public static PlainTensor Make(int[] shape, Func<int[], double> value)
    {
        var values = new double[shape.Aggregate(1, (a, b) => a * b)];
        int[] index = new int[shape.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int rest = i;
            for (int d = shape.Length - 1; d >= 0; rest /= shape[d--])
                index[d] = rest % shape[d];
            values[i] = value(index);
        }
        return new PlainTensor(shape, values);
    }

    public double this[params int[] index]
    {
        get
        {
            int at = 0;
            for (int d = 0; d < Shape.Length; d++)
                at = at * Shape[d] + index[d];
            return Values[at];
        }
    }

    /// <summary>Returns an element of a picture; zero beyond its edges.</summary>
    public double Padded(int n, int c, int y, int x) => y < 0 || x < 0 || y >= Shape[2] || x >= Shape[3] ? 0 : this[n, c, y, x];

    public int[] Integers => [.. Values.Select(v => (int)v)];
}

/// <summary>Computes a graph by the definitions of ONNX's operators, in double precision and not optimized: a second implementation to
/// compare with ONNX Runtime's results.</summary>
internal static class PlainNetwork
{
    public static Dictionary<string,
        PlainTensor> Compute(NetworkGraph graph, INamedWeights weights, IReadOnlyDictionary<string, PlainTensor> inputs)
    {
        var values = new Dictionary<string, PlainTensor>(inputs);
        foreach (GraphTensor weight in graph.Weights)
        {
            float[] array = new float[weight.Count];
            weights.Read(weight.Name, array);
            values[weight.Name] = new PlainTensor(weight.Shape, [.. array]);
        }
        foreach (GraphConstant constant in graph.Constants)
            values[constant.Name] = new PlainTensor(constant.Shape, constant.Floats is null ? [.. constant.Integers!]
                : [.. constant.Floats]);
        foreach (GraphNode node in graph.Nodes)
        {
            PlainTensor[] x = [.. node.Inputs.Select(i => i.Length == 0 ? null! : values[i])];
            int first = 0;
            foreach ((string output, int channels) in node.Operator == "Split" ? node.Outputs.Zip(x[1].Integers) : [(node.Outputs[0], 0)])
            {
                int start = first;
                values[output] = node.Operator == "Split"
                    ? PlainTensor.Make([x[0].Shape[0], channels, .. x[0].Shape[2..]], i => x[0][[i[0], i[1] + start, .. i[2..]]])
                    : Compute(node, x);
                first += channels;
            }
        }
        return graph.Outputs.ToDictionary(o => o.Name, o => values[o.Name]);
    }

    private static PlainTensor Compute(GraphNode node, PlainTensor[] x) => node.Operator switch
    {
        "Identity" => x[0],
        "Conv" => Conv(node, x),
        "ConvTranspose" => ConvTranspose(node, x),
        "InstanceNormalization" => InstanceNorm(x, node.Find("epsilon")!.Number!.Value),
        "BatchNormalization" => PlainTensor.Make(x[0].Shape, i =>
            (x[0][i] - x[3][i[1]]) / Math.Sqrt(x[4][i[1]] + node.Find("epsilon")!.Number!.Value) * x[1][i[1]] + x[2][i[1]]),
        "Relu" => Each(x[0], v => Math.Max(v, 0)),
        "LeakyRelu" => Each(x[0], v => v > 0 ? v : v * node.Find("alpha")!.Number!.Value),
        "Sigmoid" => Each(x[0], v => 1 / (1 + Math.Exp(-v))),
        "Tanh" => Each(x[0], Math.Tanh),
        "Softmax" => Softmax(x[0], (int)node.Whole("axis", -1)),
        "Add" => Broadcast(x[0], x[1], (a, b) => a + b),
        "Sub" => Broadcast(x[0], x[1], (a, b) => a - b),
        "Mul" => Broadcast(x[0], x[1], (a, b) => a * b),
        "MatMul" => PlainTensor.Make([.. x[0].Shape[..^1], x[1].Shape[^1]], i =>
            Enumerable.Range(0, x[0].Shape[^1]).Sum(k => x[0][[.. i[..^1], k]] * x[1][[.. i[..^2][^(x[1].Shape.Length - 2)..], k, i[^1]]])),
        "Clip" => Each(x[0], v => Math.Clamp(v, x[1].Values[0], x[2].Values[0])),
        "Concat" => Concat(x, (int)node.Whole("axis", 0)),
        "Transpose" => PlainTensor.Make([.. node.Wholes("perm").Select(d => x[0].Shape[d])], i =>
        {
            var from = new int[i.Length];
            for (int d = 0; d < i.Length; d++)
                from[node.Wholes("perm")[d]] = i[d];
            return x[0][from];
        }),
        "Reshape" => Reshape(x[0], x[1].Integers),
        "GridSample" => GridSample(x[0], x[1], node.Whole("align_corners", 0) == 1),
        "Resize" => Resize(node, x[0], x[2].Values[2]),
        "MaxPool" => Pool(node, x[0], window => window.Max()),
        "AveragePool" => Pool(node, x[0], window => window.Average()),
        "Flatten" => new PlainTensor([x[0].Shape[0], x[0].Values.Length / x[0].Shape[0]], x[0].Values),
        "Gemm" => PlainTensor.Make([x[0].Shape[0], x[1].Shape[0]], i =>
            x[2][i[1]] + Enumerable.Range(0, x[1].Shape[1]).Sum(k => x[0][i[0], k] * x[1][i[1], k])),
        "Shape" => new PlainTensor([x[0].Shape.Length], [.. x[0].Shape]),
        "Slice" => new PlainTensor([(int)(x[2].Values[0] - x[1].Values[0])], x[0].Values[(int)x[1].Values[0]..(int)x[2].Values[0]]),
        "Expand" => PlainTensor.Make(x[1].Integers, i => x[0][i[^1]]),
        _ => throw new NotSupportedException(node.Operator),
    };

    private static PlainTensor Each(PlainTensor x, Func<double, double> value) => new(x.Shape, [.. x.Values.Select(value)]);

    private static PlainTensor Conv(GraphNode node, PlainTensor[] x)
    {
        (PlainTensor picture, PlainTensor kernel) = (x[0], x[1]);
        int stride = (int)node.Wholes("strides")[0], pad = (int)node.Wholes("pads")[0], dilation = (int)node.Wholes("dilations")[0],
            k = kernel.Shape[2];
        (int channels, int height, int width) = (picture.Shape[1], picture.Shape[2], picture.Shape[3]);
        int Side(int side) => (side + 2 * pad - dilation * (k - 1) - 1) / stride + 1;
        return PlainTensor.Make([picture.Shape[0], kernel.Shape[0], Side(height), Side(width)], i =>
        {
            double sum = x.Length > 2 ? x[2].Values[i[1]] : 0;
            for (int c = 0; c < channels; c++)
            {
                for (int dy = 0; dy < k; dy++)
                {
                    for (int dx = 0; dx < k; dx++)
                    {
                        int row = i[2] * stride - pad + dy * dilation, column = i[3] * stride - pad + dx * dilation;
                        if (row >= 0 && row < height && column >= 0 && column < width)
                            sum += kernel.Values[((i[1] * channels + c) * k + dy) * k + dx]
                                * picture.Values[((i[0] * channels + c) * height + row) * width + column];
                    }
                }
            }
            return sum;
        });
    }

    // Each input pixel adds its kernel to the output: input y contributes to output 2 y - pad + dy.
    private static PlainTensor ConvTranspose(GraphNode node, PlainTensor[] x)
    {
        (PlainTensor picture, PlainTensor kernel) = (x[0], x[1]);
        int stride = (int)node.Wholes("strides")[0], pad = (int)node.Wholes("pads")[0], more = (int)node.Wholes("output_padding")[0],
            k = kernel.Shape[2];
        int Side(int side) => (side - 1) * stride - 2 * pad + k + more;
        int[] shape = [picture.Shape[0], kernel.Shape[1], Side(picture.Shape[2]), Side(picture.Shape[3])];
        return PlainTensor.Make(shape, i =>
        {
            double sum = 0;
            for (int c = 0; c < kernel.Shape[0]; c++)
                for (int y = 0; y < picture.Shape[2]; y++)
                    for (int xx = 0; xx < picture.Shape[3]; xx++)
                    {
                        int dy = i[2] + pad - y * stride, dx = i[3] + pad - xx * stride;
                        if (dy >= 0 && dy < k && dx >= 0 && dx < k)
                            sum += kernel[c, i[1], dy, dx] * picture[i[0], c, y, xx];
                    }
            return sum;
        });
    }

    private static PlainTensor InstanceNorm(PlainTensor[] x, double epsilon)
    {
        int plane = x[0].Shape[2..].Aggregate(1, (a, b) => a * b), channels = x[0].Shape[1];
        double[] means = [.. x[0].Values.Chunk(plane).Select(p => p.Average())];
        double[] variances = [.. x[0].Values.Chunk(plane).Select((p, i) => p.Average(v => (v - means[i]) * (v - means[i])))];
        return PlainTensor.Make(x[0].Shape, i =>
        {
            int at = i[0] * channels + i[1];
            return (x[0][i] - means[at]) / Math.Sqrt(variances[at] + epsilon) * x[1][i[1]] + x[2][i[1]];
        });
    }

    private static PlainTensor Softmax(PlainTensor x, int axis)
    {
        int d = axis < 0 ? axis + x.Shape.Length : axis;
        return PlainTensor.Make(x.Shape, i =>
        {
            double sum = 0, own = Math.Exp(x[i]);
            int[] other = [.. i];
            for (other[d] = 0; other[d] < x.Shape[d]; other[d]++)
                sum += Math.Exp(x[other]);
            return own / sum;
        });
    }

    private static PlainTensor Broadcast(PlainTensor a, PlainTensor b, Func<double, double, double> value)
    {
        int rank = Math.Max(a.Shape.Length, b.Shape.Length);
        int[] Padded(int[] shape) => [.. Enumerable.Repeat(1, rank - shape.Length), .. shape];
        var (left, right) = (new PlainTensor(Padded(a.Shape), a.Values), new PlainTensor(Padded(b.Shape), b.Values));
        double At(PlainTensor t, int[] index) => t[[.. index.Select((i, d) => t.Shape[d] == 1 ? 0 : i)]];
        return PlainTensor.Make([.. left.Shape.Zip(right.Shape, Math.Max)], i => value(At(left, i), At(right, i)));
    }

    private static PlainTensor Concat(PlainTensor[] x, int axis)
    {
        int[] shape = [.. x[0].Shape];
        shape[axis] = x.Sum(t => t.Shape[axis]);
        return PlainTensor.Make(shape, i =>
        {
            int[] from = [.. i];
            int part = 0;
            for (; from[axis] >= x[part].Shape[axis]; part++)
                from[axis] -= x[part].Shape[axis];
            return x[part][from];
        });
    }

    private static PlainTensor Reshape(PlainTensor x, int[] wanted)
    {
        int[] shape = [.. wanted.Select((side, d) => side == 0 ? x.Shape[d] : side)];
        int open = Array.IndexOf(shape, -1);
        if (open >= 0)
            shape[open] = x.Values.Length / -shape.Aggregate(1, (a, b) => a * b);
        return new PlainTensor(shape, x.Values);
    }

    private static PlainTensor GridSample(PlainTensor x, PlainTensor grid, bool align)
    {
        return PlainTensor.Make([x.Shape[0], x.Shape[1], grid.Shape[1], grid.Shape[2]], i =>
        {
            double Pixel(double u, int side) => align ? (u + 1) / 2 * (side - 1) : ((u + 1) * side - 1) / 2;
            double px = Pixel(grid[i[0], i[2], i[3], 0], x.Shape[3]), py = Pixel(grid[i[0], i[2], i[3], 1], x.Shape[2]);
            int x0 = (int)Math.Floor(px), y0 = (int)Math.Floor(py);
            double sum = 0;
            for (int dy = 0; dy < 2; dy++)
                for (int dx = 0; dx < 2; dx++)
                    sum += (1 - Math.Abs(px - x0 - dx)) * (1 - Math.Abs(py - y0 - dy)) * x.Padded(i[0], i[1], y0 + dy, x0 + dx);
            return sum;
        });
    }

    private static PlainTensor Resize(GraphNode node, PlainTensor x, double scale)
    {
        (int height, int width) = ((int)Math.Floor(x.Shape[2] * scale), (int)Math.Floor(x.Shape[3] * scale));
        int[] shape = [x.Shape[0], x.Shape[1], height, width];
        if (node.Find("mode")!.Text == "nearest")
            return PlainTensor.Make(shape, i => x[i[0], i[1], (int)(i[2] / scale), (int)(i[3] / scale)]);
        return PlainTensor.Make(shape, i =>
        {
            double py = height == 1 ? 0 : (double)i[2] * (x.Shape[2] - 1) / (height - 1), px = width == 1 ? 0
                : (double)i[3] * (x.Shape[3] - 1) / (width - 1);
            int y0 = (int)py, x0 = (int)px, y1 = Math.Min(y0 + 1, x.Shape[2] - 1), x1 = Math.Min(x0 + 1, x.Shape[3] - 1);
            double Row(int y) => x[i[0], i[1], y, x0] * (1 - (px - x0)) + x[i[0], i[1], y, x1] * (px - x0);
            return Row(y0) * (1 - (py - y0)) + Row(y1) * (py - y0);
        });
    }

    private static PlainTensor Pool(GraphNode node, PlainTensor x, Func<IEnumerable<double>, double> value)
    {
        int k = (int)node.Wholes("kernel_shape")[0], stride = (int)node.Wholes("strides")[0];
        bool ceil = node.Whole("ceil_mode", 0) == 1;
        // The same on each side; padding never counts.
        int pad = node.Find("pads") is null ? 0 : (int)node.Wholes("pads")[0];
        int Side(int side) => (ceil ? (int)Math.Ceiling((side + 2 * pad - k) / (double)stride) : (side + 2 * pad - k) / stride) + 1;
        return PlainTensor.Make([x.Shape[0], x.Shape[1], Side(x.Shape[2]), Side(x.Shape[3])], i => value(
            from y in Enumerable.Range(i[2] * stride - pad, k)
            from c in Enumerable.Range(i[3] * stride - pad, k)
            where y >= 0 && c >= 0 && y < x.Shape[2] && c < x.Shape[3]
            select x[i[0], i[1], y, c]));
    }
}
