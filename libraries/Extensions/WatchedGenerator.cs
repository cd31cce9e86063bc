using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Extensions;

/// <summary>Another generator, and an action before it prepares a source and before it makes a picture; what that throws ends the work.</summary>
internal sealed class WatchedGenerator(ITransferGenerator generator, Action before) : ITransferGenerator
{
    public string BodyHash => generator.BodyHash;

    public TransferTensors SourceTensors => generator.SourceTensors;

    public TransferTensors TargetTensors => generator.TargetTensors;

    public bool KeepsVisibleFace => generator.KeepsVisibleFace;

    public bool? AlignCorners => generator.AlignCorners;

    public int? BackgroundKernel(int size) => generator.BackgroundKernel(size);

    public ITransferGenerator ForAppearance() => new WatchedGenerator(generator.ForAppearance(), before);

    public ITransferWorker CreateWorker(int size) => new Worker(generator.CreateWorker(size), before);

    private sealed class Worker(ITransferWorker worker, Action before) : ITransferWorker
    {
        public void Prepare(in TransferFrame frame)
        {
            before();
            worker.Prepare(frame);
        }

        public void Generate(in TransferFrame frame, TransferResult result)
        {
            before();
            worker.Generate(frame, result);
        }

        public void Dispose() => worker.Dispose();
    }
}
