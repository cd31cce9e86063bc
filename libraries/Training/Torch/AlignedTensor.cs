using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch;

/// <summary>
/// Copies arrays to tensors in libtorch's memory. TorchSharp's <c>tensor</c> uses the array's own memory on a CPU, whose alignment differs
/// between runs, and the last bits of libtorch's sums and products depend on the alignment.
/// </summary>
internal static class AlignedTensor
{
    /// <summary>Copies an array.</summary>
    /// <param name="values">The values.</param>
    /// <param name="device">The device; null for the CPU.</param>
    /// <returns>A tensor of one dimension.</returns>
    public static Tensor Of(float[] values, Device? device = null)
    {
        using Tensor borrowed = tensor(values);
        return device is null || device.type == TorchSharp.DeviceType.CPU ? borrowed.clone() : borrowed.to(device);
    }
}
