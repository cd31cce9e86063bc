using System.Diagnostics;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Apps.Tests.Batch;

/// <summary>Runs the batch app in this process, or in another one that can be killed.</summary>
internal static class BatchProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(2);

    /// <summary>Runs the app in this process.</summary>
    /// <returns>The exit code and the output.</returns>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exitCode = await BatchProgram.RunAsync(args, output, error, CancellationToken.None);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs the app in another process, and kills it when it has made the given number of further pictures.</summary>
    public static async Task KillAsync(string folder, int pictures, string[] args)
    {
        string made = Path.Combine(folder, "pictures");
        int goal = CountPictures(made) + pictures;
        using Process process = Start(args);
        using var patience = new CancellationTokenSource(s_patience);
        while (!process.HasExited && CountPictures(made) < goal)
            await Task.Delay(5, patience.Token);
        process.Kill();
        await process.WaitForExitAsync(patience.Token);
        Assert.AreNotEqual(0, process.ExitCode, "the process was to be killed before it was through");
        Assert.IsFalse(File.Exists(Path.Combine(folder, "results.csv")), "a table after a kill");
    }

    private static Process Start(string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = false };
        // The processes are too short-lived to benefit from tiered compilation.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (string argument in (string[])["exec", typeof(BatchProgram).Assembly.Location, .. args])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static int CountPictures(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.png").Length : 0;
}
