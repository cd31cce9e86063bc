using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Lwg.MLNet.Training.Cli;

/// <summary>
/// libtorch's threads spin while they wait, which beside a busy neighbour doubles the time of a training. The variable that forbids it is read when the
/// process starts, so the program starts itself once more with it.
/// </summary>
internal static class SelfWithPassiveWaiting
{
    private const string Variable = "OMP_WAIT_POLICY";

    /// <summary>Runs the program anew with the variable set; null when it is set already.</summary>
    public static int? Run(string[] args)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null || Environment.ProcessPath is not { } path)
            return null;
        var start = new ProcessStartInfo(path) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(path) == "dotnet")
            start.ArgumentList.Add(typeof(SelfWithPassiveWaiting).Assembly.Location);
        foreach (string argument in args)
            start.ArgumentList.Add(argument);
        start.Environment[Variable] = "PASSIVE";
        using Process child = Process.Start(start)!;
        // Signals go to the child, which ends in its own time; this process only hands on its exit code.
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            _ = kill(child.Id, Sigterm);
        });
        child.WaitForExit();
        return child.ExitCode;
    }

    private const int Sigterm = 15;

    [DllImport("libc")]
    private static extern int kill(int processId, int signal);
}
