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

    private readonly FileStream _file;
    private readonly Dictionary<int, string> _entries = [];

    /// <summary>Opens or creates a journal. One process at a time can open it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="settings">The settings of the run, by the names of their options.</param>
    /// <exception cref="LwgException">The journal belongs to a run with other settings.</exception>
    public Journal(string path, IReadOnlyDictionary<string, string> settings)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            byte[] bytes = new byte[_file.Length];
            _file.ReadExactly(bytes);
            int end = 0;
            for (int length; (length = bytes.AsSpan(end).IndexOf((byte)'\n')) >= 0
                && Checked(bytes.AsSpan(end, length)) is { } line; end += length + 1)
            {
                if (end == 0)
                    Compare(JsonSerializer.Deserialize<Dictionary<string, string>>(line)!, settings, path);
                else
                    _entries[int.Parse(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture)] =
                        line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            }
            _file.SetLength(end);
            _file.Position = end;
            if (end == 0)
                WriteLine(JsonSerializer.Serialize(settings));
        }
        catch
        {
            _file.Dispose();
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

    public void Dispose() => _file.Dispose();

    private void WriteLine(string line)
    {
        _file.Write(Encoding.UTF8.GetBytes($"{Hash(Encoding.UTF8.GetBytes(line))} {line}\n"));
        _file.Flush();
    }

    private static string? Checked(ReadOnlySpan<byte> line) =>
        line.Length > HashLength && Encoding.UTF8.GetString(line[..HashLength]) == Hash(line[(HashLength + 1)..])
        ? Encoding.UTF8.GetString(line[(HashLength + 1)..]) : null;

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..HashLength];

    private static void Compare(Dictionary<string, string> before, IReadOnlyDictionary<string, string> now, string path)
    {
        string[] changed = [.. now.Keys.Union(before.Keys).Where(name => before.GetValueOrDefault(name) != now.GetValueOrDefault(name))
            .Order(StringComparer.Ordinal)];
        if (changed.Length > 0)
            throw new LwgException($"'{Path.GetDirectoryName(path)}' contains an unfinished run that differs in "
                + $"{string.Join(", ", changed)}; use the same settings to resume it, or --restart to start again.");
    }
}
