using System.Runtime.InteropServices;
using Lwg.MLNet.Training.Cli;

if (SelfWithPassiveWaiting.Run(args) is int exitCode)
    return exitCode;

// Ctrl+C and a polite kill let the training put away what it has learned.
using var cancellation = new CancellationTokenSource();
using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
return await TrainingProgram.RunAsync(args, Console.Out, Console.Error, cancellation.Token);

void Cancel(PosixSignalContext signal)
{
    signal.Cancel = true;
    cancellation.Cancel();
}
