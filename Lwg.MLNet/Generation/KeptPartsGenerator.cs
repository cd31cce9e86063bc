using Lwg.MLNet.Composition;
using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Appearance transfer that keeps the source's own pixels where its parts are kept, regardless of another generator's output there: the
/// pose is the source's, so they have not moved. Hair stays with the head. Thread-safe if the other generator is.
/// </summary>
/// <param name="generator">The generator of the other parts: <see cref="TransferGenerator.ForAppearance"/> of a generator.</param>
internal sealed class KeptPartsGenerator(TransferGenerator generator) : TransferGenerator
{
    /// <inheritdoc/>
    public override string BodyHash => generator.BodyHash;

    /// <inheritdoc/>
    internal override TransferTensors SourceTensors =>
        generator.SourceTensors | TransferTensors.SourceImage | TransferTensors.SourceFaceIndex;

    /// <inheritdoc/>
    internal override TransferTensors TargetTensors => generator.TargetTensors | TransferTensors.SourceFaceIndex | TransferTensors.KeptMap;

    /// <inheritdoc/>
    internal override bool KeepsVisibleFace => true;

    /// <inheritdoc/>
    internal override bool? AlignCorners => generator.AlignCorners;

    /// <inheritdoc/>
    internal override int? BackgroundKernel(int size) => generator.BackgroundKernel(size);

    /// <inheritdoc/>
    internal override ITransferWorker CreateWorker(int size) => new Worker(generator.CreateWorker(size), size);

    private sealed class Worker(ITransferWorker worker, int size) : ITransferWorker
    {
        private readonly KeptParts _kept = new(size);
        private readonly float[] _matte = new float[size * size];
        private PersonPixels? _pixels;

        public void Prepare(in TransferFrame frame)
        {
            worker.Prepare(frame);
            PersonMatte.Estimate(frame.SourceImage, frame.SourceFaceIndex, size, _matte);
            if (!frame.SourcePersonMask.IsEmpty && !frame.MaskOpensBackgroundOnly
                && (_pixels ??= new PersonPixels(size)).Take(frame.SourcePersonMask, frame.SourceFaceIndex))
                _pixels.Clear(_matte);
            _kept.Prepare(frame.SourceImage, _matte);
        }

        public void Generate(in TransferFrame frame, TransferResult result)
        {
            worker.Generate(frame, result);
            _kept.Apply(frame.SourceFaceIndex, frame.KeptMap, result);
        }

        public void Dispose() => worker.Dispose();
    }
}
