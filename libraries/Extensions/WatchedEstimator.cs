using Lwg.MLNet.Estimation;

namespace Lwg.MLNet.Extensions;

/// <summary>A wrapper that runs an action before each estimate of another estimator; an exception of the action ends the work.</summary>
internal sealed class WatchedEstimator(SmplEstimator estimator, Action before) : SmplEstimator
{
    internal override int PictureSize => estimator.PictureSize;

    internal override float Margin => estimator.Margin;

    internal override bool EstimatesKeypoints => estimator.EstimatesKeypoints;

    internal override int MaskSize => estimator.MaskSize;

    internal override ISmplWorker CreateWorker(int batchSize) => new Worker(estimator.CreateWorker(batchSize), before);

    public override void Dispose() { }

    private sealed class Worker(ISmplWorker worker, Action before) : ISmplWorker
    {
        public Span<float> Picture(int row) => worker.Picture(row);

        public void Run()
        {
            before();
            worker.Run();
        }

        public ReadOnlySpan<float> Smpl(int row) => worker.Smpl(row);

        public ReadOnlySpan<float> Keypoints(int row) => worker.Keypoints(row);

        public ReadOnlySpan<float> Mask(int row) => worker.Mask(row);

        public ReadOnlySpan<float> Presence(int row) => worker.Presence(row);

        public void Dispose() => worker.Dispose();
    }
}
