using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Lwg.MLNet.Networks;

/// <summary>Runs networks on a CUDA GPU, or reports why that is not possible; a device that failed is not tried again.</summary>
internal static class CudaDevice
{
    private static readonly Dictionary<int, string> s_unusable = [];

    // The devices already reported to each receiver of warnings: a model has several networks, and one warning is enough.
    private static readonly ConditionalWeakTable<Action<string>, ConcurrentDictionary<int, byte>> s_told = [];

    /// <summary>Configures a session for a device.</summary>
    /// <param name="session">The session's options.</param>
    /// <param name="device">The device.</param>
    /// <returns>Why the device cannot be used; null if it can, as far as is known before a network is opened.</returns>
    public static string? Use(SessionOptions session, int device)
    {
        lock (s_unusable)
        {
            if (s_unusable.TryGetValue(device, out string? known))
                return known;
            try
            {
                session.AppendExecutionProvider_CUDA(device);
                return null;
            }
            catch (EntryPointNotFoundException e)
            {
                return s_unusable[device] = "it is the build for the CPU. " + Sentence(e.Message);
            }
            catch (OnnxRuntimeException e)
            {
                return s_unusable[device] = Sentence(e.Message) + (MissingLibrary(SearchFolders()) is { } missing ? $" ({missing})" : "");
            }
        }
    }

    /// <summary>Returns whether the device caused the failure to open a network.</summary>
    public static bool IsAtFault(OnnxRuntimeException e) =>
        e.Message.Contains("CUDA", StringComparison.Ordinal) || e.Message.Contains("cuDNN", StringComparison.OrdinalIgnoreCase);

    /// <summary>Falls back to the CPU if that is allowed.</summary>
    /// <param name="options">The options of the network.</param>
    /// <param name="device">The device.</param>
    /// <param name="reason">Why the device cannot be used.</param>
    /// <exception cref="LwgException">The fallback is not allowed.</exception>
    public static void FallBack(NetworkRuntimeOptions options, int device, string reason)
    {
        string message = $"CUDA device {device} was requested, but ONNX Runtime cannot use it: {reason}. Required are the package "
            + $"Microsoft.ML.OnnxRuntime.Gpu instead of Microsoft.ML.OnnxRuntime, and the libraries it needs (version 1.31: CUDA 13 and "
            + $"cuDNN 9, in a folder that the system searches).";
        if (!options.FallbackToCpu)
            throw new LwgException(message);
        if (options.Warn is { } warn && s_told.GetOrCreateValue(warn).TryAdd(device, 0))
            warn(message + " The CPU is used.");
    }

    /// <summary>Returns the system's message about ONNX Runtime's CUDA library when it is loaded, which names the missing library. ONNX
    /// Runtime only prints it.</summary>
    internal static string? MissingLibrary(IEnumerable<string> folders)
    {
        string name = OperatingSystem.IsWindows() ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
        if (folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } library)
            return null;
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(library));
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            // The first line that names a cause contains the system's message; the rest is advice.
            return Sentence(e.Message.Split('\n')
                .FirstOrDefault(line => line.Contains(".so", StringComparison.Ordinal)
                && !line.Contains("Unable to load", StringComparison.Ordinal)) ?? e.Message);
        }
    }

    private static IEnumerable<string> SearchFolders() =>
    [
        AppContext.BaseDirectory,
        Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
        .. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string
        ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
    ];

    private static string Sentence(string message) => message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
