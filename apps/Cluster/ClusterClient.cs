using Orleans.Runtime.Messaging;

namespace Lwg.MLNet.Cluster;

/// <summary>A client's connection to a cluster. Errors are reported in one sentence.</summary>
internal sealed class ClusterClient : IAsyncDisposable
{
    private readonly IHost _host;

    private ClusterClient(IHost host) => _host = host;

    /// <summary>Connects to a cluster.</summary>
    /// <exception cref="LwgException">No silo answers, or silos and client do not trust each other.</exception>
    public static async Task<ClusterClient> ConnectAsync(ClusterPlace place, CancellationToken cancellationToken)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client =>
        {
            place.Configure(client);
            long start = Environment.TickCount64;
            client.UseConnectionRetryFilter(async (_, cancelled) =>
            {
                await Task.Delay(300, cancelled);
                return Environment.TickCount64 - start < place.Patience.TotalMilliseconds;
            });
        });
        IHost host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            return new ClusterClient(host);
        }
        catch (Exception e) when (e is not (OperationCanceledException or LwgException) || !cancellationToken.IsCancellationRequested
        && e is not LwgException)
        {
            host.Dispose();
            throw new LwgException($"No silo of the cluster '{place.Name}' answers{(place.IsEmbedded ? $" at "
                + $"{place.Gateway}" : "")} ({e.GetBaseException().Message.ReplaceLineEndings(" ")}); 'serve' starts one.", e);
        }
    }

    /// <summary>Returns the grain of a job.</summary>
    public IJobGrain Grain(string job) => _host.Services.GetRequiredService<IClusterClient>().GetGrain<IJobGrain>(job);

    /// <summary>Queries the grain of a job.</summary>
    /// <exception cref="LwgException">The cluster does not answer.</exception>
    public async Task<JobStatus> AskAsync(string job, Func<IJobGrain, Task<JobStatus>> question)
    {
        if (!JobFile.IsId(job))
            _ = JobFile.NameOf(job, "");
        try
        {
            return await question(Grain(job));
        }
        catch (Exception e) when (e is TimeoutException or OrleansException or ConnectionFailedException or IOException)
        {
            throw new LwgException($"The cluster did not answer: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
