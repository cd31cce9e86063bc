using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Describes the machine of the measurements.</summary>
internal static class Hardware
{
    public static string Description =>
        $"{Processor}, {Environment.ProcessorCount} cores, vectors of {Width} bits; {RuntimeInformation.FrameworkDescription}, " +
        $"{RuntimeInformation.OSDescription} ({RuntimeInformation.ProcessArchitecture}). Everything runs on one thread.";

    private static int Width => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 0;

    private static string Processor
    {
        get
        {
            const string Linux = "/proc/cpuinfo";
            string? line = File.Exists(Linux)
                ? File.ReadLines(Linux).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
            return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
                ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
        }
    }
}
