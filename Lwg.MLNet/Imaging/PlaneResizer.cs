namespace Lwg.MLNet.Imaging;

/// <summary>Resamples a square picture [3,S,S] together with one more plane to another size. The taps are computed once.</summary>
internal sealed class PlaneResizer
{
    private readonly int _from;
    private readonly ResamplingAxis _axis;

    /// <summary>Computes the taps.</summary>
    /// <param name="from">The side of the input pictures, S, pixels.</param>
    /// <param name="to">The side of the output pictures, S, pixels.</param>
    /// <param name="offset">The shift of the content to the right and down, in pixels of the output.</param>
    public PlaneResizer(int from, int to, double offset = 0) =>
        (_from, _axis) = (from, new ResamplingAxis(from, to, -offset * from / to, (double)from / to));

    /// <summary>Resamples a picture and a plane.</summary>
    /// <param name="picture">The picture [3,S,S].</param>
    /// <param name="fourth">The plane [S,S]; empty for zero.</param>
    /// <param name="sink">Receives the rows, four values per pixel. Values may overshoot slightly, as usual with cubic filters.</param>
    public void Run<TSink>(ReadOnlySpan<float> picture, ReadOnlySpan<float> fourth, TSink sink)
        where TSink : IRowSink, allows ref struct => Resampling.Run(new Planes(picture, fourth, _from), _axis, _axis, sink);

    /// <summary>Resamples a picture.</summary>
    /// <param name="picture">The picture [3,S,S] in [-1,1].</param>
    /// <param name="result">Receives the picture [3,S,S] of the output size, in [-1,1].</param>
    public void Run(ReadOnlySpan<float> picture, Span<float> result) => Run(picture, default, new ClampedSink(result, _axis.Count));

    private readonly ref struct Planes(ReadOnlySpan<float> picture, ReadOnlySpan<float> fourth, int size) : IRowSource
    {
        private readonly ReadOnlySpan<float> _picture = picture;
        private readonly ReadOnlySpan<float> _fourth = fourth;

        public void Read(int y, int first, Span<float> row)
        {
            int at = y * size + first, n = size * size;
            for (int i = 0; i < row.Length; i += Resampling.Channels, at++)
                (row[i], row[i + 1], row[i + 2], row[i + 3]) =
                    (_picture[at], _picture[n + at], _picture[2 * n + at], _fourth.IsEmpty ? 0 : _fourth[at]);
        }
    }

    private readonly ref struct ClampedSink(Span<float> result, int size) : IRowSink
    {
        private readonly Span<float> _result = result;

        public void Write(int y, ReadOnlySpan<float> row)
        {
            for (int c = 0; c < 3; c++)
            {
                Span<float> line = _result.Slice((c * size + y) * size, size);
                for (int x = 0; x < line.Length; x++)
                    line[x] = Math.Clamp(row[Resampling.Channels * x + c], -1, 1);
            }
        }
    }
}
