using System.Text.Json;
using Orleans.Concurrency;
using Orleans.Runtime.Placement;
using Orleans.Storage;

namespace Lwg.MLNet.Cluster;

/// <summary>
/// Assigns the ranges of a job to silos with free capacity, and reassigns ranges that are returned or lost. It only handles ranges; rows
/// and their results are in the store. A timer detects dead silos; a reminder reactivates the grain if all silos have died.
/// </summary>
[Reentrant]
internal sealed class JobGrain(
    [PersistentState("job")] IPersistentState<SavedJob> saved, IStore store, ISiloStatusOracle silos,
        [FromKeyedServices(SiloHost.JobClock)] TimeProvider clock, SiloSettings settings, ILogger<JobGrain> log)
    : Grain, IJobGrain, IRemindable
{
    private const string ReminderName = "job";

    // The number of ranges that are searched for one whose source a silo has in memory.
    private const int Window = 64;

    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<int, Lending> _lent = [];
    private readonly Queue<LentRange> _again = [];
    private readonly Dictionary<SiloAddress, Silo> _silos = [];
    private JobState _state = new();
    private RangeSet _done = new();
    private RangeIndex _index = null!;
    private int _next;
    private string _trouble = "";
    private TimeSpan _pause;
    private DateTimeOffset _pausedUntil;
    private bool _pumping;
    private bool _pumpAgain;
    private bool _dirty;
    private Task _saving = Task.CompletedTask;
    private int _saves;

    private string Id => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (saved.State.Json.Length > 0)
            Restore(JsonSerializer.Deserialize<JobState>(saved.State.Json)!);
        this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(s_tick, s_tick) { Interleave = true });
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _dirty ? SaveAsync() : Task.CompletedTask;

    public async Task<JobStatus> StartAsync(bool again)
    {
        JobFile job;
        try
        {
            job = await JobFile.ReadAsync(store, Id);
        }
        catch (Exception e) when (e is LwgException or StoreException)
        {
            return Status() with { Trouble = e.Message };
        }
        if (_state.Phase is JobPhase.Unknown or JobPhase.Cancelled || again && _state.Phase == JobPhase.Done)
        {
            JobState before = _state.Phase == JobPhase.Cancelled ? _state : new JobState();
            Restore(before with { Phase = JobPhase.Running, Rows = job.Rows, Ranges = job.Ranges, RefusedSilos = [] });
            await this.RegisterOrUpdateReminder(ReminderName, settings.ReminderPeriod, settings.ReminderPeriod);
            await SaveAsync();
            log.LogInformation("Job {Job}: {Rows} rows in {Ranges} ranges.", Id, job.Rows, job.Ranges);
        }
        await PumpAsync();
        return Status();
    }

    public async Task<JobStatus> CancelAsync()
    {
        if (_state.Phase == JobPhase.Running)
        {
            _state = _state with { Phase = JobPhase.Cancelled };
            Lending[] lent = [.. _lent.Values];
            await SaveAsync();
            await EndReminderAsync();
            foreach (Lending lending in lent)
                Ask(lending, lending.Grain.StopAsync()).Ignore();
            log.LogInformation("Job {Job} is cancelled.", Id);
        }
        return Status();
    }

    public Task<JobStatus> StatusAsync() => Task.FromResult(Status());

    public async Task<JobStatus> ForgetAsync()
    {
        if (_state.Phase == JobPhase.Running || _lent.Count > 0)
            return Status();
        await _saving;
        await EndReminderAsync();
        await saved.ClearStateAsync();
        Restore(new JobState());
        _dirty = false;
        log.LogInformation("Job {Job} is forgotten.", Id);
        return Status();
    }

    public async Task ReportAsync(int range, int attempt, RangeAnswer answer)
    {
        Hear(range, attempt, answer);
        // The silo gets its next range before the state is saved; processing a range twice does no harm.
        await PumpAsync();
        await EndAsync();
        _ = SaveAsync();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) =>
        _state.Phase == JobPhase.Running ? PumpAsync() : EndReminderAsync();

    private void Restore(JobState state)
    {
        _state = state;
        _done = new RangeSet(state.Done);
        _index = new RangeIndex(store, Id, state.Ranges);
        _next = 0;
        _lent.Clear();
        _again.Clear();
        foreach (LentRange lent in state.Lent)
        {
            // The next tick queries the silo that has the range; if the silo is gone, the range counts as lost.
            if (lent.Silo.Length > 0 && SiloAddress.FromParsableString(lent.Silo) is { } silo)
                _lent[lent.Range] = NewLending(lent, silo);
            else
                _again.Enqueue(lent);
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        if (_state.Phase != JobPhase.Running)
            return;
        foreach (Lending lending in _lent.Values.Where(l => silos.GetApproximateSiloStatus(l.Silo) is SiloStatus.Dead or SiloStatus.None)
            .ToArray())
        {
            log.LogWarning("Job {Job}, range {Range}: the silo {Silo} died during it; it is processed again.", Id, lending.What.Range,
                lending.Silo);
            _state = _state with { RangesLost = _state.RangesLost + 1 };
            GiveAgain(lending.What with { Deaths = lending.What.Deaths + 1 });
        }
        foreach (SiloAddress gone in _silos.Keys.Where(s => silos.GetApproximateSiloStatus(s) is SiloStatus.Dead or SiloStatus.None)
            .ToArray())
            _silos.Remove(gone);
        foreach (Lending lending in _lent.Values.Where(l => clock.GetUtcNow() - l.Heard > settings.Patience).ToArray())
            LendAsync(lending).Ignore();
        await PumpAsync();
        if (_dirty)
            _ = SaveAsync();
    }

    /// <summary>Assigns ranges to all free capacity.</summary>
    private async Task PumpAsync()
    {
        if (_pumping)
        {
            _pumpAgain = true;
            return;
        }
        _pumping = true;
        try
        {
            do
            {
                _pumpAgain = false;
                foreach (SiloAddress address in silos.GetActiveSilos())
                {
                    Silo silo = SiloAt(address);
                    while (_state.Phase == JobPhase.Running && clock.GetUtcNow() >= _pausedUntil && !silo.Closed
                        && silo.Lent < silo.Room + Ahead(silo) && await NextAsync(silo) is { } next)
                    {
                        Lending lending = NewLending(next with { Silo = address.ToParsableString() }, address);
                        _lent[next.Range] = lending;
                        _dirty = true;
                        LendAsync(lending).Ignore();
                    }
                }
            }
            while (_pumpAgain);
        }
        catch (StoreException e)
        {
            Pause(e.Message);
        }
        finally
        {
            _pumping = false;
        }
    }

    // While many ranges are left, a silo gets slightly more than its capacity, so that it does not wait for the next one. Towards the
    // end, no silo holds ranges that others could process.
    private int Ahead(Silo silo) => _state.Ranges - _done.Count - _lent.Count > _lent.Count ? 1 + silo.Room / 4 : 0;

    /// <summary>Returns the next range for a silo: a returned one, one whose source the silo has in memory, one whose source no silo has,
    /// or the first one.</summary>
    private async ValueTask<LentRange?> NextAsync(Silo silo)
    {
        while (_again.TryDequeue(out LentRange? back))
        {
            if (!_done.Contains(back.Range))
                return back;
        }
        int first = -1, fresh = -1;
        _next = _done.NextMissing(_next);
        for (int seen = 0, range = _next; seen < Window && range < _state.Ranges; range = _done.NextMissing(range + 1))
        {
            if (_lent.ContainsKey(range))
                continue;
            seen++;
            long source = (await _index.GetAsync(range)).Source;
            // The range may have been assigned or finished in the meantime.
            if (_lent.ContainsKey(range) || _done.Contains(range))
                continue;
            if (source == silo.Source)
                return new LentRange(range, 1, 0, "");
            if (first < 0)
                first = range;
            if (fresh < 0 && _silos.Values.All(s => s.Lent == 0 || s.Source != source))
                fresh = range;
        }
        int chosen = fresh >= 0 ? fresh : first;
        if (chosen < 0)
            return null;
        silo.Source = (await _index.GetAsync(chosen)).Source;
        return _lent.ContainsKey(chosen) || _done.Contains(chosen) ? null : new LentRange(chosen, 1, 0, "");
    }

    private async Task LendAsync(Lending lending)
    {
        lending.Heard = clock.GetUtcNow();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, lending.Silo);
        try
        {
            RangeAnswer answer = await lending.Grain.RunAsync(new RangeOrder(Id, lending.What.Range, lending.What.Deaths > 0));
            Hear(lending.What.Range, lending.What.Attempt, answer);
            if (answer.Report is not null)
            {
                await PumpAsync();
                await EndAsync();
                await SaveAsync();
            }
        }
        catch (Exception e)
        {
            // The tick checks whether the silo is dead, and otherwise queries it again.
            log.LogWarning("Job {Job}, range {Range}: {Silo} does not answer ({Reason}).", Id, lending.What.Range, lending.Silo, e.Message);
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    private void Hear(int range, int attempt, RangeAnswer answer)
    {
        Silo silo = SiloAt(answer.Silo.Address);
        (silo.Name, silo.Room, silo.Draining) = (answer.Silo.Name, answer.Silo.Room, answer.Silo.Draining);
        bool ours = _lent.TryGetValue(range, out Lending? lending) && lending.What.Attempt == attempt;
        if (ours)
        {
            (lending!.Heard, lending.Through) = (clock.GetUtcNow(), answer.RowsThrough);
            MoveTo(lending, answer.Silo.Address);
        }
        switch (answer.Report)
        {
            case null:
                return;
            case { End: RangeEnd.Through } report:
                if (ours)
                    Forget(lending!);
                if (_done.Add(range))
                    _state = _state with { Counts = _state.Counts + report.Counts, Failures = Some(_state.Failures, report.Failures) };
                (_trouble, _pause) = ("", TimeSpan.Zero);
                break;
            case { End: RangeEnd.SiloRefused } report when ours:
                silo.Refused = true;
                _state = _state with { RefusedSilos = Some(_state.RefusedSilos, [report.Reason]) };
                log.LogError("Job {Job}: {Reason}", Id, report.Reason);
                GiveAgain(lending!.What);
                break;
            case { End: RangeEnd.StoreTrouble } report when ours:
                GiveAgain(lending!.What);
                Pause(report.Reason);
                break;
            case { End: RangeEnd.GivenBack } report when ours:
                GiveAgain(lending!.What);
                if (!answer.Silo.Draining && _state.Phase == JobPhase.Running)
                    Pause(report.Reason);
                break;
        }
        _dirty = true;
    }

    private void GiveAgain(LentRange what)
    {
        if (_lent.TryGetValue(what.Range, out Lending? lending))
            Forget(lending);
        _again.Enqueue(what with { Attempt = what.Attempt + 1, Silo = "" });
        _dirty = true;
    }

    private void Forget(Lending lending)
    {
        _lent.Remove(lending.What.Range);
        SiloAt(lending.Silo).Lent--;
    }

    private void MoveTo(Lending lending, SiloAddress silo)
    {
        if (lending.Silo.Equals(silo))
            return;
        SiloAt(lending.Silo).Lent--;
        SiloAt(silo).Lent++;
        (lending.Silo, lending.What) = (silo, lending.What with { Silo = silo.ToParsableString() });
    }

    private Lending NewLending(LentRange what, SiloAddress silo)
    {
        SiloAt(silo).Lent++;
        return new Lending(what, silo, GrainFactory.GetGrain<IRangeGrain>(RangeKey.Of(Id, what.Range, what.Attempt)));
    }

    private Silo SiloAt(SiloAddress address) =>
        _silos.TryGetValue(address, out Silo? silo) ? silo : _silos[address] = new Silo { Name = address.ToString() };

    // The pause doubles each time, so that a full or unavailable store is not overloaded.
    private void Pause(string reason)
    {
        if (clock.GetUtcNow() < _pausedUntil && reason == _trouble)
            return;
        _pause = _pause == TimeSpan.Zero ? s_tick : _pause < s_longestPause ? 2 * _pause : s_longestPause;
        _pausedUntil = clock.GetUtcNow() + _pause;
        _trouble = reason;
        log.LogWarning("Job {Job} waits for {Seconds} s: {Reason}", Id, _pause.TotalSeconds, reason);
    }

    private async Task EndAsync()
    {
        if (_state.Phase != JobPhase.Running || _done.Count < _state.Ranges)
            return;
        _state = _state with { Phase = JobPhase.Done };
        await SaveAsync();
        await EndReminderAsync();
        log.LogInformation("Job {Job} is done: {Made} pictures made, {Refused} rows refused, {Failed} failed.", Id, _state.Counts.Made,
            _state.Counts.Refused, _state.Counts.Failed);
    }

    private async Task EndReminderAsync()
    {
        if (await this.GetReminder(ReminderName) is { } reminder)
            await this.UnregisterReminder(reminder);
    }

    /// <summary>Saves the state; changes during the save are saved next.</summary>
    private Task SaveAsync()
    {
        _dirty = true;
        return _saving = _saving.IsCompleted ? SaveAllAsync() : _saving;
    }

    private async Task SaveAllAsync()
    {
        while (_dirty)
        {
            _dirty = false;
            saved.State.Json = JsonSerializer.Serialize(Snapshot());
            try
            {
                await saved.WriteStateAsync();
                _saves++;
            }
            catch (InconsistentStateException e)
            {
                // Another activation has written the state, so this one is outdated.
                log.LogWarning("Job {Job}: its state was written by another ({Reason}); it is read again.", Id, e.Message);
                DeactivateOnIdle();
                return;
            }
            catch (Exception e)
            {
                // The next tick tries again; ranges that are lost until then are processed twice, which does no harm.
                _dirty = true;
                log.LogWarning("Job {Job}: its state could not be saved ({Reason}).", Id, e.Message);
                return;
            }
        }
    }

    private JobState Snapshot() => _state with { Done = _done.ToBounds(), Lent = [.. _lent.Values.Select(l => l.What), .. _again] };

    private JobStatus Status() => new()
    {
        Phase = _state.Phase,
        Rows = _state.Rows,
        Ranges = _state.Ranges,
        RangesDone = _done.Count,
        Counts = _state.Counts,
        RowsAtWork = _lent.Values.Sum(l => l.Through),
        Silos = [.. _silos.Values.Where(s => s.Lent > 0).Select(s => $"{s.Name}: {s.Lent} ranges")],
        RefusedSilos = _state.RefusedSilos,
        Trouble = _trouble,
        Failures = _state.Failures,
        RangesLost = _state.RangesLost,
        StateBytes = saved.State.Json.Length,
        Saves = _saves,
    };

    private static string[] Some(string[] had, IEnumerable<string> more) => [.. had.Concat(more).Distinct().Take(JobState.MostSentences)];

    private async Task Ask(Lending lending, Task question)
    {
        try
        {
            await question;
        }
        catch (Exception e)
        {
            log.LogWarning("Job {Job}, range {Range}: {Silo} does not answer ({Reason}).", Id, lending.What.Range, lending.Silo, e.Message);
        }
    }

    /// <summary>A range that is assigned to a silo.</summary>
    private sealed class Lending(LentRange what, SiloAddress silo, IRangeGrain grain)
    {
        public LentRange What { get; set; } = what;

        public SiloAddress Silo { get; set; } = silo;

        public IRangeGrain Grain { get; } = grain;

        /// <summary>The time of the last answer about the range.</summary>
        public DateTimeOffset Heard { get; set; }

        public int Through { get; set; }
    }

    /// <summary>The state of a silo.</summary>
    private sealed class Silo
    {
        public string Name { get; set; } = "";

        public int Room { get; set; } = 1;

        public int Lent { get; set; }

        public long? Source { get; set; }

        public bool Draining { get; set; }

        public bool Refused { get; set; }

        public bool Closed => Draining || Refused;
    }
}
