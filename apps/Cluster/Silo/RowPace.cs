using System.Threading.RateLimiting;

namespace Lwg.MLNet.Cluster;

/// <summary>Limits the rows a second of a silo.</summary>
/// <param name="rowsPerSecond">The maximum; 0 for no limit.</param>
internal sealed class RowPace(double rowsPerSecond) : IDisposable
{
    private readonly TokenBucketRateLimiter? _limiter = rowsPerSecond <= 0 ? null
        : new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
    {
        TokenLimit = Math.Max(1, (int)Math.Ceiling(rowsPerSecond)),
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1 / rowsPerSecond),
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Waits until another row may start.</summary>
    public async ValueTask WaitAsync()
    {
        if (_limiter is not null)
            (await _limiter.AcquireAsync()).Dispose();
    }

    public void Dispose() => _limiter?.Dispose();
}
