using System.Text;

namespace Lwg.MLNet.Cluster;

/// <summary>Writes the batch app's console output to the log.</summary>
internal sealed class LogWriter(ILogger log, string job) : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value) => log.LogInformation("Job {Job}: {Message}", job, value);
}
