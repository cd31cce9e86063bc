using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Lwg.MLNet.Service;

/// <summary>
/// A fixed number of engines, and a fixed number of places for requests, those at work and those that wait. A place is taken before anything is read of a request, so
/// that however many clients come, no more uploads than places are in memory.
/// </summary>
internal sealed class EnginePool : IDisposable
{
    private readonly Channel<Engine> _free = Channel.CreateUnbounded<Engine>();
    private readonly Engine[] _engines;
    private int _taken;
    private int _busy;
    private double _meanSeconds = 1;

    public EnginePool(ImitationModel model, IOptions<ServiceOptions> options)
    {
        _engines = [.. Enumerable.Range(0, options.Value.Engines).Select(_ => model.CreateEngine())];
        Places = _engines.Length + options.Value.QueueLength;
        foreach (Engine engine in _engines)
            _free.Writer.TryWrite(engine);
    }

    /// <summary>How many engines there are.</summary>
    public int Count => _engines.Length;

    /// <summary>How many are at work.</summary>
    public int Busy => Volatile.Read(ref _busy);

    /// <summary>How many places there are.</summary>
    public int Places { get; }

    /// <summary>How many are taken.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>After how many seconds a client that was turned away may well come again.</summary>
    public int RetryAfterSeconds => (int)Math.Clamp(Math.Ceiling(Volatile.Read(ref _meanSeconds) * Taken / Count), 1, 120);

    /// <summary>Takes a place; false if there is none. Who has one gives it back by <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _taken) <= Places)
            return true;
        Leave();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _taken);

    /// <summary>Lets the next free engine work.</summary>
    /// <param name="work">What it does.</param>
    /// <param name="cancellationToken">Ends the waiting, and what of the work heeds it.</param>
    public async Task<T> RunAsync<T>(Func<Engine, T> work, CancellationToken cancellationToken)
    {
        Engine engine = await _free.Reader.ReadAsync(cancellationToken);
        Interlocked.Increment(ref _busy);
        var watch = Stopwatch.StartNew();
        try
        {
            return await Task.Run(() => work(engine), CancellationToken.None);
        }
        finally
        {
            // A running mean is enough for a guess; that two engines may write it at a time does no harm.
            Volatile.Write(ref _meanSeconds, 0.9 * Volatile.Read(ref _meanSeconds) + 0.1 * watch.Elapsed.TotalSeconds);
            Interlocked.Decrement(ref _busy);
            _free.Writer.TryWrite(engine);
        }
    }

    public void Dispose()
    {
        foreach (Engine engine in _engines)
            engine.Dispose();
    }
}
