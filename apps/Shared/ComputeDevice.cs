using System.CommandLine;
using Lwg.MLNet.Networks;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Lwg.MLNet.Apps;

/// <summary>The device that runs the networks.</summary>
internal enum ComputeDevice
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first CUDA GPU; an error if there is none.</summary>
    Cuda,

    /// <summary>The first CUDA GPU if there is one, otherwise the processor.</summary>
    Auto,
}

/// <summary>The option --device, the same in all programs.</summary>
internal static class ComputeDevices
{
    public static Option<ComputeDevice> Option { get; } = new("--device")
    {
        Description = "The device for the networks: cpu, cuda (the first GPU; needs a build with -p:LwgOnnxRuntime=Gpu, CUDA 13 and cuDNN "
        + "9), or auto (the GPU if it can be used).",
    };

    /// <summary>Sets the device on which a context opens saved networks. Warnings of its log go to the output.</summary>
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

    /// <summary>Returns the options that run networks on a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="output">Receives one warning if there is no GPU.</param>
    public static NetworkRuntimeOptions Runtime(this ComputeDevice device, TextWriter output) =>
        device == ComputeDevice.Cpu ? new()
        : new() { GpuDeviceId = 0, FallbackToCpu = device == ComputeDevice.Auto, Warn = output.WriteLine };
}
