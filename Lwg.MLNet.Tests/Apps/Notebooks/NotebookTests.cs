using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Tests;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.ML;

namespace Lwg.MLNet.Apps.Tests.Notebooks;

/// <summary>Runs the notebooks of the documentation, cell by cell, with the local build in place of the packages.</summary>
[TestClass]
public partial class NotebookTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "docs", "notebooks");

    public required TestContext TestContext { get; init; }

    [TestMethod]
    [DataRow("first-pipeline.ipynb", 4, "Confidence ")]
    [DataRow("fit-a-person.ipynb", 2, "Mean distance of the body's key points: 0.0")]
    public async Task ItsCellsRunInTheirOrder(string name, int pictures, string sentence)
    {
        string before = Environment.CurrentDirectory;
        var page = new Page();
        try
        {
            // As in a notebook: file names are relative to its folder.
            Environment.CurrentDirectory = s_folder;
            ScriptState? state = null;
            foreach (string cell in Cells(name))
            {
                string code = PackageLine().Replace(cell, "");
                state = state is null
                    ? await CSharpScript.RunAsync(code, Options(), page, typeof(Page), TestContext.CancellationToken)
                    : await state.ContinueWithAsync(code, cancellationToken: TestContext.CancellationToken);
            }
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
        PixelBuffer[] shown = [.. page.Shown.Select(text => ImageLine().Match(text)).Where(match => match.Success)
            .Select(match => ImageCodec.Decode(Convert.FromBase64String(match.Groups[1].Value), name))];
        Assert.HasCount(pictures, shown);
        for (int i = 1; i < shown.Length; i++)
            Assert.IsFalse(shown[i].Data.SequenceEqual(shown[i - 1].Data), "two frames are the same");
        Assert.Contains(text => text.StartsWith(sentence, StringComparison.Ordinal), page.Shown,
            string.Join('\n', page.Shown.Select(text => text.Length > 200 ? text[..200] : text)));
    }

    [TestMethod]
    public void TheyNameTheCurrentPackages()
    {
        XDocument packages = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")),
            project = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props"));
        var versions = packages.Descendants("PackageVersion").DistinctBy(p => p.Attribute("Include")!.Value)
            .ToDictionary(p => p.Attribute("Include")!.Value, p => p.Attribute("Version")!.Value);
        versions["Lwg.MLNet.Models"] = project.Descendants("Version").Single().Value;
        string[] notebooks = Directory.GetFiles(s_folder, "*.ipynb");
        Assert.HasCount(2, notebooks);
        foreach (string notebook in notebooks)
        {
            Match[] named = [.. Cells(Path.GetFileName(notebook)).SelectMany(cell => PackageLine().Matches(cell))];
            Assert.AreSequenceEqual(["Lwg.MLNet.Models", "Microsoft.ML.OnnxRuntime"], named.Select(m => m.Groups["name"].Value));
            foreach (Match package in named)
                Assert.AreEqual(versions[package.Groups["name"].Value], package.Groups["version"].Value, package.Value);
        }
    }

    private static string[] Cells(string name)
    {
        using JsonDocument notebook = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_folder, name)));
        return [.. notebook.RootElement.GetProperty("cells").EnumerateArray()
            .Where(cell => cell.GetProperty("cell_type").GetString() == "code")
            .Select(cell => string.Concat(cell.GetProperty("source").EnumerateArray().Select(line => line.GetString())))];
    }

    // The references and imports of the packages and of the Polyglot Notebooks kernel.
    private static ScriptOptions Options() => ScriptOptions.Default
        .WithReferences(new[] { "Lwg.MLNet", "Lwg.MLNet.Transforms", "Lwg.MLNet.Models", "Microsoft.ML.Core", "Microsoft.ML.Data",
        "Microsoft.ML.DataView", "Microsoft.ML.ImageAnalytics", "System.Runtime", "System.Linq", "System.Collections" }.Select(
        Assembly.Load).Append(typeof(MLContext).Assembly).Distinct())
        .WithImports("System", "System.Linq", "System.Collections.Generic", "System.Threading.Tasks");

    [GeneratedRegex("""^#r "nuget: ?(?<name>[\w.]+), ?(?<version>[\w.\-]+)"\s*$""", RegexOptions.Multiline)]
    private static partial Regex PackageLine();

    [GeneratedRegex("<img src='data:image/png;base64,([^']+)'>")]
    private static partial Regex ImageLine();

    /// <summary>The output functions of a notebook, with their names in Polyglot Notebooks.</summary>
    public sealed class Page
    {
        internal List<string> Shown { get; } = [];

#pragma warning disable IDE1006, CA1707, CA1822
        public void display(object value) => Shown.Add(value.ToString()!);

        public string HTML(string text) => text;
#pragma warning restore IDE1006, CA1707, CA1822
    }
}
