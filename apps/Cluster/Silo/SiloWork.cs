namespace Lwg.MLNet.Cluster;

/// <summary>What a silo has room for and has at hand: ranges take a place each, and as many are worked on at a time as there are
/// places.</summary>
internal sealed class SiloWork(ILocalSiloDetails silo, int places) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private readonly CancellationTokenSource _draining = new();
    private int _places = places;
    private int _taken;
    private int _untold;

    /// <summary>Is cancelled when the silo is about to go: rows at hand are finished, and nothing is begun.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>How many places there are.</summary>
    public int Places
    {
        get
        {
            lock (_lock)
                return _places;
        }
    }

    /// <summary>How many places are taken.</summary>
    public int Taken
    {
        get
        {
            lock (_lock)
                return _taken;
        }
    }

    /// <summary>How many ranges wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>What the silo says of itself.</summary>
    public SiloWord Word() => new(silo.SiloAddress, silo.Name, Places, _draining.IsCancellationRequested);

    /// <summary>Waits for a place; who has one gives it back by <see cref="Leave"/>.</summary>
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

    /// <summary>Gives a place back; the job is to be told of the range's end, and then <see cref="Told"/> is called.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _taken--;
            _untold++;
            Admit();
        }
    }

    /// <summary>The job knows of a range's end.</summary>
    public void Told()
    {
        lock (_lock)
            _untold--;
    }

    /// <summary>Changes how many places there are; who has one keeps it.</summary>
    public void Resize(int count)
    {
        lock (_lock)
        {
            _places = count;
            Admit();
        }
    }

    /// <summary>Lets what is at hand come to its end.</summary>
    /// <returns>Whether it did in time.</returns>
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
