namespace Lwg.MLNet.Transforms.Stages;

/// <summary>
/// Finds out that several threads use the row of one prediction engine at once: such a row has one set of buffers, and what one thread
/// reads would be another's result.
/// All our stages of a row share one guard.
/// </summary>
/// <param name="isSingleRow">Whether it guards a single row, whose every position is read by the thread that asked for it; a cursor may be
/// handed on.</param>
/// <param name="isEngine">Whether that row is a prediction engine's, whose positions follow each other from 0: one that was not read was
/// overwritten.</param>
internal sealed class RowGuard(bool isSingleRow, bool isEngine = false)
{
    private int _owner;
    private int _depth;
    private int _reader;
    private long _position = isEngine ? -1 : long.MinValue;
    private long _turnedAway = long.MinValue;
    private volatile bool _trespassed;

    /// <summary>Begins to read a value.</summary>
    /// <param name="position">The row's position.</param>
    /// <exception cref="InvalidOperationException">Another thread is at it.</exception>
    public void Enter(long position)
    {
        int thread = Environment.CurrentManagedThreadId, owner = Interlocked.CompareExchange(ref _owner, thread, 0);
        if (owner != 0 && owner != thread)
        {
            // What the other one reads can be of this one's row.
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
    /// <param name="position">The row's position now.</param>
    /// <param name="succeeded">Whether the value is there; an error of its own goes first.</param>
    /// <exception cref="InvalidOperationException">Another thread came in between.</exception>
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
        "A prediction engine (or a cursor) is used by several threads at once, so that results would be mixed up. Use one for each "
        + "thread: PredictionEnginePool of the package Microsoft.Extensions.ML keeps them.");
}
