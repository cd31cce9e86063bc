using System.Runtime.InteropServices;

namespace Lwg.MLNet.Training.Cli;

/// <summary>
/// libtorch's threads spin while they wait, which beside a busy neighbour doubles the time of a training. OpenMP's variable forbids it.
/// OpenMP reads it when libtorch is loaded, and reads the process's own variables, which .NET's Environment does not set.
/// </summary>
internal static class PassiveWaiting
{
    /// <summary>Asks for it, unless the user has said what he wants; to be called before the first use of libtorch.</summary>
    public static void Ask()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            _ = setenv("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
    }

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int setenv([MarshalAs(UnmanagedType.LPStr)] string name, [MarshalAs(UnmanagedType.LPStr)] string value,
    int overwrite);
}
