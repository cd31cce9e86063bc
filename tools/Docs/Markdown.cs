using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Lwg.MLNet.Docs;

/// <summary>Converts GitHub's Markdown to HTML, with links to the pages of the site.</summary>
internal sealed partial class Markdown
{
    private const string InRepository = "repository:";

    private readonly MarkdownPipeline _pipeline = new MarkdownPipelineBuilder().UsePipeTables()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub).UseAutoLinks().Build();

    /// <summary>Converts text without relative links.</summary>
    public string ToHtml(string text) => Finish(Markdig.Markdown.ToHtml(text, _pipeline));

    /// <summary>Converts the text of a file.</summary>
    /// <param name="text">The Markdown text.</param>
    /// <param name="resolve">Converts a relative link of the file to the link on the page; null for files that are not on the site.</param>
    /// <param name="named">Returns the page of a name in code; null if there is none.</param>
    public string ToHtml(string text, Func<string, string?> resolve, Func<string, string?> named)
    {
        MarkdownDocument document = Markdig.Markdown.Parse(text, _pipeline);
        foreach (LinkInline link in document.Descendants<LinkInline>())
        {
            if (link.Url is { Length: > 0 } url && !url.Contains("://", StringComparison.Ordinal)
                && !url.StartsWith("mailto:", StringComparison.Ordinal))
                link.Url = resolve(url) ?? InRepository + url;
        }
        foreach (CodeInline code in document.Descendants<ParagraphBlock>().SelectMany(p => p.Inline!.Descendants<CodeInline>())
            .Where(c => c.Parent is not LinkInline).ToArray())
        {
            if (named(code.Content) is { } page)
                code.ReplaceBy(new LinkInline(page, "").AppendChild(new CodeInline(code.Content)));
        }
        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        _pipeline.Setup(renderer);
        renderer.Render(document);
        return Finish(writer.ToString());
    }

    // Replaces links to files outside the site by their text, makes wide tables scroll, and colours code.
    private static string Finish(string html)
    {
        html = RepositoryLinks().Replace(html, "<span class=\"file\">$1</span>");
        html = html.Replace("<table>", "<div class=\"wide\"><table>", StringComparison.Ordinal)
            .Replace("</table>", "</table></div>", StringComparison.Ordinal);
        return CSharpBlocks().Replace(html, block => $"<pre><code>{CSharpColors.Paint(block.Groups[1].Value)}</code></pre>");
    }

    [GeneratedRegex("<a href=\"" + InRepository + "[^\"]*\">(.*?)</a>", RegexOptions.Singleline)]
    private static partial Regex RepositoryLinks();

    [GeneratedRegex("<pre><code class=\"language-csharp\">(.*?)</code></pre>", RegexOptions.Singleline)]
    private static partial Regex CSharpBlocks();
}
