using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Lwg.MLNet.Docs;

/// <summary>Markdown as GitHub reads it, with links that lead to the site's pages.</summary>
internal sealed partial class Markdown
{
    private const string InRepository = "repository:";

    private readonly MarkdownPipeline _pipeline = new MarkdownPipelineBuilder().UsePipeTables()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub).UseAutoLinks().Build();

    /// <summary>Text without relative links.</summary>
    public string ToHtml(string text) => Finish(Markdig.Markdown.ToHtml(text, _pipeline));

    /// <summary>A file's text.</summary>
    /// <param name="text">Markdown.</param>
    /// <param name="resolve">From a relative link to the one on the page; null for what is in the repository but not on the site.</param>
    /// <param name="named">From a word of code to the page of what is called so; null where nothing is.</param>
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

    // What is on no page is named, not linked; tables may be wider than a telephone; code gets its colours.
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
