namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Detects concurrent use of the row of one prediction engine by several threads. Such a row has one set of buffers, so a thread
/// could read the result of another. All stages of a row share one guard. ML.NET counts an engine's examples without a lock: two threads
/// that set theirs in the same instant may count once, which is not detected.</summary>
/// <param name="isSingleRow">Whether it guards a single row, where each position is read by the thread that requested it. A cursor can be
/// passed to another thread.</param>
/// <param name="isEngine">Whether the row belongs to a prediction engine, whose positions are consecutive from 0: a position that was not
/// read was overwritten.</param>
internal sealed class RowGuard(bool isSingleRow, bool isEngine = false)
{
    private int _owner;
    private int _depth;
    private int _reader;
    private long _position = isEngine ? -1 : long.MinValue;
    private long _turnedAway = long.MinValue;
    private volatile bool _trespassed;

    /// <summary>Starts reading a value.</summary>
    /// <param name="position">The position of the row.</param>
    /// <exception cref="InvalidOperationException">Another thread is reading a value.</exception>
    public void Enter(long position)
    {
        int thread = Environment.CurrentManagedThreadId, owner = Interlocked.CompareExchange(ref _owner, thread, 0);
        if (owner != 0 && owner != thread)
        {
            // The other thread may read values of this thread's row.
            _trespassed = true;
            Volatile.Write(ref _turnedAway, position);
            throw Shared();
        }
        if (++_depth > 1)
            return;
        bool read = isSingleRow && _position == position && _reader != thread, overwritten = isEngine
            && position > Math.Max(_position, Volatile.Read(ref _turnedAway)) + 1;
        (_position, _reader) = (position, thread);
        if (read || overwritten)
        {
            Release();
            throw Shared();
        }
    }

    /// <summary>Ends reading a value.</summary>
    /// <param name="position">The current position of the row.</param>
    /// <param name="succeeded">Whether the value was read; if not, its own error takes precedence.</param>
    /// <exception cref="InvalidOperationException">Another thread has interfered.</exception>
    public void Leave(long position, bool succeeded)
    {
        if (_depth > 1)
        {
            _depth--;
            return;
        }
        bool alone = !_trespassed && position == _position;
        Release();
        if (succeeded && !alone)
            throw Shared();
    }

    private void Release()
    {
        (_depth, _trespassed) = (0, false);
        Volatile.Write(ref _owner, 0);
    }

    private static InvalidOperationException Shared() => new(
        "A prediction engine (or a cursor) is used by several threads at once, which mixes up results. Use one for each "
        + "thread: PredictionEnginePool of the package Microsoft.Extensions.ML provides them.");
}
