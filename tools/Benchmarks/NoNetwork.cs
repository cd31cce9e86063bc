using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Benchmarks;

/// <summary>A generator that requests all inputs of a learned generator but computes nothing, so that only the stages around the networks
/// are measured.</summary>
internal sealed class NoNetwork : TransferGenerator
{
    public override string BodyHash => BodyModel.Default.Hash;

    internal override TransferTensors SourceTensors =>
        TransferTensors.BackgroundInput | TransferTensors.ForegroundInput | TransferTensors.SourceImage;

    internal override TransferTensors TargetTensors => TransferTensors.TransferInput | TransferTensors.Flow;

    internal override bool KeepsVisibleFace => false;

    internal override bool? AlignCorners => true;

    internal override ITransferWorker CreateWorker(int size) => new Worker();

    private sealed class Worker : ITransferWorker
    {
        public void Prepare(in TransferFrame frame)
        {
        }

        public void Generate(in TransferFrame frame, TransferResult result) => result.Compose();

        public void Dispose()
        {
        }
    }
}
