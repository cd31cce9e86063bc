using TorchSharp;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>Whether a GPU may round to TensorFloat-32 before it multiplies, in convolutions or products of matrices.</summary>
internal static class TensorFloat
{
    /// <summary>Whether it may.</summary>
    public static bool IsOn(Device device) =>
        device.type == DeviceType.CUDA && (backends.cudnn.allow_tf32 || backends.cuda.matmul.allow_tf32);

    /// <summary>It may not, until what is returned is disposed of.</summary>
    public static IDisposable? Off(Device device) =>
        IsOn(device) ? new Restoring(backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32) : null;

    private sealed class Restoring : IDisposable
    {
        private readonly bool _convolutions, _products;

        public Restoring(bool convolutions, bool products)
        {
            (_convolutions, _products) = (convolutions, products);
            (backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32) = (false, false);
        }

        public void Dispose() => (backends.cudnn.allow_tf32, backends.cuda.matmul.allow_tf32) = (_convolutions, _products);
    }
}
