namespace Lwg.MLNet;

/// <summary>Formats names from a file for an error message.</summary>
internal static class Listing
{
    private const int Most = 20, Longest = 100;

    /// <summary>Returns the first names and the number of further ones.</summary>
    public static string Of<T>(IReadOnlyCollection<T> names)
    {
        IEnumerable<string> first = names.Take(Most).Select(n => $"{n}").Select(n => n.Length <= Longest ? n : n[..Longest] + "...");
        return names.Count == 0 ? "nothing" : string.Join(", ", first) + (names.Count > Most ? $" and {names.Count - Most} more" : "");
    }
}
