using System.Diagnostics;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Apps.Tests.Batch;

/// <summary>Runs the batch app: here, or in a process of its own that can be killed.</summary>
internal static class BatchProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(2);

    /// <summary>Runs it here.</summary>
    /// <returns>The exit code and all that it said.</returns>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        int exitCode = await BatchProgram.RunAsync(args, output, error, CancellationToken.None);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs it in a process of its own, and kills that when it has made some more pictures.</summary>
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
        // They do not live long enough to be compiled twice.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (string argument in (string[])["exec", typeof(BatchProgram).Assembly.Location, .. args])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static int CountPictures(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.png").Length : 0;
}
