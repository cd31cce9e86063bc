using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;

namespace Lwg.MLNet.Apps;

/// <summary>
/// What all our console programs do around their commands. Exit codes: 0 success, 1 something is wrong with what the user gave, 2 wrong
/// usage, 3 something is wrong with the machine (no room, no right to write, a native library that is not there), 130 cancelled. Programs
/// of other projects link this file.
/// </summary>
internal static class ConsoleProgram
{
    /// <summary>Runs a program on the console; Ctrl+C and a polite kill let it put away what it has begun.</summary>
    public static async Task<int> RunAsync(Func<string[], TextWriter, TextWriter, CancellationToken, Task<int>> program, string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        return await program(args, Console.Out, Console.Error, cancellation.Token);

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true;
            cancellation.Cancel();
        }
    }

    /// <summary>Runs the command that the arguments ask for; an error becomes a sentence, or all of it with --verbose, and an exit
    /// code.</summary>
    /// <param name="command">All commands.</param>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Where it tells what it does.</param>
    /// <param name="error">Where it complains.</param>
    /// <param name="cancelled">What is said when it was cancelled.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(RootCommand command, string[] args, TextWriter output, TextWriter error, string cancelled,
        CancellationToken cancellationToken)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Shows where in the program an error came from.", Recursive = true };
        command.Options.Add(verbose);
        ParseResult parsed = command.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (ParseError mistake in parsed.Errors)
                await error.WriteLineAsync(mistake.Message);
            await error.WriteLineAsync("See --help.");
            return 2;
        }
        try
        {
            var invocation = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            return Fail(130, cancelled, e);
        }
        catch (Exception e) when (e is LwgException or ArgumentException)
        {
            return Fail(1, MessageOf(e), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException or DllNotFoundException
        or TypeInitializationException)
        {
            return Fail(3, e is TypeInitializationException { InnerException: { } reason } ? reason.Message : e.Message, e);
        }

        int Fail(int exitCode, string message, Exception e)
        {
            error.WriteLine(parsed.GetValue(verbose) ? e.ToString() : message.ReplaceLineEndings(" "));
            return exitCode;
        }
    }

    /// <summary>What an error says to whoever runs a program: a pipeline's row and its options are for whoever wrote it.</summary>
    public static string MessageOf(Exception e) => e.Data.Contains("Lwg.Row") && e.InnerException is LwgException inner ? inner.Message
        : e.Message;
}
