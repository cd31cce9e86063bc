using System.Reflection;
using Lwg.MLNet.Docs;

namespace Lwg.MLNet.Tests.Docs;

/// <summary>Tests that the documentation site reports errors: CI builds it from this repository without warnings, so errors must give
/// warnings.</summary>
[TestClass]
public sealed class SiteTests
{
    [TestMethod]
    public void LinksThatLeadNowhereAreFound()
    {
        var pages = new Dictionary<string, string>
        {
            ["index.html"] = """<a href="guides/one.html#here">well</a> <a href="#top">no such place</a> <img src="picture.png"> <a href="https://example.org/x">elsewhere</a>""",
            ["guides/one.html"] = """<h2 id="here">Here</h2> <a href="../index.html">well</a> <a href="two.html">no such page</a> <a href="../index.html#there">no such place</a>""",
        };
        var warnings = new Warnings();
        LinkCheck.Run(pages, new HashSet<string> { "picture.png" }, warnings);
        Assert.HasCount(3, warnings.All, string.Join('\n', warnings.All));
        foreach (string link in (string[])["'#top'", "'two.html'", "'../index.html#there'"])
            Assert.HasCount(1, warnings.All.Where(w => w.Contains(link, StringComparison.Ordinal)).ToArray(), link);
    }

    [TestMethod]
    public void FilesThatAreNotThereAreFound()
    {
        using var folder = new TemporaryFolder();
        folder.Write("README.md",
            "# Title\n\n[a file](there.txt), [no file](gone.txt), ![no picture](gone.png), `Site` and `Nothing`\n"u8.ToArray());
        folder.Write("there.txt", []);
        var warnings = new Warnings();
        var files = new MarkdownFiles(folder.Path, new Dictionary<string, string> { ["README.md"] = "index.html" }, new Dictionary<string,
            string> { ["Site"] = "api/Site.html" }, new Markdown(), warnings);
        Page page = files.Make("README.md");
        Assert.AreEqual("Title", page.Title);
        Assert.HasCount(2, warnings.All, string.Join('\n', warnings.All));
        StringAssert.Contains(page.Html, "<a href=\"api/Site.html\"><code>Site</code></a>");
        StringAssert.Contains(page.Html, "<span class=\"file\">a file</span>");
        StringAssert.Contains(page.Html, "<code>Nothing</code>");
    }

    [TestMethod]
    public void MembersAreNamedAsTheCompilerNamesThem()
    {
        MethodInfo method = typeof(Named<>).GetMethods().Single(m => m.Name == nameof(Named<int>.Do));
        Assert.AreEqual("M:Lwg.MLNet.Tests.Docs.SiteTests.Named`1.Do``1(`0,"
            + "System.Collections.Generic.IReadOnlyDictionary{System.String,``0[]},System.Int32@)", DocId.Of(method));
        Assert.AreEqual("P:Lwg.MLNet.Tests.Docs.SiteTests.Named`1.Item(System.Int32)", DocId.Of(typeof(Named<>).GetProperties().Single()));
        Assert.AreEqual("M:Lwg.MLNet.Tests.Docs.SiteTests.Named`1.#ctor(System.Boolean)",
            DocId.Of(typeof(Named<>).GetConstructors().Single()));
    }

    public sealed class Named<T>(bool yes)
    {
        public bool this[int index] => yes == index > 0;

        public bool Do<TOther>(T own, IReadOnlyDictionary<string, TOther[]> others, ref int count) =>
            yes && own is not null && others.Count == count;
    }
}
