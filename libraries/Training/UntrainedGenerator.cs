using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training;

/// <summary>A generator before its training, which provides the columns that it will read.</summary>
/// <param name="shape">Its sizes.</param>
/// <param name="bodyHash">The body's hash.</param>
internal sealed class UntrainedGenerator(GeneratorShape shape, string bodyHash) : TransferGenerator
{
    public override string BodyHash => bodyHash;

    internal override TransferTensors SourceTensors =>
        TransferTensors.BackgroundInput | TransferTensors.ForegroundInput | TransferTensors.SourceImage;

    internal override TransferTensors TargetTensors =>
        TransferTensors.TransferInput | (shape.Warping == FeatureWarping.None ? TransferTensors.None : TransferTensors.Flow);

    internal override bool KeepsVisibleFace => false;

    internal override bool? AlignCorners => shape.AlignCorners;

    internal override ITransferWorker CreateWorker(int size) => throw new InvalidOperationException("The generator has not been trained.");
}
