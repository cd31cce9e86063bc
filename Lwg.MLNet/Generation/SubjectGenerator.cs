using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Generates pictures of one learned person. Each pixel of the target samples its point of the surface in the views that show it best,
/// blended without seams; surface that no view shows comes from the underlying generator, with the view that shows most of the target as
/// its source. Reads no source, because it has its own views. Thread-safe; each worker analyses the views again.
/// </summary>
internal sealed class SubjectGenerator : TransferGenerator
{
    private readonly TextureWarpGenerator _warp;
    private readonly LiquidWarpingGenerator? _network;

    /// <summary>Combines a person and a generator.</summary>
    /// <param name="subject">The person.</param>
    /// <param name="body">The body of the person's views.</param>
    /// <param name="network">The learned generator, not disposed here; null for the texture warp.</param>
    /// <exception cref="BodyMismatchException">The network reads maps of another body.</exception>
    public SubjectGenerator(Subject subject, BodyModel body, LiquidWarpingGenerator? network = null)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(body);
        if (network is not null && network.BodyHash != body.Hash)
            throw new BodyMismatchException(
                $"The network reads maps of the body with the hash {network.BodyHash}, but '{body.Source}' has {body.Hash}.");
        (Subject, _warp, _network) = (subject, new TextureWarpGenerator(body), network);
    }

    /// <summary>The person.</summary>
    public Subject Subject { get; }

    /// <inheritdoc/>
    public override string BodyHash => _warp.BodyHash;

    /// <inheritdoc/>
    internal override TransferTensors SourceTensors => TransferTensors.None;

    /// <inheritdoc/>
    internal override TransferTensors TargetTensors => TransferTensors.TargetFaceIndex | TransferTensors.TargetWeights;

    /// <inheritdoc/>
    internal override bool KeepsVisibleFace => true;

    /// <inheritdoc/>
    internal override bool? AlignCorners => null;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The size differs from the views'.</exception>
    internal override ITransferWorker CreateWorker(int size)
    {
        if (size != Subject.Size)
            throw new ArgumentException($"The person was learned from pictures of {Subject.Size} pixels, so {size} are not possible.",
                nameof(size));
        return new Worker(this);
    }

    private sealed class Worker : ITransferWorker
    {
        private readonly SharpWorker _worker;

        public Worker(SubjectGenerator generator)
        {
            Subject subject = generator.Subject;
            var maps = new ViewMaps(generator._warp.Body, subject.Size);
            _worker = new SharpWorker(generator._warp, generator._network, subject.Size);
            for (int v = 0; v < subject.Views.Count; v++)
            {
                maps.Draw(subject.Views[v].Smpl);
                var frame = new TransferFrame { SourceImage = subject.Views[v].Image, SourcePoints = maps.Points,
                    SourceFaceIndex = maps.FaceIndex, SourcePersonMask = subject.Views[v].PersonMask };
                if (v == 0)
                    _worker.Prepare(frame);
                else
                    _worker.Add(frame);
            }
            _worker.ShareColours();
            _worker.SetPlate(subject.Plate);
        }

        public void Prepare(in TransferFrame frame)
        {
            // The source is the subject's own.
        }

        public void Generate(in TransferFrame frame, TransferResult result) => _worker.Generate(frame, result);

        public void Dispose() => _worker.Dispose();
    }
}
