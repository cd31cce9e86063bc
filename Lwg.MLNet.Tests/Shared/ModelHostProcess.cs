using System.Diagnostics;
using Lwg.MLNet.Tests.ModelHost;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Applies saved models in another process that registers nothing: one process for all tests, started on first use, with a new
/// context for each model.</summary>
internal static class ModelHostProcess
{
    private const int Patience = 1_800_000;

    // The process ends with the tests, at the end of its input.
    private static readonly Lazy<Process> s_process = new(Start);

    /// <summary>Applies a model to rows and returns the hash of the output.</summary>
    public static string Apply(string model, string rows)
    {
        lock (s_process)
        {
            Process process = s_process.Value;
            process.StandardInput.WriteLine(model);
            process.StandardInput.WriteLine(rows);
            process.StandardInput.Flush();
            Task<string?> answer = process.StandardOutput.ReadLineAsync();
            if (!answer.Wait(Patience))
            {
                process.Kill();
                Assert.Fail($"The other process took more than {Patience / 1000} seconds.");
            }
            return answer.Result ?? "The other process has ended.";
        }
    }

    private static Process Start()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path
            : "dotnet")
        {
            ArgumentList = { "exec", typeof(RowHash).Assembly.Location },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }
}
