using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Estimation;

/// <summary>The mean of several estimates of a person's key points, and their spread. An estimate on a smaller square, whose pixels are
/// finer, has a larger weight.</summary>
internal sealed class KeypointConsensus
{
    private const int Count = CocoSkeleton.KeypointCount;

    private readonly List<float[]> _estimates = [];
    private readonly List<float> _weights = [];
    private int _used;

    /// <summary>Removes all estimates.</summary>
    public void Clear()
    {
        _used = 0;
        _weights.Clear();
    }

    /// <summary>Adds an estimate.</summary>
    /// <param name="keypoints">The key points [17,3] in pixels of the square.</param>
    /// <param name="square">Maps the square's pixels to the picture's.</param>
    /// <param name="mirroredSide">The side of the square in pixels if it was mirrored; null if it was not.</param>
    public void Add(ReadOnlySpan<float> keypoints, in CropTransform square, int? mirroredSide = null)
    {
        if (_used == _estimates.Count)
            _estimates.Add(new float[2 * Count]);
        float[] points = _estimates[_used++];
        _weights.Add(1 / (square.A * square.A));
        for (int k = 0; k < Count; k++)
        {
            int from = 3 * (mirroredSide is null ? k : CocoSkeleton.Mirror[k]);
            float x = mirroredSide is { } side ? side - keypoints[from] : keypoints[from];
            (points[2 * k], points[2 * k + 1]) = square.Apply(x, keypoints[from + 1]);
        }
    }

    /// <summary>Replaces key points by the means of the estimates.</summary>
    /// <param name="keypoints">The key points [17,3]; places are replaced, confidences kept.</param>
    /// <param name="minimumConfidence">Key points below this confidence do not count in the result.</param>
    /// <returns>The mean distance between the estimates (for more than two, twice that from their mean), as a share of the person's
    /// size.</returns>
    public float Combine(Span<float> keypoints, float minimumConfidence)
    {
        float total = _weights.Sum(), sum = 0, minX = float.PositiveInfinity, minY = minX, maxX = float.NegativeInfinity, maxY = maxX;
        int visible = 0;
        for (int k = 0; k < Count; k++)
        {
            (float x, float y) = Mean(k, total);
            (keypoints[3 * k], keypoints[3 * k + 1]) = (x, y);
            if (keypoints[3 * k + 2] < minimumConfidence)
                continue;
            visible++;
            (minX, maxX, minY, maxY) = (MathF.Min(minX, x), MathF.Max(maxX, x), MathF.Min(minY, y), MathF.Max(maxY, y));
            for (int i = 0; i < _used; i++)
            {
                (float dx, float dy) = (_estimates[i][2 * k] - x, _estimates[i][2 * k + 1] - y);
                sum += 2 * _weights[i] / total * MathF.Sqrt(dx * dx + dy * dy);
            }
        }
        return visible == 0 ? 0 : sum / visible / MathF.Max(MathF.Max(maxX - minX, maxY - minY), 1);
    }

    private (float X, float Y) Mean(int keypoint, float total)
    {
        (float x, float y) = (0, 0);
        for (int i = 0; i < _used; i++)
        {
            float share = _weights[i] / total;
            (x, y) = (x + share * _estimates[i][2 * keypoint], y + share * _estimates[i][2 * keypoint + 1]);
        }
        return (x, y);
    }
}
