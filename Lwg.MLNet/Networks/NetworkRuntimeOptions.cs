using System.Text.Json.Serialization;

namespace Lwg.MLNet.Networks;

/// <summary>The numeric precision of a network.</summary>
public enum NetworkPrecision
{
    /// <summary>32-bit floats.</summary>
    Full,

    /// <summary>
    /// Convolutions in 8-bit integers, everything else in 32-bit floats. For the transfer stream of a generator, which runs for every
    /// picture; its model must be calibrated (<see cref="Generation.GeneratorCalibration"/>). Other networks only have full precision.
    /// </summary>
    Quantized,
}

/// <summary>How networks run; names and meanings are those of ML.NET's OnnxOptions.</summary>
public sealed record NetworkRuntimeOptions
{
    /// <summary>The number of threads within an operator, 1 to 1024; null for the number of cores.</summary>
    public int? IntraOpNumThreads { get; init; }

    /// <summary>The number of threads across operators, 1 to 1024; null for one.</summary>
    public int? InterOpNumThreads { get; init; }

    /// <summary>The precision of a generator's transfer stream; networks that run once per source or to find a person always have full
    /// precision.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<NetworkPrecision>))]
    public NetworkPrecision Precision { get; init; }

    /// <summary>The CUDA device, 0 or above; null for the CPU. Requires the package Microsoft.ML.OnnxRuntime.Gpu, CUDA 13 and cuDNN 9.
    /// Saved models do not store it: the context that loads them decides.</summary>
    public int? GpuDeviceId { get; init; }

    /// <summary>Whether the CPU is used, with a call of <see cref="Warn"/>, if the device is missing; otherwise that is an
    /// error.</summary>
    public bool FallbackToCpu { get; init; }

    /// <summary>Receives warnings; a missing device is reported once, regardless of the number of networks.</summary>
    [JsonIgnore]
    public Action<string>? Warn { get; init; }

    /// <summary>Validates the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public void Check()
    {
        if (IntraOpNumThreads is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(IntraOpNumThreads), IntraOpNumThreads, "1 to 1024 threads are allowed.");
        if (InterOpNumThreads is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(InterOpNumThreads), InterOpNumThreads, "1 to 1024 threads are allowed.");
        if (!Enum.IsDefined(Precision))
            throw new ArgumentOutOfRangeException(nameof(Precision), Precision,
                $"{string.Join(" and ", Enum.GetNames<NetworkPrecision>())} are allowed.");
        if (GpuDeviceId is < 0)
            throw new ArgumentOutOfRangeException(nameof(GpuDeviceId), GpuDeviceId, "Device numbers start at 0.");
    }
}
