using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Asks for all that a learned generator asks for and computes nothing, so that what is left of a pipeline is the stages around the networks.</summary>
internal sealed class NoNetwork : ITransferGenerator
{
    public string BodyHash => BodyModel.Default.Hash;

    public TransferTensors SourceTensors => TransferTensors.BackgroundInput | TransferTensors.ForegroundInput | TransferTensors.SourceImage;

    public TransferTensors TargetTensors => TransferTensors.TransferInput | TransferTensors.Flow;

    public bool KeepsVisibleFace => false;

    public bool? AlignCorners => true;

    public ITransferWorker CreateWorker(int size) => new Worker();

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
