using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch;

/// <summary>What libtorch calls the devices.</summary>
internal static class TorchDevice
{
    /// <summary>Makes a device ready.</summary>
    /// <exception cref="TrainingException">libtorch has no such device.</exception>
    public static Device Of(TrainingDevice device)
    {
        if (device == TrainingDevice.Cpu)
            return CPU;
        const string Advice = "the application must bring libtorch for CUDA (the package TorchSharp-cuda-linux or "
            + "TorchSharp-cuda-windows in place of libtorch-cpu), and the machine a GPU";
        try
        {
            if (!cuda.is_available())
                throw new TrainingException($"libtorch sees no CUDA GPU: {Advice}.");
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException)
        {
            throw new TrainingException($"libtorch cannot use CUDA: {Advice}.", e);
        }
        return CUDA;
    }
}
