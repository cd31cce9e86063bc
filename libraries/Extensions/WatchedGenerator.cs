using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Extensions;

/// <summary>A wrapper that runs an action before another generator prepares a source or creates a picture; an exception of the action
/// ends the work.</summary>
internal sealed class WatchedGenerator(TransferGenerator generator, Action before) : TransferGenerator
{
    public override string BodyHash => generator.BodyHash;

    internal override TransferTensors SourceTensors => generator.SourceTensors;

    internal override TransferTensors TargetTensors => generator.TargetTensors;

    internal override bool KeepsVisibleFace => generator.KeepsVisibleFace;

    internal override bool? AlignCorners => generator.AlignCorners;

    internal override int? BackgroundKernel(int size) => generator.BackgroundKernel(size);

    internal override TransferGenerator ForAppearance() => new WatchedGenerator(generator.ForAppearance(), before);

    internal override ITransferWorker CreateWorker(int size) => new Worker(generator.CreateWorker(size), before);

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
