using TorchSharp;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>Controls whether a GPU may round to TensorFloat-32 before multiplications, in convolutions or matrix products.</summary>
internal static class TensorFloat
{
    /// <summary>Returns whether rounding is allowed.</summary>
    public static bool IsOn(Device device) =>
        device.type == DeviceType.CUDA && (backends.cudnn.allow_tf32 || backends.cuda.matmul.allow_tf32);

    /// <summary>Disallows rounding until the returned object is disposed.</summary>
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
