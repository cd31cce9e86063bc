using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Lwg.MLNet.Training.Torch.Convolutions;

/// <summary>
/// Stores the correct implementations on a machine in the user's cache folder, one file per machine. A file that is too large, corrupt,
/// of another machine, or names an unknown implementation is ignored and written again; results that cannot be written are checked again
/// next time.
/// </summary>
/// <param name="folder">The folder; created if missing.</param>
/// <param name="machine">The machine (<see cref="ConvolutionMachine.Identity"/>).</param>
internal sealed class ConvolutionCache(string folder, string machine)
{
    private const int Format = 2, MostEntries = 2048, LongestText = 1024;
    private const long LargestFile = 4 << 20;

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>The path of the file.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, $"convolutions-{Hash(machine)[..16]}.json");

    /// <summary>The user's cache folder for this library; null if there is none.</summary>
    public static string? DefaultFolder
    {
        get
        {
            string? caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME"),
                home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (OperatingSystem.IsWindows())
                caches = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            else if (!System.IO.Path.IsPathRooted(caches))
                caches = home.Length == 0 ? null : System.IO.Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");
            return string.IsNullOrEmpty(caches) ? null : System.IO.Path.Combine(caches, "lwg-mlnet");
        }
    }

    /// <summary>Reads the stored results: for the text of each convolution the name of its implementation, and the errors of the ones
    /// before it.</summary>
    public Dictionary<string, (string Way, string Wrong)> Read()
    {
        var found = new Dictionary<string, (string, string)>();
        try
        {
            if (!File.Exists(Path) || new FileInfo(Path).Length > LargestFile)
                return found;
            Content? content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(Path));
            if (content is null || content.Format != Format || content.Machine != machine || content.Entries is null
                || content.Entries.Count > MostEntries
                || content.Entries.Any(e => e?.Convolution is null || e.Way is null || e.Wrong is null)
                || content.Hash != HashOf(content.Entries))
                return found;
            foreach (Entry entry in content.Entries)
                found[entry.Convolution] = (entry.Way, entry.Wrong);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or NotSupportedException
        or ArgumentException)
        {
            found.Clear();
        }
        return found;
    }

    /// <summary>Adds results to the file.</summary>
    /// <param name="choices">Convolutions and their implementations; those without a correct one are skipped.</param>
    /// <returns>The error message; null for success.</returns>
    public string? Add(IEnumerable<ConvolutionChoice> choices)
    {
        Dictionary<string, (string Way, string Wrong)> all = Read();
        foreach (ConvolutionChoice choice in choices.Where(c => c.Way is not null))
            all[choice.Shape.ToString()] = (choice.Way!.Name, choice.Wrong);
        List<Entry> entries = [.. all.Select(e =>
            new Entry(e.Key, e.Value.Way, e.Value.Wrong.Length > LongestText ? e.Value.Wrong[..LongestText] : e.Value.Wrong))
            .TakeLast(MostEntries)];
        try
        {
            Directory.CreateDirectory(folder);
            byte[] text = JsonSerializer.SerializeToUtf8Bytes(new Content(Format, machine, entries, HashOf(entries)), s_json);
            AtomicFile.Write(Path, stream => stream.Write(text));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return e.Message;
        }
    }

    private string HashOf(List<Entry> entries) =>
        Hash(string.Join("\n", entries.Select(e => $"{e.Convolution}\t{e.Way}\t{e.Wrong}").Prepend(machine)));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private sealed record Entry(string Convolution, string Way, string Wrong);

    private sealed record Content(int Format, string Machine, List<Entry>? Entries, string Hash);
}
