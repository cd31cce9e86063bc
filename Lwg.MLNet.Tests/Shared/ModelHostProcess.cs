using System.Diagnostics;
using Lwg.MLNet.Tests.ModelHost;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Applies saved models in another process, which has registered nothing: one process, started when first needed, for all tests; a
/// new context for each model.</summary>
internal static class ModelHostProcess
{
    private const int Patience = 1_800_000;

    // It ends by itself when the tests do, for then nothing more can come.
    private static readonly Lazy<Process> s_process = new(Start);

    /// <summary>The hash of what the model makes of the rows.</summary>
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
