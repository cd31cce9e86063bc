using System.Runtime.InteropServices;

namespace Lwg.MLNet.Training.Cli;

/// <summary>
/// Disables busy waiting in libtorch's threads, which doubles the duration of a training on a busy machine, through an environment
/// variable of OpenMP. OpenMP reads it from the native environment of the process when libtorch is loaded; .NET's Environment does not
/// set that.
/// </summary>
internal static class PassiveWaiting
{
    /// <summary>Sets the variable unless the user has set it; must be called before the first use of libtorch.</summary>
    public static void Ask()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            _ = setenv("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
    }

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int setenv([MarshalAs(UnmanagedType.LPStr)] string name, [MarshalAs(UnmanagedType.LPStr)] string value,
    int overwrite);
}
