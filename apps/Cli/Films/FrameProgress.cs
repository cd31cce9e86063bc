using Spectre.Console;

namespace Lwg.MLNet.Cli;

/// <summary>Shows how far the frames are: a bar on a terminal, else some ten lines.</summary>
internal static class FrameProgress
{
    /// <summary>Does work on frames and shows how far it is.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="frameCount">How many frames there are.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="work">The work; it says after each frame how many are done.</param>
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
