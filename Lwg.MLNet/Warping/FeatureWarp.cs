namespace Lwg.MLNet.Warping;

/// <summary>
/// Warps the source's features by T for a liquid warping block (Liu et al. 2019, section 3.2): T is resized to the features' size with
/// aligned corners, and the features are sampled there, bilinear, zero outside, as ONNX's Resize and GridSample do. The positions of T
/// are computed once for all channels and features of a size, and only points within the picture are processed. Use an instance on one
/// thread at a time.
/// </summary>
internal sealed class FeatureWarp
{
    private readonly int _side;
    private readonly bool _alignCorners;
    private readonly float[] _flow;
    private readonly int[] _points, _corners;
    private readonly float[] _weights;
    private int _count;

    /// <summary>Allocates scratch buffers for features of one size.</summary>
    /// <param name="side">The features' height and width, at least 1.</param>
    /// <param name="alignCorners">Whether -1 and 1 are the centres of the outermost pixels when features are sampled; depends on the
    /// model.</param>
    public FeatureWarp(int side, bool alignCorners)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        (_side, _alignCorners) = (side, alignCorners);
        int plane = side * side;
        (_flow, _points, _corners, _weights) = (new float[2 * plane], new int[plane], new int[4 * plane], new float[4 * plane]);
    }

    /// <summary>Sets T.</summary>
    /// <param name="flow">T [S,S,2], of any size S; -2 where there is no source. When T is reduced, -2 blends with its neighbours, as in
    /// the original.</param>
    public void Locate(ReadOnlySpan<float> flow)
    {
        int size = (int)Math.Sqrt(flow.Length / 2);
        if (size < 1 || flow.Length != 2 * size * size)
            throw new ArgumentException($"T has 2 values for each pixel of a square; {flow.Length} were given.", nameof(flow));
        Shrink(flow, size);
        float scale = _alignCorners ? (_side - 1) / 2f : _side / 2f, offset = (_side - 1) / 2f;
        _count = 0;
        for (int i = 0; i < _side * _side; i++)
        {
            float x = _flow[2 * i] * scale + offset, y = _flow[2 * i + 1] * scale + offset;
            if (!(x > -1 && y > -1 && x < _side && y < _side))
                continue;
            int x0 = (int)MathF.Floor(x), y0 = (int)MathF.Floor(y);
            float fx = x - x0, fy = y - y0;
            Span<int> corners = _corners.AsSpan(4 * _count, 4);
            Span<float> weights = _weights.AsSpan(4 * _count, 4);
            (corners[0], weights[0]) = Corner(x0, y0, (1 - fx) * (1 - fy));
            (corners[1], weights[1]) = Corner(x0 + 1, y0, fx * (1 - fy));
            (corners[2], weights[2]) = Corner(x0, y0 + 1, (1 - fx) * fy);
            (corners[3], weights[3]) = Corner(x0 + 1, y0 + 1, fx * fy);
            _points[_count++] = i;
        }
    }

    /// <summary>Adds the warped features to a sum.</summary>
    /// <param name="features">The source's features [C,side,side].</param>
    /// <param name="sum">[C,side,side]; unchanged where T points outside the picture.</param>
    public void Add(ReadOnlySpan<float> features, Span<float> sum)
    {
        int plane = _side * _side;
        if (features.Length != sum.Length || features.Length % plane != 0)
            throw new ArgumentException($"Features and sum are planes of {_side} x {_side}; {features.Length} and {sum.Length} elements "
                + $"were given.", nameof(features));
        ReadOnlySpan<int> points = _points.AsSpan(0, _count), corners = _corners.AsSpan(0, 4 * _count);
        ReadOnlySpan<float> weights = _weights.AsSpan(0, 4 * _count);
        for (int at = 0; at < features.Length; at += plane)
        {
            ReadOnlySpan<float> from = features.Slice(at, plane);
            Span<float> to = sum.Slice(at, plane);
            for (int k = 0; k < points.Length; k++)
            {
                ReadOnlySpan<int> c = corners.Slice(4 * k, 4);
                ReadOnlySpan<float> w = weights.Slice(4 * k, 4);
                to[points[k]] += from[c[0]] * w[0] + from[c[1]] * w[1] + from[c[2]] * w[2] + from[c[3]] * w[3];
            }
        }
    }

    // A corner outside the picture has no weight.
    private (int Index, float Weight) Corner(int x, int y, float weight) =>
        x >= 0 && y >= 0 && x < _side && y < _side ? (y * _side + x, weight) : (0, 0);

    private void Shrink(ReadOnlySpan<float> flow, int size)
    {
        if (size == _side)
        {
            flow.CopyTo(_flow);
            return;
        }
        float scale = _side > 1 ? (size - 1) / (float)(_side - 1) : 0;
        for (int y = 0; y < _side; y++)
        {
            (int top, int bottom, float fy) = Between(y);
            for (int x = 0; x < _side; x++)
            {
                (int left, int right, float fx) = Between(x);
                for (int c = 0; c < 2; c++)
                {
                    float upper = float.Lerp(flow[2 * (top * size + left) + c], flow[2 * (top * size + right) + c], fx);
                    float lower = float.Lerp(flow[2 * (bottom * size + left) + c], flow[2 * (bottom * size + right) + c], fx);
                    _flow[2 * (y * _side + x) + c] = float.Lerp(upper, lower, fy);
                }
            }
        }

        (int First, int Second, float Share) Between(int i)
        {
            float at = Math.Min(i * scale, size - 1);
            int first = (int)at;
            return (first, Math.Min(first + 1, size - 1), at - first);
        }
    }
}
