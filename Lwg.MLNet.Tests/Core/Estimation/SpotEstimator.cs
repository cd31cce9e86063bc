using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Keypoints;

namespace Lwg.MLNet.Tests.Estimation;

/// <summary>An estimator whose truth is known: it finds the centre of the bright pixels and puts the body's origin and all key points
/// there.</summary>
internal sealed class SpotEstimator(int pictureSize, bool withKeypoints = false) : SmplEstimator
{
    internal override int PictureSize => pictureSize;

    internal override float Margin => 0.2f;

    internal override bool EstimatesKeypoints => withKeypoints;

    internal override ISmplWorker CreateWorker(int batchSize = 1) => new Worker(pictureSize, batchSize, withKeypoints);

    public override void Dispose() { }

    private sealed class Worker(int size, int batchSize, bool withKeypoints) : ISmplWorker
    {
        private const float Scale = 0.7f;

        private readonly float[] _pictures = new float[batchSize * 3 * size * size],
            _smpl = new float[batchSize * SmplLayout.ParameterCount], _keypoints = new float[batchSize * KeypointSet.Length];

        public Span<float> Picture(int row) => _pictures.AsSpan(row * 3 * size * size, 3 * size * size);

        public void Run()
        {
            for (int row = 0; row < batchSize; row++)
            {
                double sum = 0, x = 0, y = 0;
                Span<float> red = Picture(row)[..(size * size)];
                for (int i = 0; i < red.Length; i++)
                {
                    double light = red[i] + 1;
                    (sum, x, y) = (sum + light, x + light * (i % size + 0.5), y + light * (i / size + 0.5));
                }
                (x, y) = (x / sum, y / sum);
                Span<float> smpl = _smpl.AsSpan(row * SmplLayout.ParameterCount, SmplLayout.ParameterCount);
                (smpl[0], smpl[1], smpl[2]) = (Scale, (float)(2 * x / size - 1) / Scale, (float)(2 * y / size - 1) / Scale);
                smpl[SmplLayout.ShapeOffset] = row + 1;
                Span<float> keypoints = _keypoints.AsSpan(row * KeypointSet.Length, KeypointSet.Length);
                for (int k = 0; k < keypoints.Length; k += 3)
                    (keypoints[k], keypoints[k + 1], keypoints[k + 2]) = ((float)x, (float)y, 0.5f);
            }
        }

        public ReadOnlySpan<float> Smpl(int row) => _smpl.AsSpan(row * SmplLayout.ParameterCount, SmplLayout.ParameterCount);

        public ReadOnlySpan<float> Keypoints(int row) => withKeypoints ? _keypoints.AsSpan(row * KeypointSet.Length, KeypointSet.Length)
            : [];

        public void Dispose() { }
    }
}
