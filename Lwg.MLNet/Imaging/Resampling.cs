using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Imaging;

/// <summary>
/// The taps of one axis of a separable resampling. The filter is Keys' cubic (a = -1/2, 'Cubic convolution interpolation', 1981). For
/// downsampling it is widened by the ratio to suppress detail finer than the new pixels. Taps outside the picture use the edge pixel.
/// Weights sum to one; at equal size, a new pixel that coincides with an old one has exactly its value.
/// </summary>
internal sealed class ResamplingAxis
{
    private readonly int[] _first;
    private readonly int[] _offset;
    private readonly float[] _weights;

    /// <summary>Computes the taps.</summary>
    /// <param name="sourceLength">The number of source pixels on the axis.</param>
    /// <param name="count">The number of new pixels.</param>
    /// <param name="origin">The source coordinate (corner origin) of the near edge of the first new pixel.</param>
    /// <param name="step">Source pixels per new pixel.</param>
    public ResamplingAxis(int sourceLength, int count, double origin, double step)
    {
        double stretch = Math.Max(step, 1), support = 2 * stretch;
        (_first, _offset) = (new int[count], new int[count + 1]);
        var weights = new List<float>(count * ((int)(2 * support) + 2));
        double[] taps = new double[(int)(2 * support) + 3];
        for (int i = 0; i < count; i++)
        {
            double centre = origin + (i + 0.5) * step;
            int first = (int)Math.Ceiling(Math.Clamp(centre - support - 0.5, -1e9, 1e9)),
                last = (int)Math.Floor(Math.Clamp(centre + support - 0.5, -1e9, 1e9));
            int from = Math.Clamp(first, 0, sourceLength - 1), to = Math.Clamp(last, 0, sourceLength - 1);
            taps.AsSpan(0, to - from + 1).Clear();
            double sum = 0;
            for (int j = first; j <= last; j++)
            {
                double weight = Cubic((j + 0.5 - centre) / stretch);
                taps[Math.Clamp(j, from, to) - from] += weight;
                sum += weight;
            }
            _first[i] = from;
            for (int j = 0; j <= to - from; j++)
                weights.Add((float)(taps[j] / sum));
            _offset[i + 1] = weights.Count;
        }
        _weights = [.. weights];
        First = _first.Min();
        Length = Enumerable.Range(0, count).Max(i => _first[i] + Taps(i).Length) - First;
        LongestTaps = Enumerable.Range(0, count).Max(i => Taps(i).Length);
    }

    /// <summary>The first source pixel that is needed.</summary>
    public int First { get; }

    /// <summary>The number of source pixels that are needed, from <see cref="First"/> on.</summary>
    public int Length { get; }

    /// <summary>The maximum number of taps of a new pixel.</summary>
    public int LongestTaps { get; }

    /// <summary>The number of new pixels.</summary>
    public int Count => _first.Length;

    /// <summary>Returns the source pixel of the first tap of a new pixel.</summary>
    public int Start(int i) => _first[i];

    /// <summary>Returns the weights of the taps of a new pixel.</summary>
    public ReadOnlySpan<float> Taps(int i) => _weights.AsSpan(_offset[i], _offset[i + 1] - _offset[i]);

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }
}

/// <summary>A source of rows as floats, four per pixel: red, green, blue and one more.</summary>
internal interface IRowSource
{
    /// <summary>Fills <paramref name="row"/> with the pixels of a row from column <paramref name="first"/> on.</summary>
    void Read(int y, int first, Span<float> row);
}

/// <summary>Receives the new rows, four floats per pixel, from the top.</summary>
internal interface IRowSink
{
    /// <summary>Writes one row.</summary>
    void Write(int y, ReadOnlySpan<float> row);
}

/// <summary>Separable resampling, rows first.</summary>
internal static class Resampling
{
    /// <summary>The number of floats per pixel: a vector of four, so that all channels are resampled at once.</summary>
    public const int Channels = 4;

    /// <summary>Resamples every row. Each source row is read once, and only the rows needed for one new row are kept.</summary>
    /// <param name="source">The source of the rows.</param>
    /// <param name="columns">The taps along x.</param>
    /// <param name="rows">The taps along y.</param>
    /// <param name="sink">The target of the new rows.</param>
    public static void Run<TSource, TSink>(TSource source, ResamplingAxis columns, ResamplingAxis rows, TSink sink)
        where TSource : IRowSource, allows ref struct
        where TSink : IRowSink, allows ref struct
    {
        int line = Channels * columns.Length, held = rows.LongestTaps;
        float[] scratch = ArrayPool<float>.Shared.Rent((held + 1) * line + Channels * columns.Count);
        try
        {
            Span<float> lines = scratch.AsSpan(0, held * line), sum = scratch.AsSpan(held * line, line),
                result = scratch.AsSpan((held + 1) * line, Channels * columns.Count);
            int next = 0;
            for (int y = 0; y < rows.Count; y++)
            {
                ReadOnlySpan<float> taps = rows.Taps(y);
                int start = rows.Start(y);
                for (next = Math.Max(next, start); next < start + taps.Length; next++)
                    source.Read(next, columns.First, lines.Slice(next % held * line, line));
                sum.Clear();
                for (int k = 0; k < taps.Length; k++)
                {
                    if (taps[k] != 0)
                        TensorPrimitives.MultiplyAdd(lines.Slice((start + k) % held * line, line), taps[k], sum, sum);
                }
                Across(MemoryMarshal.Cast<float, Vector128<float>>(sum), columns, MemoryMarshal.Cast<float, Vector128<float>>(result));
                sink.Write(y, result);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    private static void Across(ReadOnlySpan<Vector128<float>> line, ResamplingAxis columns, Span<Vector128<float>> result)
    {
        for (int x = 0; x < result.Length; x++)
        {
            ReadOnlySpan<float> taps = columns.Taps(x);
            ReadOnlySpan<Vector128<float>> pixels = line.Slice(columns.Start(x) - columns.First, taps.Length);
            Vector128<float> sum = default;
            for (int k = 0; k < taps.Length; k++)
                sum += taps[k] * pixels[k];
            result[x] = sum;
        }
    }
}
