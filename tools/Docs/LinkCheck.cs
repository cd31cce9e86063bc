using System.Net;
using System.Text.RegularExpressions;

namespace Lwg.MLNet.Docs;

/// <summary>Checks all links and pictures of the finished pages that are on the site.</summary>
internal static partial class LinkCheck
{
    /// <summary>Runs the check.</summary>
    /// <param name="pages">The HTML of all pages, by their paths.</param>
    /// <param name="files">The paths of the other files of the site.</param>
    /// <param name="warnings">Receives the broken links.</param>
    public static void Run(IReadOnlyDictionary<string, string> pages, IReadOnlySet<string> files, Warnings warnings)
    {
        Dictionary<string, HashSet<string>> places = pages.ToDictionary(p => p.Key, p =>
            Places().Matches(p.Value).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).ToHashSet());
        foreach ((string url, string html) in pages)
        {
            foreach (string link in Links().Matches(html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).Distinct())
            {
                if (link.Contains("://", StringComparison.Ordinal))
                    continue;
                string[] parts = link.Split('#', 2);
                string target = parts[0].Length == 0 ? url
                    : Uri.UnescapeDataString(new Uri(new Uri("site:///" + url), parts[0]).AbsolutePath).TrimStart('/');
                if (!pages.ContainsKey(target) && !files.Contains(target))
                    warnings.Add(url, $"the link '{link}' is broken.");
                else if (parts.Length == 2 && !places.GetValueOrDefault(target, []).Contains(parts[1]))
                    warnings.Add(url, $"the link '{link}' leads to a page without that anchor.");
            }
        }
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]+)\"")]
    private static partial Regex Links();

    [GeneratedRegex(" id=\"([^\"]+)\"")]
    private static partial Regex Places();
}
