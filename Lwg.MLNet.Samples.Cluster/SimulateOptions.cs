using System.CommandLine;

namespace Lwg.MLNet.Samples.Cluster;

internal static class SimulateOptions
{
    public static Command Command(TextWriter output, CancellationToken cancellationToken) => new("simulate");
}
