using Lwg.MLNet.Warping;

namespace Lwg.MLNet.Generation;

/// <summary>Appearance transfer by rule: the reference is drawn in the source's pose; where the source's parts stay, the source itself is shown.</summary>
internal sealed class TextureWarpAppearance(TextureWarpGenerator generator) : ITransferGenerator
{
    // Half the width of the seam between what stays and what is taken, as a share of S.
    private const float Seam = 1f / 128;

    public string BodyHash => generator.BodyHash;

    public TransferTensors SourceTensors =>
        generator.SourceTensors | TransferTensors.ReferenceImage | TransferTensors.ReferencePoints | TransferTensors.ReferenceFaceIndex;

    // The target's pose is the source's: its face index map is known.
    public TransferTensors TargetTensors => TransferTensors.SourceFaceIndex | TransferTensors.TargetWeights | TransferTensors.KeptMap;

    public bool KeepsVisibleFace => true;

    public bool? AlignCorners => null;

    public ITransferWorker CreateWorker(int size) => new Worker(generator, size);

    private sealed class Worker(TextureWarpGenerator generator, int size) : ITransferWorker
    {
        private readonly TextureWarpTarget _target = new(size);
        private readonly float[] _toKept = new float[size * size], _toTaken = new float[size * size];
        private TextureWarpSource? _source, _reference;

        public void Prepare(in TransferFrame frame)
        {
            _source = generator.Analyse(frame.SourceImage, frame.SourcePoints, frame.SourceFaceIndex, size);
            _reference = generator.Analyse(frame.ReferenceImage, frame.ReferencePoints, frame.ReferenceFaceIndex, size);
        }

        public void Generate(in TransferFrame frame, TransferResult result)
        {
            if (_source is null || _reference is null)
                throw new InvalidOperationException("A source must be prepared before a target can be generated.");
            _target.Draw(_reference, frame.SourceFaceIndex, frame.TargetWeights, result);
            _source.Plate.CopyTo(result.Background, 0);
            DistanceMap.Compute(size, frame.KeptMap, 1, _toKept);
            for (int i = 0; i < _toTaken.Length; i++)
                _toTaken[i] = frame.SourceFaceIndex[i] >= 0 && frame.KeptMap[i] == 0 ? 1 : 0;
            DistanceMap.Compute(size, _toTaken, 1, _toTaken);
            Keep(result);
            result.Compose();
        }

        public void Dispose()
        {
            // Arrays only: nothing to give back.
        }

        // Also outside the silhouette, so that hair stays with the head: what is nearer to a part that stays is the source's own.
        private void Keep(TransferResult result)
        {
            int n = size * size;
            ReadOnlySpan<float> matte = _source!.Matte;
            float seam = Math.Max(Seam * size, 1);
            for (int i = 0; i < n; i++)
            {
                float keep = TextureWarpGenerator.SmoothStep(-seam, seam, _toTaken[i] - _toKept[i]);
                if (keep == 0)
                    continue;
                // Premultiplied, so that the colour of what is clear counts for nothing.
                float own = keep * matte[i], borrowed = (1 - keep) * (1 - result.Mask[i]), alpha = own + borrowed;
                for (int c = 0; c < 3 && alpha > 0; c++)
                    result.Color[c * n + i] = (own * _source.Layers[c * n + i] + borrowed * result.Color[c * n + i]) / alpha;
                result.Mask[i] = 1 - alpha;
            }
        }
    }
}
