namespace Lwg.MLNet.Cluster;

/// <summary>The capacity of a silo: each range takes a place, and as many ranges run at a time as there are places.</summary>
internal sealed class SiloWork(ILocalSiloDetails silo, int places) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private readonly CancellationTokenSource _draining = new();
    private int _places = places;
    private int _taken;
    private int _untold;

    /// <summary>Cancelled when the silo shuts down: current rows are finished, and no others start.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>The number of places.</summary>
    public int Places
    {
        get
        {
            lock (_lock)
                return _places;
        }
    }

    /// <summary>The number of places that are taken.</summary>
    public int Taken
    {
        get
        {
            lock (_lock)
                return _taken;
        }
    }

    /// <summary>The number of ranges that wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>Returns the state of the silo.</summary>
    public SiloWord Word() => new(silo.SiloAddress, silo.Name, Places, _draining.IsCancellationRequested);

    /// <summary>Waits for a place; the caller gives it back by <see cref="Leave"/>.</summary>
    public Task EnterAsync()
    {
        lock (_lock)
        {
            if (_taken < _places)
            {
                _taken++;
                return Task.CompletedTask;
            }
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            return turn.Task;
        }
    }

    /// <summary>Gives a place back. The caller then reports the range's end to the job and calls <see cref="Told"/>.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _taken--;
            _untold++;
            Admit();
        }
    }

    /// <summary>Records that a range's end was reported to the job.</summary>
    public void Told()
    {
        lock (_lock)
            _untold--;
    }

    /// <summary>Changes the number of places; ranges that have one keep it.</summary>
    public void Resize(int count)
    {
        lock (_lock)
        {
            _places = count;
            Admit();
        }
    }

    /// <summary>Waits until running ranges have ended.</summary>
    /// <returns>Whether they ended in time.</returns>
    public async Task<bool> DrainAsync(TimeSpan patience)
    {
        await _draining.CancelAsync();
        long start = Environment.TickCount64;
        while (!IsEmpty() && Environment.TickCount64 - start < patience.TotalMilliseconds)
            await Task.Delay(20);
        return IsEmpty();
    }

    public void Dispose() => _draining.Dispose();

    private bool IsEmpty()
    {
        lock (_lock)
            return _taken + _untold == 0;
    }

    private void Admit()
    {
        while (_taken < _places && _waiting.TryDequeue(out TaskCompletionSource? next))
        {
            _taken++;
            next.SetResult();
        }
    }
}
