using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch;

/// <summary>The libtorch devices of <see cref="TrainingDevice"/>.</summary>
internal static class TorchDevice
{
    /// <summary>Returns a device, ready for use.</summary>
    /// <exception cref="TrainingException">The device is not available in libtorch.</exception>
    public static Device Of(TrainingDevice device)
    {
        if (device == TrainingDevice.Cpu)
            return CPU;
        const string Advice = "the application must provide libtorch for CUDA (the package TorchSharp-cuda-linux or "
            + "TorchSharp-cuda-windows in place of libtorch-cpu), and the machine must have a GPU";
        try
        {
            if (!cuda.is_available())
                throw new TrainingException($"libtorch found no CUDA GPU: {Advice}.");
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException)
        {
            throw new TrainingException($"libtorch cannot use CUDA: {Advice}.", e);
        }
        return CUDA;
    }
}
