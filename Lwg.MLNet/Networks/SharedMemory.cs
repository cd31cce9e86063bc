using Microsoft.ML.OnnxRuntime;

namespace Lwg.MLNet.Networks;

/// <summary>
/// The memory that all networks of others take theirs from: ONNX Runtime's arena of the process, which refuses what would make it larger
/// than its end, so that a file of some bytes that asks for terabytes is an error and not the end of the process. It is the only bound that
/// ONNX Runtime has, and there is one a process; networks that do not ask for it have arenas of their own, without end. It is for the
/// processor's memory; a GPU has its own.
/// </summary>
internal static class SharedMemory
{
    /// <summary>The end, bytes: the largest that ONNX Runtime takes for it, 4 GB for the weights and the runs of all these
    /// networks.</summary>
    public const uint Largest = uint.MaxValue;

    // It grows by what is asked for: growth by powers of two would keep up to twice of it.
    private const int AsRequested = 1, Default = -1;

    private static readonly Lazy<bool> s_made = new(Make);

    /// <summary>Lets a session take its memory from here.</summary>
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
            // The application has made the process's arena already, with the end that it chose: sessions take that one.
            return false;
        }
    }
}
