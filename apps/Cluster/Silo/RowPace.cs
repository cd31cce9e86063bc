using System.Threading.RateLimiting;

namespace Lwg.MLNet.Cluster;

/// <summary>Keeps a silo below a number of rows a second.</summary>
/// <param name="rowsPerSecond">The number; 0 for no limit.</param>
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

    /// <summary>Waits until another row may be begun.</summary>
    public async ValueTask WaitAsync()
    {
        if (_limiter is not null)
            (await _limiter.AcquireAsync()).Dispose();
    }

    public void Dispose() => _limiter?.Dispose();
}
