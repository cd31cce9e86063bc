using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Lwg.MLNet.Extensions;

/// <summary>A health check that is healthy if the engines can be created; it reports their number and how many are busy.</summary>
internal sealed class PersonTransferHealth(IServiceProvider services) : IHealthCheck
{
    public const string Name = "person-transfer";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var pool = (PersonTransferPool)services.GetService(typeof(PersonTransferPool))!;
            return Task.FromResult(HealthCheckResult.Healthy(data: new Dictionary<string,
                object> { ["engines"] = pool.Count, ["busy"] = pool.Busy }));
        }
        catch (LwgException e)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy(e.Message, e));
        }
    }
}
