using System.Numerics.Tensors;

namespace Lwg.MLNet.Imaging;

/// <summary>
/// The taps of one axis of a separable resampling. The filter is Keys' cubic (a = -1/2, 'Cubic convolution interpolation',
/// 1981); when shrinking it is widened by the ratio, so that nothing finer than the new pixels survives. Taps beyond the edge fall on
/// the edge pixel. Weights sum to one; where a new pixel falls on an old one at equal size its value is kept exactly.
/// </summary>
internal sealed class ResamplingAxis
{
    private readonly int[] _first;
    private readonly int[] _offset;
    private readonly float[] _weights;

    /// <summary>Prepares the taps.</summary>
    /// <param name="sourceLength">Pixels along the source's axis.</param>
    /// <param name="count">New pixels.</param>
    /// <param name="origin">Source coordinate (corner origin) of the first new pixel's near edge.</param>
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
            int first = (int)Math.Ceiling(Math.Clamp(centre - support - 0.5, -1e9, 1e9)), last = (int)Math.Floor(Math.Clamp(centre + support - 0.5, -1e9, 1e9));
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
    }

    /// <summary>The first source pixel that any new pixel needs.</summary>
    public int First { get; }

    /// <summary>How many source pixels from <see cref="First"/> on are needed.</summary>
    public int Length { get; }

    /// <summary>How many new pixels there are.</summary>
    public int Count => _first.Length;

    /// <summary>The first tap's source pixel of a new pixel.</summary>
    public int Start(int i) => _first[i];

    /// <summary>The weights of a new pixel's taps.</summary>
    public ReadOnlySpan<float> Taps(int i) => _weights.AsSpan(_offset[i], _offset[i + 1] - _offset[i]);

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    }
}

/// <summary>Gives rows of a channel as floats.</summary>
internal interface IRowSource
{
    /// <summary>Fills <paramref name="row"/> with the values from column <paramref name="first"/> on.</summary>
    void Read(int channel, int y, int first, Span<float> row);
}

/// <summary>The colours of a picture in [-1,1].</summary>
internal readonly ref struct PictureRows(PixelBuffer picture) : IRowSource
{
    private readonly PixelBuffer _picture = picture;

    public void Read(int channel, int y, int first, Span<float> row)
    {
        int step = _picture.Channels;
        ReadOnlySpan<byte> bytes = _picture.Row(y)[(first * step + channel)..];
        for (int i = 0, at = 0; i < row.Length; i++, at += step)
            row[i] = PixelBuffer.ToUnit(bytes[at]);
    }
}

/// <summary>Planes of floats, [channels, height, width].</summary>
internal readonly ref struct PlaneRows(ReadOnlySpan<float> planes, int width, int height) : IRowSource
{
    private readonly ReadOnlySpan<float> _planes = planes;

    public void Read(int channel, int y, int first, Span<float> row) =>
        _planes.Slice((channel * height + y) * width + first, row.Length).CopyTo(row);
}

/// <summary>Separable resampling, rows first.</summary>
internal static class Resampling
{
    /// <summary>Resamples every channel.</summary>
    /// <param name="source">Where the rows come from.</param>
    /// <param name="columns">The taps along x.</param>
    /// <param name="rows">The taps along y.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="destination">[channels, rows.Count, columns.Count].</param>
    public static void Run<T>(T source, ResamplingAxis columns, ResamplingAxis rows, int channels, Span<float> destination)
        where T : IRowSource, allows ref struct
    {
        float[] line = new float[columns.Length], sum = new float[columns.Length];
        int at = 0;
        for (int c = 0; c < channels; c++)
        {
            for (int y = 0; y < rows.Count; y++)
            {
                Array.Clear(sum);
                ReadOnlySpan<float> taps = rows.Taps(y);
                for (int k = 0; k < taps.Length; k++)
                {
                    if (taps[k] == 0)
                        continue;
                    source.Read(c, rows.Start(y) + k, columns.First, line);
                    TensorPrimitives.MultiplyAdd(line, taps[k], sum, sum);
                }
                for (int x = 0; x < columns.Count; x++)
                {
                    ReadOnlySpan<float> weights = columns.Taps(x);
                    destination[at++] = TensorPrimitives.Dot(weights, sum.AsSpan(columns.Start(x) - columns.First, weights.Length));
                }
            }
        }
    }
}
