using System.Text;

namespace Lwg.MLNet.Docs;

/// <summary>A group of links in the navigation.</summary>
/// <param name="Title">The heading of the group.</param>
/// <param name="Links">The links, relative to the site's root, and their texts.</param>
/// <param name="Folder">The folder on whose pages the group is open; empty for all pages.</param>
internal sealed record NavigationGroup(string Title, IReadOnlyList<(string Url, string Text)> Links, string Folder = "");

/// <summary>The common parts of all pages: head, navigation, footer.</summary>
internal sealed class Layout(IReadOnlyList<NavigationGroup> navigation, string version)
{
    public string Render(Page page)
    {
        string title = page.Url == "index.html" ? "Lwg.MLNet" : $"{Html.Text(page.Title)} - Lwg.MLNet";
        var html = new StringBuilder();
        html.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title}</title>
            <link rel="icon" href="{Html.Relative(page.Url, "images/icon.png")}">
            <link rel="stylesheet" href="{Html.Relative(page.Url, "site.css")}">
            </head>
            <body>
            <header><a class="brand" href="{Html.Relative(page.Url, "index.html")}"><img src="{Html.Relative(page.Url, "images/icon.png")}" alt="">Lwg.MLNet</a><a class="menu" href="#navigation">Contents</a></header>
            <div class="sheet">
            <main>
            {page.Html}
            </main>
            <nav id="navigation">

            """);
        foreach (NavigationGroup group in navigation)
        {
            html.Append($"<details{(page.Url.StartsWith(group.Folder, StringComparison.Ordinal) ? " open" : "")}>"
                + $"<summary>{Html.Text(group.Title)}</summary>\n<ul>\n");
            foreach ((string url, string text) in group.Links)
                html.Append($"<li><a href=\"{Html.Relative(page.Url, url)}\"{(url == page.Url ? " aria-current=\"page\"" : "")}"
                    + $">{Html.Text(text)}</a></li>\n");
            html.Append("</ul></details>\n");
        }
        html.Append($"</nav>\n</div>\n<footer>Lwg.MLNet {Html.Text(version)}, MIT licence. The people on these pages are painted by code "
            + $"and do not exist.</footer>\n</body>\n</html>\n");
        return html.ToString();
    }
}
