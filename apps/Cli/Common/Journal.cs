using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lwg.MLNet.Cli;

/// <summary>
/// A text file with the finished steps of a run: the first line contains the settings (JSON), each further line a number and a result. A
/// line begins with the start of its SHA-256; a line with a wrong hash, which an abrupt end truncated, and all lines after it are ignored.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const int HashLength = 8;

    private readonly LineJournal _lines;
    private readonly Dictionary<int, string> _entries = [];

    /// <summary>Opens or creates a journal. One process at a time can open it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">The settings of the run, by the names of their options.</param>
    /// <exception cref="LwgException">The journal belongs to a run with other settings.</exception>
    public Journal(string path, IReadOnlyDictionary<string, string> settings)
    {
        _lines = new LineJournal(path);
        try
        {
            int count = 0;
            for (; count < _lines.Lines.Count && Checked(_lines.Lines[count]) is { } line; count++)
            {
                if (count == 0)
                    Compare(JsonSerializer.Deserialize<Dictionary<string, string>>(line)!, settings, path);
                else
                    _entries[int.Parse(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture)] =
                        line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            }
            _lines.Keep(count);
            if (count == 0)
                WriteLine(JsonSerializer.Serialize(settings));
        }
        catch
        {
            _lines.Dispose();
            throw;
        }
    }

    /// <summary>The result of a number; null if there is none.</summary>
    public string? this[int number] => _entries.GetValueOrDefault(number);

    /// <summary>The number of results.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds a result; a later one of the same number replaces it.</summary>
    public void Add(int number, string result)
    {
        WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number} {result}"));
        _entries[number] = result;
    }

    public void Dispose() => _lines.Dispose();

    private void WriteLine(string line) => _lines.Add($"{Hash(line)} {line}");

    private static string? Checked(string line) =>
        line.Length > HashLength && line[..HashLength] == Hash(line[(HashLength + 1)..]) ? line[(HashLength + 1)..] : null;

    private static string Hash(string line) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line)))[..HashLength];

    private static void Compare(Dictionary<string, string> before, IReadOnlyDictionary<string, string> now, string path)
    {
        string[] changed = [.. now.Keys.Union(before.Keys).Where(name => before.GetValueOrDefault(name) != now.GetValueOrDefault(name))
            .Order(StringComparer.Ordinal)];
        if (changed.Length > 0)
            throw new LwgException($"'{Path.GetDirectoryName(path)}' contains an unfinished run that differs in "
                + $"{string.Join(", ", changed)}; use the same settings to resume it, or --restart to start again.");
    }
}
