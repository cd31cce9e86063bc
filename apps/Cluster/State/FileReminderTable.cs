namespace Lwg.MLNet.Cluster;

/// <summary>Stores reminders in files, for a single silo.</summary>
internal sealed class FileReminderTable(StateFolder folder) : IReminderTable
{
    private const string Kind = "reminders";

    private readonly Lock _lock = new();

    public Task<ReminderTableData> ReadRows(GrainId grainId) => Task.FromResult(Rows(r => r.GrainId.Equals(grainId)));

    // The part of the ring from begin, exclusive, to end, inclusive; the whole ring if they are equal.
    public Task<ReminderTableData> ReadRows(uint begin, uint end) =>
        Task.FromResult(Rows(r => r.GrainId.GetUniformHashCode() is var hash
        && (begin < end ? hash > begin && hash <= end : hash > begin || hash <= end)));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => Task.FromResult(Read(grainId, reminderName)?.ToEntry());

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        lock (_lock)
        {
            string tag = Guid.NewGuid().ToString("N");
            folder.Write(Kind, KeyOf(entry.GrainId, entry.ReminderName),
                new Saved(entry.GrainId.ToString(), entry.ReminderName, entry.StartAt, entry.Period, tag));
            return Task.FromResult<string?>(tag);
        }
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag)
    {
        lock (_lock)
        {
            if (Read(grainId, reminderName)?.Tag != eTag)
                return Task.FromResult(false);
            folder.Delete(Kind, KeyOf(grainId, reminderName));
            return Task.FromResult(true);
        }
    }

    public Task TestOnlyClearTable()
    {
        foreach (ReminderEntry entry in Rows(_ => true).Reminders)
            folder.Delete(Kind, KeyOf(entry.GrainId, entry.ReminderName));
        return Task.CompletedTask;
    }

    private Saved? Read(GrainId grain, string name)
    {
        lock (_lock)
            return folder.Read<Saved>(Kind, KeyOf(grain, name));
    }

    private ReminderTableData Rows(Func<ReminderEntry, bool> wanted)
    {
        lock (_lock)
            return new ReminderTableData(folder.ReadAll<Saved>(Kind).Select(s => s.ToEntry()).Where(wanted));
    }

    private static string KeyOf(GrainId grain, string name) => $"{grain}/{name}";

    /// <summary>The content of a file.</summary>
    private sealed record Saved(string Grain, string Name, DateTime StartAt, TimeSpan Period, string Tag)
    {
        public ReminderEntry ToEntry() =>
            new() { GrainId = GrainId.Parse(Grain, null), ReminderName = Name, StartAt = StartAt, Period = Period, ETag = Tag };
    }
}
