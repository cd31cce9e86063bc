using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Data;

/// <summary>The samples of a step as tensors [N,...] on the networks' device. Created on the thread that prepares samples, so that no
/// step waits for the upload.</summary>
internal sealed class BatchTensors : IDisposable
{
    private readonly List<Tensor> _all = [];

    /// <param name="samples">Samples of the same size and kind.</param>
    /// <param name="device">The device of the networks.</param>
    public BatchTensors(IReadOnlyList<PreparedSample> samples, Device device)
    {
        try
        {
            int size = samples[0].Size;
            SourceImage = Stack(s => s.SourceImage, 3, size, size);
            TargetImage = Stack(s => s.TargetImage, 3, size, size);
            BackgroundInput = Stack(s => s.BackgroundInput, 4, size, size);
            ForegroundInput = Stack(s => s.ForegroundInput, 6, size, size);
            TransferInput = Stack(s => s.TransferInput, 6, size, size);
            Flow = Stack(s => s.Flow, size, size, 2);
            SourceBackgroundMask = Stack(s => s.SourceBackgroundMask, 1, size, size);
            TargetBackgroundMask = Stack(s => s.TargetBackgroundMask, 1, size, size);
            Background = Stack(s => s.Background, 3, size, size);
            BackgroundKnown = Stack(s => s.BackgroundKnown, 1, size, size);
            FaceBoxes = [.. samples.Select(s => s.FaceBox)];
            if (samples[0].IsAppearance)
                (ReferenceForegroundInput, ReferenceFlow) =
                    (Stack(s => s.ReferenceForegroundInput, 6, size, size), Stack(s => s.ReferenceFlow, size, size, 2));
        }
        catch
        {
            Dispose();
            throw;
        }

        Tensor Stack(Func<PreparedSample, float[]> part, params long[] shape)
        {
            using var scope = NewDisposeScope();
            Tensor stacked = empty([samples.Count, .. shape]);
            Span<float> values = MemoryMarshal.Cast<byte, float>(stacked.bytes);
            for (int i = 0; i < samples.Count; i++)
            {
                float[] from = part(samples[i]);
                from.CopyTo(values[(i * from.Length)..]);
            }
            // A GPU copies from pinned memory without the CPU.
            Tensor there = (device.type == TorchSharp.DeviceType.CUDA ? stacked.pin_memory().to(device) : stacked).DetachFromDisposeScope();
            _all.Add(there);
            return there;
        }
    }

    public Tensor SourceImage { get; }

    public Tensor TargetImage { get; }

    public Tensor BackgroundInput { get; }

    public Tensor ForegroundInput { get; }

    public Tensor TransferInput { get; }

    public Tensor Flow { get; }

    public Tensor SourceBackgroundMask { get; }

    public Tensor TargetBackgroundMask { get; }

    public Tensor Background { get; }

    public Tensor BackgroundKnown { get; }

    /// <summary>The foreground input of the reference in an appearance transfer; null otherwise.</summary>
    public Tensor? ReferenceForegroundInput { get; }

    /// <summary>The flow of the reference in an appearance transfer; null otherwise.</summary>
    public Tensor? ReferenceFlow { get; }

    public IReadOnlyList<float[]?> FaceBoxes { get; }

    public void Dispose()
    {
        foreach (Tensor tensor in _all)
            tensor.Dispose();
    }
}
