using System.Text.Json.Serialization;

namespace Lwg.MLNet.Networks;

/// <summary>In which numbers a network computes.</summary>
public enum NetworkPrecision
{
    /// <summary>32-bit floats.</summary>
    Full,

    /// <summary>
    /// Convolutions in 8-bit integers, all else in 32-bit floats. For the transfer stream of a generator, which runs for every picture; its
    /// model must be calibrated (<see cref="Generation.GeneratorCalibration"/>). Other networks have full precision only.
    /// </summary>
    Quantized,
}

/// <summary>How networks run; names and meanings are those of ML.NET's OnnxOptions.</summary>
public sealed record NetworkRuntimeOptions
{
    /// <summary>Threads within an operator; null for as many as the machine has cores.</summary>
    public int? IntraOpNumThreads { get; init; }

    /// <summary>Threads across operators; null for one.</summary>
    public int? InterOpNumThreads { get; init; }

    /// <summary>In which numbers the transfer stream of a generator computes; networks that run once a source or to find a person have full
    /// precision always.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<NetworkPrecision>))]
    public NetworkPrecision Precision { get; init; }

    /// <summary>The CUDA device; null for the CPU. Needs the package Microsoft.ML.OnnxRuntime.Gpu, CUDA 13 and cuDNN 9. Saved models do not
    /// keep it: the context that loads them decides.</summary>
    public int? GpuDeviceId { get; init; }

    /// <summary>Whether the CPU is used, and <see cref="Warn"/> told, where the device is missing; otherwise that is an error.</summary>
    public bool FallbackToCpu { get; init; }

    /// <summary>Hears warnings; of a device that is missing once, however many networks ask for it.</summary>
    [JsonIgnore]
    public Action<string>? Warn { get; init; }

    /// <summary>Says what is wrong with the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
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
            throw new ArgumentOutOfRangeException(nameof(GpuDeviceId), GpuDeviceId, "Devices are counted from 0.");
    }
}
