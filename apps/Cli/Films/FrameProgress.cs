using Spectre.Console;

namespace Lwg.MLNet.Cli;

/// <summary>Shows the progress of frames: a bar on a terminal, otherwise about ten lines.</summary>
internal static class FrameProgress
{
    /// <summary>Runs work on frames and shows its progress.</summary>
    /// <param name="output">Receives the progress.</param>
    /// <param name="frameCount">The number of frames.</param>
    /// <param name="what">The name of the step.</param>
    /// <param name="work">The work; it calls its argument after each frame with the number of finished frames.</param>
    public static void Run(TextWriter output, int frameCount, string what, Action<Action<int>> work)
    {
        if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected)
        {
            AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(),
                new SpinnerColumn())
                .Start(progress =>
                {
                    ProgressTask task = progress.AddTask(what, maxValue: frameCount);
                    work(done => task.Value = done);
                });
            return;
        }
        int tenth = 0;
        work(done =>
        {
            if (10 * done / frameCount == tenth)
                return;
            tenth = 10 * done / frameCount;
            output.WriteLine($"{what} {done} of {frameCount}");
        });
    }
}
