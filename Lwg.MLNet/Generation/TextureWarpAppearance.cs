using Lwg.MLNet.Composition;

namespace Lwg.MLNet.Generation;

/// <summary>Appearance transfer by rule for all parts: draws the reference in the source's pose in front of the source's
/// background.</summary>
internal sealed class TextureWarpAppearance(TextureWarpGenerator generator) : TransferGenerator
{
    public override string BodyHash => generator.BodyHash;

    internal override TransferTensors SourceTensors =>
        generator.SourceTensors | TransferTensors.ReferenceImage | TransferTensors.ReferencePoints | TransferTensors.ReferenceFaceIndex;

    // The target's pose is the source's, so its face index map is known.
    internal override TransferTensors TargetTensors => TransferTensors.SourceFaceIndex | TransferTensors.TargetWeights;

    internal override bool KeepsVisibleFace => false;

    internal override bool? AlignCorners => null;

    internal override ITransferWorker CreateWorker(int size) => new Worker(generator, size);

    private sealed class Worker(TextureWarpGenerator generator, int size) : ITransferWorker
    {
        private readonly TextureWarpTarget _target = new(size);
        private TextureWarpSource? _source, _reference;

        public void Prepare(in TransferFrame frame)
        {
            _source = generator.Analyse(frame.SourceImage, frame.SourcePoints, frame.SourceFaceIndex, size, frame.MaskOpensBackgroundOnly
                ? [] : frame.SourcePersonMask, frame.MaskOpensBackgroundOnly ? [] : frame.SourcePersonMask, frame.BackgroundFill);
            _reference = generator.Analyse(frame.ReferenceImage, frame.ReferencePoints, frame.ReferenceFaceIndex, size,
                frame.ReferencePersonMask, frame.ReferencePersonMask, BackgroundFill.Smooth);
        }

        public void Generate(in TransferFrame frame, TransferResult result)
        {
            if (_source is null || _reference is null)
                throw new InvalidOperationException("A source must be prepared before a target can be generated.");
            _target.Draw(_reference, frame.SourceFaceIndex, frame.TargetWeights, result);
            _source.Plate.CopyTo(result.Background, 0);
            result.Compose();
        }

        public void Dispose()
        {
            // Arrays only: nothing to release.
        }
    }
}
