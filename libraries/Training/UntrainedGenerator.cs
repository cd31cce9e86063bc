using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training;

/// <summary>What is known of a generator before it is trained: which columns it will read.</summary>
/// <param name="shape">Its sizes.</param>
/// <param name="bodyHash">The body's hash.</param>
internal sealed class UntrainedGenerator(GeneratorShape shape, string bodyHash) : ITransferGenerator
{
    public string BodyHash => bodyHash;

    public TransferTensors SourceTensors => TransferTensors.BackgroundInput | TransferTensors.ForegroundInput | TransferTensors.SourceImage;

    public TransferTensors TargetTensors => TransferTensors.TransferInput | (shape.Warping == FeatureWarping.None ? TransferTensors.None : TransferTensors.Flow);

    public bool KeepsVisibleFace => false;

    public bool? AlignCorners => shape.AlignCorners;

    public ITransferWorker CreateWorker(int size) => throw new InvalidOperationException("The generator has not been trained.");
}
