using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>The properties that determine which kernels libtorch uses: processor or GPU, libraries, threads and environment
/// variables.</summary>
internal static class ConvolutionMachine
{
    private static readonly string[] s_switches =
        ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_CPU_ISA_HINTS", "DNNL_CPU_ISA_HINTS", "ONEDNN_DEFAULT_FPMATH_MODE",
            "DNNL_DEFAULT_FPMATH_MODE",
        "ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR", "NVIDIA_TF32_OVERRIDE", "CUDA_VISIBLE_DEVICES",
        "TORCH_CUDNN_V8_API_DISABLED"];

    private static readonly Lazy<string> s_libraries = new(Libraries);
    private static readonly Lazy<string> s_processor = new(Processor);
    private static readonly Lazy<string?> s_gpus = new(Gpus);

    /// <summary>Whether the processor has AVX-512 (its foundation, CPUID leaf 7, EBX bit 16), whatever the .NET runtime uses.</summary>
    public static bool HasVectors512 { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7
        && (X86Base.CpuId(7, 0).Ebx & 1 << 16) != 0;

    /// <summary>Returns all properties as one text; null if the GPU's model is unknown, in which case nothing is cached.</summary>
    /// <param name="device">The device.</param>
    public static string? Identity(Device device)
    {
        int threads = get_num_threads();
        string? computing = device.type == DeviceType.CUDA ? s_gpus.Value : "";
        if (computing is null)
            return null;
        if (computing.Length > 0)
            computing += $"; TF32 {backends.cudnn.allow_tf32} {backends.cuda.matmul.allow_tf32}";
        string switches = string.Join(" ", s_switches.Select(name => (name, Value: Environment.GetEnvironmentVariable(name)))
            .Where(s => !string.IsNullOrEmpty(s.Value)).Select(s => $"{s.name}={s.Value}"));
        return string.Create(CultureInfo.InvariantCulture,
            $"{device.type} {computing}; {s_processor.Value}; {threads} threads; {s_libraries.Value}; {switches}");
    }

    // Reads the CPUID registers, since libtorch ignores the switches of the .NET runtime.
    private static string Processor()
    {
        if (!X86Base.IsSupported)
            return $"{RuntimeInformation.ProcessArchitecture} {ArmCores()}";
        var name = new StringBuilder();
        for (int leaf = 0; leaf < 3; leaf++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId(unchecked((int)0x80000002) + leaf, 0);
            name.Append(Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([a, b, c, d])));
        }
        (int model, _, int older, _) = X86Base.CpuId(1, 0);
        (_, int wide, int more, int rest) = X86Base.CpuId(7, 0);
        return $"{name.ToString().Replace("\0", "", StringComparison.Ordinal).Trim()} "
            + $"{model:x8} {older & ~(1 << 27):x8} {wide:x8} {more:x8} {rest:x8}";
    }

    private static string ArmCores()
    {
        try
        {
            string[] kept = ["CPU implementer", "CPU part", "CPU variant", "Features"];
            return string.Join(" ", File.ReadLines("/proc/cpuinfo")
                .Where(line => kept.Any(k => line.StartsWith(k, StringComparison.Ordinal))).Distinct());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return RuntimeInformation.OSDescription;
        }
    }

    private static string? Gpus()
    {
        try
        {
            string[] models = [.. Directory.EnumerateFiles("/proc/driver/nvidia/gpus", "information", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .SelectMany(File.ReadLines).Where(line => line.StartsWith("Model:", StringComparison.Ordinal))];
            return models.Length == 0 ? null
                : $"{string.Join(" ", models)} {File.ReadLines("/proc/driver/nvidia/version").FirstOrDefault()}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // An application may load another libtorch than the one that TorchSharp references, so the loaded modules are listed.
    private static string Libraries()
    {
        // Other modules are loaded on demand, at different times.
        string[] families = ["torch", "c10", "libcudnn.so", "cudnn64"];
        using var process = Process.GetCurrentProcess();
        IEnumerable<string> loaded = process.Modules.Cast<ProcessModule>()
            .Where(m => m.FileName is not null
            && families.Any(f => Path.GetFileName(m.FileName).Contains(f, StringComparison.OrdinalIgnoreCase)) && File.Exists(m.FileName))
            .Select(m => $"{Path.GetFileName(m.FileName)}:{new FileInfo(m.FileName).Length}");
        return $"libtorch {__version__} {string.Join(" ", loaded.Distinct().Order(StringComparer.Ordinal))}";
    }
}
