using System.Net;

namespace Lwg.MLNet.Docs;

/// <summary>Helpers for HTML.</summary>
internal static class Html
{
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    public static string Code(string text) => $"<code>{Text(text)}</code>";

    public static string Link(string url, string html) => $"<a href=\"{Text(url)}\">{html}</a>";

    /// <summary>Returns a table; its cells are HTML.</summary>
    public static string Table(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows) =>
        $"<div class=\"wide\"><table>\n<thead><tr>{Cells(heads, "th")}</tr></thead>\n"
        + $"<tbody>\n{string.Concat(rows.Select(row => $"<tr>{Cells(row, "td")}</tr>\n"))}</tbody>\n</table></div>\n";

    /// <summary>Returns the relative link from one page to another. Both paths are relative to the site's root.</summary>
    public static string Relative(string from, string to)
    {
        int depth = from.Count(c => c == '/');
        return string.Concat(Enumerable.Repeat("../", depth)) + to;
    }

    private static string Cells(IEnumerable<string> cells, string tag) => string.Concat(cells.Select(cell => $"<{tag}>{cell}</{tag}>"));
}
