using System.Text.RegularExpressions;

namespace Lwg.MLNet.Docs;

/// <summary>Makes pages of the repository's Markdown files.</summary>
internal sealed partial class MarkdownFiles(string root, IReadOnlyDictionary<string, string> pages, IReadOnlyDictionary<string,
    string> names, Markdown markdown, Warnings warnings)
{
    private readonly HashSet<string> _pictures = [];

    /// <summary>The pictures on the pages, relative to the repository's root.</summary>
    public IReadOnlySet<string> Pictures => _pictures;

    /// <summary>Returns the path of a picture on the site.</summary>
    public static string PictureUrl(string file) => file.StartsWith("docs/", StringComparison.Ordinal) ? file["docs/".Length..] : file;

    /// <summary>Makes a page of a file.</summary>
    /// <param name="file">The file, relative to the repository's root; one of the pages' keys.</param>
    public Page Make(string file)
    {
        string text = File.ReadAllText(Path.Combine(root, file)), url = pages[file];
        Match title = Titles().Match(text);
        if (!title.Success)
            warnings.Add(file, "it has no title.");
        string html = markdown.ToHtml(text, link => Resolve(file, url, link), word =>
            names.TryGetValue(word, out string? page) ? Html.Relative(url, page) : null);
        return new Page(url, title.Success ? title.Groups[1].Value.Trim() : file, html, file);
    }

    private string? Resolve(string file, string url, string link)
    {
        string path = link.Split('#')[0], fragment = link[path.Length..];
        if (path.Length == 0)
            return link;
        string target = Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(root, Path.GetDirectoryName(file)!, path)))
            .Replace('\\', '/');
        if (pages.TryGetValue(target, out string? page) || pages.TryGetValue(target + "/README.md", out page))
            return Html.Relative(url, page) + fragment;
        string full = Path.Combine(root, target);
        if (target.StartsWith("..", StringComparison.Ordinal) || !(File.Exists(full) || Directory.Exists(full)))
            warnings.Add(file, $"the link '{link}' is broken.");
        else if (Path.GetExtension(target) is ".png" or ".webp" or ".svg")
        {
            _pictures.Add(target);
            return Html.Relative(url, PictureUrl(target));
        }
        return null;
    }

    [GeneratedRegex("^# (.+)$", RegexOptions.Multiline)]
    private static partial Regex Titles();
}
