namespace Lwg.MLNet.Cluster;

/// <summary>Finishes current rows and returns the others before the silo shuts down. The service is registered after the silo, so it
/// stops first.</summary>
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
