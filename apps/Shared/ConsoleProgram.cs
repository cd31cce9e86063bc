using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;

namespace Lwg.MLNet.Apps;

/// <summary>
/// Runs commands, for all console programs. Exit codes: 0 success, 1 invalid input, 2 wrong usage, 3 a problem with the machine (no disk
/// space, no write permission, a missing native library), 130 cancelled. Other projects link this file.
/// </summary>
internal static class ConsoleProgram
{
    /// <summary>Runs a program on the console. Ctrl+C and SIGTERM cancel it, so that it can clean up.</summary>
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

    /// <summary>Runs the command in the arguments. An error is written as one sentence, or in full with --verbose, and sets the exit
    /// code.</summary>
    /// <param name="command">The root command with all commands.</param>
    /// <param name="args">The command line's arguments.</param>
    /// <param name="output">Receives progress and results.</param>
    /// <param name="error">Receives error messages.</param>
    /// <param name="cancelled">The message for a cancelled program.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(RootCommand command, string[] args, TextWriter output, TextWriter error, string cancelled,
        CancellationToken cancellationToken)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Shows the location of an error in the program.", Recursive = true };
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

    /// <summary>Returns the message of an error for the user of a program, without the row and the options of the pipeline, which are for
    /// its developer.</summary>
    public static string MessageOf(Exception e) => e.Data.Contains("Lwg.Row") && e.InnerException is LwgException inner ? inner.Message
        : e.Message;
}
