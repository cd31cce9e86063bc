using System.Diagnostics;
using Lwg.MLNet.Tests.ModelHost;

namespace Lwg.MLNet.Tests.Transforms;

/// <summary>Applies a saved model in another process, which has registered nothing.</summary>
internal static class ModelHostProcess
{
    private const int Patience = 60_000;

    /// <summary>The hash of what the model makes of the rows.</summary>
    public static string Apply(string model, string rows)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])["exec", typeof(RowHash).Assembly.Location, model, rows])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            Assert.Fail($"The other process took more than {Patience / 1000} seconds.");
        }
        Assert.AreEqual(0, process.ExitCode, errors.Result);
        return output.Result.Trim();
    }
}
