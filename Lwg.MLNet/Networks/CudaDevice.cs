using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Lwg.MLNet.Networks;

/// <summary>Puts networks on a CUDA GPU, or says why that cannot be; a device that could not be used is not tried again.</summary>
internal static class CudaDevice
{
    private static readonly Dictionary<int, string> s_unusable = [];

    // Who was told which device is missing: a model has several networks, and one word is enough.
    private static readonly ConditionalWeakTable<Action<string>, ConcurrentDictionary<int, byte>> s_told = [];

    /// <summary>Lets a session use a device.</summary>
    /// <param name="session">The session's options.</param>
    /// <param name="device">The device.</param>
    /// <returns>Why it cannot be used; null where it can, as far as is known before a network is opened.</returns>
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

    /// <summary>Whether it was the device that failed when a network was opened on it.</summary>
    public static bool IsAtFault(OnnxRuntimeException e) =>
        e.Message.Contains("CUDA", StringComparison.Ordinal) || e.Message.Contains("cuDNN", StringComparison.OrdinalIgnoreCase);

    /// <summary>Goes on without the device, where that is allowed.</summary>
    /// <param name="options">How the network was to run.</param>
    /// <param name="device">The device.</param>
    /// <param name="reason">Why it cannot be used.</param>
    /// <exception cref="LwgException">It is not allowed.</exception>
    public static void FallBack(NetworkRuntimeOptions options, int device, string reason)
    {
        string message = $"CUDA device {device} was asked for, but ONNX Runtime cannot use it: {reason}. Needed are the package "
            + $"Microsoft.ML.OnnxRuntime.Gpu instead of Microsoft.ML.OnnxRuntime, and what it is built for (version 1.31: CUDA 13 and "
            + $"cuDNN 9, with their libraries where the system looks for them).";
        if (!options.FallbackToCpu)
            throw new LwgException(message);
        if (options.Warn is { } warn && s_told.GetOrCreateValue(warn).TryAdd(device, 0))
            warn(message + " The CPU is used.");
    }

    /// <summary>What the system says of ONNX Runtime's library for CUDA when it is loaded: the library that it misses. ONNX Runtime itself
    /// only prints that.</summary>
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
            // The system's words are in the first line that names a cause; the rest is advice.
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
