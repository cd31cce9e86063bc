using System.Text.RegularExpressions;
using Lwg.MLNet.Docs;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Microsoft.ML;

namespace Lwg.MLNet.Tests.Docs;

/// <summary>Tests that the documentation is complete. docfx makes the site of it and checks the rest; it is not needed here.</summary>
[TestClass]
public sealed partial class SiteTests
{
    private static readonly MarkdownPipeline s_pipeline =
        new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    // Where the stages' pages are once the site is made.
    private static readonly string s_stages = Path.Combine(Repository.Root, "tools", "Docs", "obj", "stages");

    // The files in the tables of contents.
    private static readonly string[] s_contents =
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "tools", "Docs"), "toc.yml", SearchOption.AllDirectories)
            .Where(toc => !toc.Contains(Path.Combine("Docs", "obj"), StringComparison.Ordinal))
            .SelectMany(toc => Places().Matches(File.ReadAllText(toc))
                .Select(place => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(toc)!, place.Groups[1].Value)))),
    ];

    [TestMethod]
    public void EveryPageIsInATableOfContents()
    {
        string[] pages = Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md");
        Assert.IsGreaterThan(20, pages.Length);
        Assert.IsEmpty(pages.Except(s_contents));
    }

    [TestMethod]
    public void EveryPackedLibraryIsInTheApiReference()
    {
        string settings = File.ReadAllText(Path.Combine(Repository.Root, "tools", "Docs", "docfx.json"));
        string[] libraries = [.. Directory.GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(project => File.ReadAllText(project) is var text && text.Contains("<IsPackable>true", StringComparison.Ordinal)
            && !text.Contains("<OutputType>Exe", StringComparison.Ordinal)).Select(path => Path.GetFileNameWithoutExtension(path)!)];
        Assert.IsGreaterThan(4, libraries.Length);
        Assert.IsEmpty(libraries.Where(library => !settings.Contains($"/{library}.dll\"", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void EveryLinkOfThePagesIsValid()
    {
        string[] pages = [.. s_contents.Where(page => !page.Contains(s_stages, StringComparison.Ordinal))];
        Assert.Contains(Path.Combine(Repository.Root, "README.md"), pages);
        Assert.IsEmpty(pages.SelectMany(DeadLinks));
    }

    [TestMethod]
    public void DeadLinksAreFound()
    {
        using var folder = new TemporaryFolder();
        folder.Write("one.md",
            "# One\n\n[well](#one) [well](two.md#a-place) [1](gone.md) [2](two.md#gone) [3](#gone) ![4](gone.png)\n"u8.ToArray());
        folder.Write("two.md", "# Two\n\n## A place\n\n[well](one.md) [elsewhere](https://example.org/x)\n"u8.ToArray());
        Assert.AreSequenceEqual((string[])["one.md: gone.md", "one.md: two.md#gone", "one.md: #gone", "one.md: gone.png"],
            DeadLinks(Path.Combine(folder.Path, "one.md")));
        Assert.IsEmpty(DeadLinks(Path.Combine(folder.Path, "two.md")));
    }

    [TestMethod]
    public void EveryStageHasAPageWithAPictureATableAndItsOptions()
    {
        var pages = new StagePages(typeof(LwgTransformsCatalog).Assembly);
        Assert.IsGreaterThan(20, pages.Stages.Count);
        string[] rows = Rows("CropPerson");
        Assert.HasCount(4, rows);
        foreach (string stage in pages.Stages)
        {
            Assert.AreSequenceEqual(rows, Rows(stage), stage);
            Assert.AreNotEqual("", StagePictures.CaptionOf(stage), stage);
            Assert.IsTrue(File.Exists(Path.Combine(Repository.Root, StagePictures.Folder, stage + ".png")), stage);
            Assert.Contains(Path.Combine(s_stages, stage + ".md"), s_contents);
        }
        Assert.Contains("| [`ImageSize`](xref:Lwg.MLNet.Transforms.CropPersonOptions.ImageSize) | `256` | S, the size of the square image",
            pages.Page("CropPerson"));

        // The first cells of the stage's table, which is before the options.
        string[] Rows(string stage) => [.. pages.Page(stage).Split("## Options")[0].Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line != "| | |").Select(line => line.Split('|')[1].Trim())];
    }

    private static IEnumerable<string> DeadLinks(string page) =>
        Markdown.Parse(File.ReadAllText(page), s_pipeline).Descendants<LinkInline>().Select(link => link.Url!)
            .Where(link => !link.Contains("://", StringComparison.Ordinal) && !Leads(page, link))
            .Select(link => $"{Path.GetFileName(page)}: {link}");

    private static bool Leads(string page, string link)
    {
        string[] parts = link.Split('#', 2);
        string target = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(parts[0]));
        return File.Exists(target) && (parts.Length == 1 || Markdown.Parse(File.ReadAllText(target), s_pipeline)
            .Descendants<HeadingBlock>().Any(heading => heading.GetAttributes().Id == parts[1]));
    }

    [GeneratedRegex(@"href: (\S+\.md)$", RegexOptions.Multiline)]
    private static partial Regex Places();
}
