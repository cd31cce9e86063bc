using Microsoft.ML.OnnxRuntime;

namespace Lwg.MLNet.Networks;

/// <summary>
/// The shared memory of all foreign networks: ONNX Runtime's arena of the process, which refuses to grow beyond its limit, so that a
/// small file that requests terabytes causes an error and does not end the process. It is ONNX Runtime's only limit, and there is one per
/// process; other networks have separate arenas without a limit. It applies to CPU memory; a GPU has its own.
/// </summary>
internal static class SharedMemory
{
    /// <summary>The limit in bytes: the largest that ONNX Runtime accepts, 4 GB for the weights and the runs of all these
    /// networks.</summary>
    public const uint Largest = uint.MaxValue;

    // The arena grows by the requested size: growth by powers of two would reserve up to twice as much.
    private const int AsRequested = 1, Default = -1;

    private static readonly Lazy<bool> s_made = new(Make);

    /// <summary>Makes a session use this memory.</summary>
    public static void Use(SessionOptions session)
    {
        _ = s_made.Value;
        session.AddSessionConfigEntry("session.use_env_allocators", "1");
    }

    private static bool Make()
    {
        using var memory = new OrtMemoryInfo("Cpu", OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var arena = new OrtArenaCfg(Largest, AsRequested, Default, Default);
        try
        {
            OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
            return true;
        }
        catch (OnnxRuntimeException)
        {
            // The application has already created the process's arena, with its own limit: sessions use that one.
            return false;
        }
    }
}
