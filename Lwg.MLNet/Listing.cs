namespace Lwg.MLNet;

/// <summary>Names from a file in an error's text: the first of them.</summary>
internal static class Listing
{
    private const int Most = 20, Longest = 100;

    /// <summary>The first names and how many more there are.</summary>
    public static string Of<T>(IReadOnlyCollection<T> names)
    {
        IEnumerable<string> first = names.Take(Most).Select(n => $"{n}").Select(n => n.Length <= Longest ? n : n[..Longest] + "...");
        return names.Count == 0 ? "nothing" : string.Join(", ", first) + (names.Count > Most ? $" and {names.Count - Most} more" : "");
    }
}
