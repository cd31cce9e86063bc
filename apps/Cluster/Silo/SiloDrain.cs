namespace Lwg.MLNet.Cluster;

/// <summary>Finishes current rows and returns the others before the silo shuts down. The service is registered after the silo, so it
/// stops first.</summary>
internal sealed class SiloDrain(SiloWork work, SiloSettings settings, ILogger<SiloDrain> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        log.LogInformation("The silo drains: {Taken} ranges are in progress.", work.Taken);
        if (await work.DrainAsync(settings.DrainTime))
            log.LogInformation("The silo is drained.");
        else
            log.LogWarning("After {Seconds} s {Taken} ranges are still in progress; other silos process them again.",
                settings.DrainTime.TotalSeconds, work.Taken);
    }
}
