using System.Runtime.InteropServices;
using Lwg.MLNet.Samples;

// Ctrl+C and a polite kill let the program put away what it has begun.
using var cancellation = new CancellationTokenSource();
using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
return await ImitateProgram.RunAsync(args, Console.Out, Console.Error, cancellation.Token);

void Cancel(PosixSignalContext signal)
{
    signal.Cancel = true;
    cancellation.Cancel();
}
