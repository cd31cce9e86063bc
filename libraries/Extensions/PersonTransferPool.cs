using System.Diagnostics;
using Microsoft.Extensions.ObjectPool;
using Microsoft.Extensions.Options;

namespace Lwg.MLNet.Extensions;

/// <summary>A fixed number of engines that share one fitted pipeline. They are created with the pool, so that the first request does
/// not wait.</summary>
public sealed class PersonTransferPool : IDisposable
{
    private readonly ObjectPool<PersonTransferEngine> _engines;
    private readonly SemaphoreSlim _free;
    private int _busy;

    internal PersonTransferPool(PersonTransferModel model, IOptions<PersonTransferOptions> options)
    {
        Count = options.Value.Engines;
        _free = new SemaphoreSlim(Count);
        _engines = new DefaultObjectPoolProvider { MaximumRetained = Count }.Create(new Policy(model));
        foreach (PersonTransferEngine engine in Enumerable.Range(0, Count).Select(_ => _engines.Get()).ToArray())
            _engines.Return(engine);
        PersonTransferDiagnostics.Watch(this);
    }

    /// <summary>The number of engines.</summary>
    public int Count { get; }

    /// <summary>The number of busy engines.</summary>
    public int Busy => Volatile.Read(ref _busy);

    /// <summary>Runs work on the next free engine.</summary>
    /// <param name="work">The work; it must not keep a reference to the engine.</param>
    /// <param name="cancellationToken">Cancels the wait. The work itself stops only if it observes the token.</param>
    /// <returns>The result of the work. Exceptions of the work are passed on.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task<T> RunAsync<T>(Func<PersonTransferEngine, T> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _busy);
        var watch = Stopwatch.StartNew();
        PersonTransferEngine engine = _engines.Get();
        try
        {
            return await Task.Run(() => work(engine), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            PersonTransferDiagnostics.Work.Record(watch.Elapsed.TotalSeconds);
            _engines.Return(engine);
            Interlocked.Decrement(ref _busy);
            _free.Release();
        }
    }

    /// <summary>Releases the engines.</summary>
    public void Dispose()
    {
        PersonTransferDiagnostics.Forget(this);
        (_engines as IDisposable)?.Dispose();
        _free.Dispose();
    }

    private sealed class Policy(PersonTransferModel model) : PooledObjectPolicy<PersonTransferEngine>
    {
        public override PersonTransferEngine Create() => model.CreateEngine();

        public override bool Return(PersonTransferEngine obj) => true;
    }
}
