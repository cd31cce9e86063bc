using System.Reflection;
using System.Text;
using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Docs;

/// <summary>Builds the documentation site.</summary>
internal static class Site
{
    private static readonly (string Group, string Folder, (string File, string Url, string Text)[] Pages)[] s_guides =
    [
        ("Start", "", [("README.md", "index.html", "Getting started"), ("docs/tutorial.md", "tutorial.html", "Tutorial"),
        ("docs/jobs.md", "jobs.html", "The three jobs"), ("docs/stages.md", "stage-table.html", "The stages"),
        ("docs/bad-rows.md", "bad-rows.html", "Bad rows"), ("docs/saved-models.md", "saved-models.html", "Saved models"),
        ("docs/packages.md", "packages.html", "Packages"), ("docs/console.md", "console.html", "The console"),
        ("docs/features.md", "features.html", "Features"), ("docs/pictures.md", "pictures.html", "Pictures and films")]),
        ("Guides", "",
        [
            ("docs/files.md", "files.html", "Supported files"), ("docs/training.md", "training.html", "Training"),
            ("docs/interop.md", "interop.html", "Other libraries"),
            ("apps/Batch/README.md", "batch.html", "A batch app"), ("docs/cluster.md", "cluster.html", "A cluster"),
            ("apps/Service/README.md", "service.html", "A web service"),
            ("docs/published-models.md", "published-models.html", "Published models"), ("docs/verify.md", "verify.html", "Verify"),
            ("docs/performance.md", "performance.html", "Performance"), ("tools/Benchmarks/README.md", "benchmarks.html", "Benchmarks"),
            ("docs/limits.md", "limits.html", "Limits"), ("docs/security.md", "security.html", "Security"),
            ("docs/estimators.md", "estimators.html", "Estimators"), ("docs/rights.md", "rights.html", "Rights"),
            ("docs/architecture.md", "architecture.html", "Architecture"), ("docs/upgrade.md", "upgrade.html", "Upgrade to 0.3"),
            ("CHANGELOG.md", "changelog.html", "Changes"),
        ]),
        ("Our models and data", "models/",
        [
            ("models/generator/README.md", "models/generator.html", "Generator"),
            ("models/estimator/README.md", "models/estimator.html", "Estimator"), ("models/body/README.md", "models/body.html", "Body"),
            ("models/motions/README.md", "models/motions.html", "Motions"), ("models/people/README.md", "models/people.html", "People"),
        ]),
    ];

    /// <summary>Makes and writes all pages.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="folder">The site's folder; an earlier site in it is replaced.</param>
    /// <param name="warnings">Receives the problems of the documentation.</param>
    /// <returns>The number of pages.</returns>
    /// <exception cref="IOException">The folder contains something other than a site.</exception>
    public static int Make(string root, string folder, Warnings warnings)
    {
        Library library = Library.Load(root);
        var markdown = new Markdown();
        Dictionary<string, string> guides = s_guides.SelectMany(g => g.Pages).ToDictionary(p => p.File, p => p.Url);
        var stages = new StagePages(library, markdown, root, warnings);
        var files = new MarkdownFiles(root, guides, Names(library, stages), markdown, warnings);
        List<Page> pages = [.. guides.Keys.Select(files.Make), .. stages.Make(), .. new ApiPages(library, markdown, warnings).Make()];
        foreach (string forgotten in Directory.GetFiles(Path.Combine(root, "docs"), "*.md").Select(f => "docs/" + Path.GetFileName(f))
            .Where(f => !guides.ContainsKey(f)))
            warnings.Add(forgotten, "the page is not in the navigation of the site.");

        var layout = new Layout(Navigation(library, stages), library.Assemblies[0].GetName().Version!.ToString(3));
        Dictionary<string, string> written = pages.ToDictionary(p => p.Url, layout.Render);
        Dictionary<string, byte[]> others = files.Pictures.Concat(StagePictures.Of(root)).Append("docs/images/icon.png").Distinct()
            .ToDictionary(MarkdownFiles.PictureUrl, p => File.ReadAllBytes(Path.Combine(root, p)));
        others["site.css"] = Style();
        LinkCheck.Run(written, others.Keys.ToHashSet(), warnings);

        Clear(folder);
        foreach ((string url, byte[] bytes) in written.Select(p => (p.Key, Encoding.UTF8.GetBytes(p.Value)))
            .Concat(others.Select(o => (o.Key, o.Value))))
            AtomicFile.Write(Place(folder, url), stream => stream.Write(bytes));
        return pages.Count;
    }

    // Names that become links in guides: types with a unique name, and stages.
    private static Dictionary<string, string> Names(Library library, StagePages stages)
    {
        Dictionary<string, string> names = library.Types.Where(t => !t.IsNested && !t.IsGenericType).GroupBy(t => t.Name)
            .Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => Linker.UrlOf(g.Single()));
        foreach (string stage in stages.Order().SelectMany(o => o.Stages))
            names[stage] = StagePages.UrlOf(stage);
        return names;
    }

    private static List<NavigationGroup> Navigation(Library library, StagePages stages)
    {
        List<NavigationGroup> groups = [
            .. s_guides.Select(g => new NavigationGroup(g.Group, [.. g.Pages.Select(p => (p.Url, p.Text))], g.Folder))];
        groups.InsertRange(1,
        [
            new NavigationGroup("Stages", [(StagePages.IndexUrl, "All stages"),
            (Linker.UrlOf(typeof(Microsoft.ML.LwgDataCatalog)), "Motions, views, sequences"),
            (Linker.UrlOf(typeof(TransferCatalog)), "Measuring transfers")]),
            .. stages.Order().Select(o => new NavigationGroup("Stages: " + char.ToLowerInvariant(o.Group[0]) + o.Group[1..],
            [.. o.Stages.Select(s => (StagePages.UrlOf(s), s))], "stages/")),
        ]);
        groups.Add(new NavigationGroup("API",
            [(ApiPages.IndexUrl, "All types"), .. library.Types.Select(t => t.Namespace!).Distinct()
                .Select(n => ($"{ApiPages.IndexUrl}#{n}", n))], "api/"));
        return groups;
    }

    private static byte[] Style()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("site.css")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string Place(string folder, string url)
    {
        string path = Path.Combine(folder, url);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    // Deletes only a site, so that another folder, named by mistake, is not lost.
    private static void Clear(string folder)
    {
        if (!Directory.Exists(folder) || Directory.GetFileSystemEntries(folder).Length == 0)
            return;
        if (!File.Exists(Path.Combine(folder, "site.css")) || !File.Exists(Path.Combine(folder, "index.html")))
            throw new IOException($"'{Path.GetFullPath(folder)}' contains something other than a site; use an empty or a new folder.");
        Directory.Delete(folder, recursive: true);
    }
}
