using System.CommandLine;
using Lwg.MLNet.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Apps;

/// <summary>What computes the networks.</summary>
internal enum ComputeDevice
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first CUDA GPU; without one it is an error.</summary>
    Cuda,

    /// <summary>The first CUDA GPU where there is one, else the processor.</summary>
    Auto,
}

/// <summary>The option --device, the same in all programs.</summary>
internal static class ComputeDevices
{
    public static Option<ComputeDevice> Option { get; } = new("--device")
    {
        Description = "What computes the networks: cpu, cuda (the first GPU; needs a build with -p:LwgOnnxRuntime=Gpu, CUDA 13 and cuDNN "
        + "9), or auto (the GPU where it can be used).",
    };

    /// <summary>Lets a context open saved networks on a device; what its log warns of is said.</summary>
    public static MLContext Use(this MLContext mlContext, ComputeDevice device, TextWriter output)
    {
        if (device == ComputeDevice.Cpu)
            return mlContext;
        (mlContext.GpuDeviceId, mlContext.FallbackToCpu) = (0, device == ComputeDevice.Auto);
        mlContext.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Warning)
                output.WriteLine(entry.RawMessage);
        };
        return mlContext;
    }

    /// <summary>How networks run on a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="output">Where it is said that there is no GPU, once.</param>
    public static NetworkRuntimeOptions Runtime(this ComputeDevice device, TextWriter output) =>
        device == ComputeDevice.Cpu ? new()
        : new() { GpuDeviceId = 0, FallbackToCpu = device == ComputeDevice.Auto, Warn = output.WriteLine };
}
