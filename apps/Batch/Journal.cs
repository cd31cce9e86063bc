using System.Security.Cryptography;
using System.Text.Json;

namespace Lwg.MLNet.Batch;

/// <summary>A finished row.</summary>
/// <param name="Key">The hash of everything that its result depends on.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Result">The result.</param>
internal sealed record JournalEntry(string Key, long Milliseconds, ResultRow Result);

/// <summary>
/// The finished rows of a run, one line of JSON each, which the next run skips. A line is written after the row's picture is on the disk;
/// an incomplete line at the end, left by a killed process, is ignored. While the journal is open, no other process can run in the same
/// folder.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const string Name = "journal.jsonl";

    private readonly string _folder;
    private readonly LineJournal _lines;
    private readonly Dictionary<string, JournalEntry> _entries = [];

    private Journal(string folder, LineJournal lines) => (_folder, _lines) = (folder, lines);

    /// <summary>Opens the journal of a folder, or creates one.</summary>
    /// <exception cref="LwgException">Another run has it open.</exception>
    public static Journal Open(string folder)
    {
        LineJournal lines;
        try
        {
            lines = new LineJournal(Path.Combine(folder, Name));
        }
        catch (IOException e) when (File.Exists(Path.Combine(folder, Name)))
        {
            throw new LwgException($"'{folder}': another run is using this folder.", e);
        }
        var journal = new Journal(folder, lines);
        journal.ReadLines();
        return journal;
    }

    /// <summary>Returns the result of a finished row whose picture is unchanged; null if there is none.</summary>
    /// <param name="key">The row's key.</param>
    public JournalEntry? Find(string key)
    {
        if (!_entries.TryGetValue(key, out JournalEntry? entry))
            return null;
        return entry.Result.Status == ResultRow.Refused
            || HashOf(Path.Combine(_folder, entry.Result.Picture)) == entry.Result.PictureSha256 ? entry : null;
    }

    /// <summary>Adds a finished row.</summary>
    public void Add(JournalEntry entry)
    {
        _entries[entry.Key] = entry;
        _lines.Add(JsonSerializer.Serialize(entry));
    }

    public void Dispose() => _lines.Dispose();

    /// <summary>Computes the SHA-256 of a file; null if the file does not exist.</summary>
    public static string? HashOf(string path)
    {
        if (!File.Exists(path))
            return null;
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private void ReadLines()
    {
        foreach (string line in _lines.Lines)
        {
            try
            {
                if (JsonSerializer.Deserialize<JournalEntry>(line) is { Key: not null, Result: not null } entry)
                    _entries[entry.Key] = entry;
            }
            catch (JsonException)
            {
                // The line is not readable; its row is processed again.
            }
        }
    }
}
