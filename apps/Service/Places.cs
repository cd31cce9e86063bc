using System.Diagnostics;
using Lwg.MLNet.Extensions;
using Microsoft.Extensions.Options;

namespace Lwg.MLNet.Service;

/// <summary>
/// A fixed number of places for requests, those at work and those that wait for an engine. A place is taken before anything is read of a
/// request, so that however many clients come, no more uploads than places are in memory.
/// </summary>
internal sealed class Places(PersonTransferPool pool, IOptions<ServiceOptions> options)
{
    private int _taken;
    private double _meanSeconds = 1;

    /// <summary>How many places there are.</summary>
    public int Count { get; } = pool.Count + options.Value.QueueLength;

    /// <summary>How many are taken.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>After how many seconds a client that was turned away may well come again.</summary>
    public int RetryAfterSeconds => (int)Math.Clamp(Math.Ceiling(Volatile.Read(ref _meanSeconds) * Taken / pool.Count), 1, 120);

    /// <summary>Takes a place; false if there is none. Who has one gives it back by <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= Count)
            return true;
        Leave();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _taken);

    /// <summary>Lets the next free engine work, and remembers how long such work takes.</summary>
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
                // A running mean is enough for a guess; that two engines may write it at a time does no harm.
                Volatile.Write(ref _meanSeconds, 0.9 * Volatile.Read(ref _meanSeconds) + 0.1 * watch.Elapsed.TotalSeconds);
            }
        },
        cancellationToken);
}
