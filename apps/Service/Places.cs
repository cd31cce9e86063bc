using System.Diagnostics;
using Lwg.MLNet.Extensions;
using Microsoft.Extensions.Options;

namespace Lwg.MLNet.Service;

/// <summary>
/// A fixed number of places for requests that run or wait for an engine. A request takes a place before its body is read, so that memory
/// never contains more uploads than there are places.
/// </summary>
internal sealed class Places(PersonTransferPool pool, IOptions<ServiceOptions> options)
{
    private int _taken;
    private double _meanSeconds = 1;

    /// <summary>The number of places.</summary>
    public int Count { get; } = pool.Count + options.Value.QueueLength;

    /// <summary>The number of places that are taken.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>The number of seconds after which a rejected client may try again.</summary>
    public int RetryAfterSeconds => (int)Math.Clamp(Math.Ceiling(Volatile.Read(ref _meanSeconds) * Taken / pool.Count), 1, 120);

    /// <summary>Takes a place; false if there is none. The caller gives it back by <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= Count)
            return true;
        Leave();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _taken);

    /// <summary>Runs work on the next free engine, and updates the mean duration.</summary>
    public Task<T> RunAsync<T>(Func<PersonTransferEngine, T> work, CancellationToken cancellationToken) => pool.RunAsync(
        engine =>
        {
            var watch = Stopwatch.StartNew();
            try
            {
                return work(engine);
            }
            finally
            {
                // A running mean is enough for an estimate, and a race between two engines does no harm.
                Volatile.Write(ref _meanSeconds, 0.9 * Volatile.Read(ref _meanSeconds) + 0.1 * watch.Elapsed.TotalSeconds);
            }
        },
        cancellationToken);
}
