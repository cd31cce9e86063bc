using Lwg.MLNet.Body;
using Lwg.MLNet.Composition;
using Lwg.MLNet.Generation;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>A stand-in for a learned generator: it reads the four inputs of the networks, and returns one colour, one mask and one
/// background.</summary>
internal sealed class ConstantGenerator(BodyModel body, bool alignCorners = true) : TransferGenerator
{
    public const float Mask = 0.4f;

    public static readonly float[] Color = [0.25f, -0.5f, 0.75f];

    public static readonly float[] Background = [-0.2f, 0.1f, -0.9f];

    private int _prepared;
    private int _generated;

    /// <summary>The number of sources that all workers have prepared.</summary>
    public int Prepared => _prepared;

    /// <summary>The number of targets that all workers have generated.</summary>
    public int Generated => _generated;

    public override string BodyHash => body.Hash;

    internal override TransferTensors SourceTensors => TransferTensors.BackgroundInput | TransferTensors.ForegroundInput;

    internal override TransferTensors TargetTensors => TransferTensors.TransferInput | TransferTensors.Flow;

    internal override bool KeepsVisibleFace => false;

    internal override bool? AlignCorners => alignCorners;

    internal override ITransferWorker CreateWorker(int size) => new Worker(this, size * size);

    /// <summary>Computes the constant picture: mask * background + (1 - mask) * colour.</summary>
    public static float Composed(int channel) => Mask * Background[channel] + (1 - Mask) * Color[channel];

    private sealed class Worker(ConstantGenerator owner, int plane) : ITransferWorker
    {
        public void Prepare(in TransferFrame frame)
        {
            Assert.AreEqual(4 * plane, frame.BackgroundInput.Length);
            Assert.AreEqual(6 * plane, frame.ForegroundInput.Length);
            Interlocked.Increment(ref owner._prepared);
        }

        public void Generate(in TransferFrame frame, TransferResult result)
        {
            Assert.AreEqual(6 * plane, frame.TransferInput.Length);
            Assert.AreEqual(2 * plane, frame.Flow.Length);
            Assert.AreEqual(0, frame.SourceImage.Length + frame.SourcePoints.Length + frame.SourceFaceIndex.Length
                + frame.TargetFaceIndex.Length + frame.TargetWeights.Length, "not asked for");
            Interlocked.Increment(ref owner._generated);
            for (int c = 0; c < 3; c++)
            {
                result.Color.AsSpan(c * plane, plane).Fill(Color[c]);
                result.Background.AsSpan(c * plane, plane).Fill(Background[c]);
            }
            result.Mask.AsSpan().Fill(Mask);
            result.Compose();
        }

        public void Dispose() { }
    }
}
