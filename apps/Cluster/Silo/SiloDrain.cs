namespace Lwg.MLNet.Cluster;

/// <summary>Before the silo goes, rows at hand are finished and the rest is handed back. It is registered behind the silo, and so stopped
/// before it.</summary>
internal sealed class SiloDrain(SiloWork work, SiloSettings settings, ILogger<SiloDrain> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        log.LogInformation("The silo drains: {Taken} ranges are at work.", work.Taken);
        if (await work.DrainAsync(settings.DrainTime))
            log.LogInformation("The silo is drained.");
        else
            log.LogWarning("After {Seconds} s {Taken} ranges are at work still; they are done again elsewhere.",
                settings.DrainTime.TotalSeconds, work.Taken);
    }
}
