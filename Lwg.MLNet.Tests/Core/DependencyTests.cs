using System.Reflection;
using System.Xml.Linq;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests;

/// <summary>Tests that dependencies between the projects point down: programs -> Models -> Transforms -> core, Training -> Transforms and
/// Synthesis, Synthesis -> core.</summary>
[TestClass]
public class DependencyTests
{
    private static readonly Assembly s_core = typeof(BodyModel).Assembly;
    /// <summary>The folders of the core and the folders that each may use, from the bottom up: none above itself, so that there are no
    /// cycles. docs/architecture.md contains the same table.</summary>
    private static readonly (string Folder, string[] Uses)[] s_rules =
    [
        ("/", []),
        ("Checkpoints", ["/"]),
        ("Imaging", []),
        ("Keypoints", ["/", "Imaging"]),
        ("Body", ["/", "Checkpoints"]),
        ("Rendering", ["Body"]),
        ("Motion", ["/", "Checkpoints", "Body"]),
        ("Networks", ["/", "Checkpoints"]),
        ("Metrics", ["Checkpoints", "Body", "Keypoints", "Networks"]),
        ("Fitting", ["/", "Keypoints", "Imaging", "Body", "Rendering", "Metrics"]),
        ("Models", ["/", "Checkpoints", "Body", "Motion", "Networks"]),
        ("Warping", ["Imaging"]),
        ("Backgrounds", ["Imaging", "Warping"]),
        ("Heads", ["Imaging", "Body", "Warping"]),
        ("Composition", ["Imaging", "Body", "Warping", "Backgrounds", "Heads"]),
        ("Generation", ["/", "Checkpoints", "Keypoints", "Imaging", "Body", "Rendering", "Fitting", "Networks", "Models", "Warping",
            "Backgrounds", "Heads", "Composition"]),
        ("Estimation", ["/", "Checkpoints", "Keypoints", "Imaging", "Body", "Rendering", "Fitting", "Networks", "Models"]),
        ("Importing", ["/", "Checkpoints", "Body", "Networks", "Models", "Generation"]),
    ];

    private static readonly Assembly s_transforms = Assembly.Load("Lwg.MLNet.Transforms");

    [TestMethod]
    public void TheCoreReferencesNumericsOnly()
    {
        string[] references = References(s_core);
        string[] strangers = [.. references.Where(r =>
            !r.StartsWith("System.", StringComparison.Ordinal)
            && r is not ("System" or "Google.FlatBuffers" or "MathNet.Numerics" or "Microsoft.ML.OnnxRuntime" or "netstandard"))];
        Assert.IsEmpty(strangers, "assemblies the core references beyond System, Google.FlatBuffers, MathNet.Numerics and ONNX Runtime: "
            + string.Join(", ", strangers));
        string[] packages = ["Google.FlatBuffers", "MathNet.Numerics", "System.Numerics.Tensors", "Microsoft.ML.OnnxRuntime.Managed"];
        foreach (string reference in ProjectFile("Lwg.MLNet"))
            Assert.Contains(reference, packages, "the core's project file");
    }

    [TestMethod]
    public void TransformsReferenceTheCoreAndMlNetOnly()
    {
        string[] forbidden = ["Lwg.MLNet.Cli", "Lwg.MLNet.Apps", "Lwg.MLNet.Synthesis", "Lwg.MLNet.Training", "Lwg.MLNet.Benchmarks",
            "Lwg.MLNet.Tests", "TorchSharp", "Spectre.Console", "System.CommandLine", "Microsoft.ML.OnnxRuntime.Gpu"];
        foreach (string reference in References(s_transforms).Concat(ProjectFile("Lwg.MLNet.Transforms")))
            Assert.DoesNotContain(reference, forbidden);
        Assert.Contains("Lwg.MLNet", ProjectFile("Lwg.MLNet.Transforms"));
    }

    [TestMethod]
    public void TheFoldersOfTheCoreUseWhatTheTableAllows()
    {
        IReadOnlyDictionary<string, SortedSet<string>> uses = FolderRules.Read(s_core.Location);
        HashSet<string> allowed = [.. s_rules.SelectMany(rule => rule.Uses.Select(used => $"{rule.Folder} -> {used}"))];
        string[] forbidden = [.. uses.Where(use => !allowed.Contains(use.Key))
            .Select(use => $"{use.Key} ({string.Join(", ", use.Value.Take(8))})")];
        Assert.IsEmpty(forbidden, "uses that the table does not allow:\n" + string.Join('\n', forbidden));
        Assert.IsEmpty(allowed.Except(uses.Keys), "what the table allows and nothing needs: "
            + string.Join(", ", allowed.Except(uses.Keys)));
    }

    [TestMethod]
    public void TheTableHasNoCycles()
    {
        for (int i = 0; i < s_rules.Length; i++)
            Assert.IsEmpty(s_rules[i].Uses.Except(s_rules.Take(i).Select(rule => rule.Folder)),
                $"{s_rules[i].Folder} uses what is not below it");
    }

    [TestMethod]
    public void TheDocumentationShowsTheTable()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        foreach ((string folder, string[] uses) in s_rules)
            Assert.Contains($"| `{folder}` | {(uses.Length == 0 ? "nothing" : string.Join(", ", uses.Select(used => $"`{used}`")))} |",
                page);
    }

    [TestMethod]
    public void SynthesisReferencesTheCoreOnly() => Assert.AreSequenceEqual((string[])["Lwg.MLNet"], ProjectFile("Lwg.MLNet.Synthesis"));

    [TestMethod]
    public void OnlyTrainingReferencesTorch()
    {
        foreach (string project in Directory.GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories))
        {
            string name = Path.GetFileNameWithoutExtension(project);
            if (!name.StartsWith("Lwg.MLNet.Training", StringComparison.Ordinal))
                Assert.IsFalse(Referenced(project)
                    .Any(r => r.StartsWith("TorchSharp", StringComparison.Ordinal) || r.StartsWith("libtorch", StringComparison.Ordinal)),
                    name);
        }
    }

    [TestMethod]
    public void OnlyTheClusterReferencesOrleans()
    {
        foreach (string project in Directory.GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(p => !Path.GetFileNameWithoutExtension(p).StartsWith("Lwg.MLNet.Cluster", StringComparison.Ordinal)))
            Assert.IsFalse(Referenced(project)
                .Any(r => r.StartsWith("Microsoft.Orleans", StringComparison.Ordinal) || r == "Lwg.MLNet.Cluster"), project);
    }

    [TestMethod]
    public void TrainingReferencesTransformsAndTorchButNoConsole()
    {
        string[] training = ProjectFile("Lwg.MLNet.Training");
        foreach (string needed in (string[])["Lwg.MLNet", "Lwg.MLNet.Transforms", "TorchSharp"])
            Assert.Contains(needed, training);
        foreach (string forbidden in (string[])["Lwg.MLNet.Cli", "Lwg.MLNet.Apps", "Lwg.MLNet.Benchmarks", "Lwg.MLNet.Training.Cli",
            "System.CommandLine", "Spectre.Console"])
            Assert.DoesNotContain(forbidden, training);
        foreach (string project in Directory.GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories))
        {
            string name = Path.GetFileNameWithoutExtension(project);
            if (!name.StartsWith("Lwg.MLNet.Training", StringComparison.Ordinal))
                Assert.IsFalse(Referenced(project).Any(r => r.StartsWith("Lwg.MLNet.Training", StringComparison.Ordinal)),
                    $"{name} would need libtorch.");
        }
    }

    private static string[] References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(a => a.Name!)];

    private static string[] ProjectFile(string project) =>
        Referenced(Directory.GetFiles(Repository.Root, project + ".csproj", SearchOption.AllDirectories).Single());

    // References behind the property that adds a peer to the benchmarks are not part of ordinary builds.
    private static string[] Referenced(string path) =>
    [
        .. XDocument.Load(path).Descendants().Where(e => e.Name.LocalName is "PackageReference" or "ProjectReference")
            .Where(e => Path.GetFileName(path) != "Lwg.MLNet.Benchmarks.csproj"
            || e.Parent!.Attribute("Condition")?.Value != "'$(LwgPeers)' == 'Torch'")
            .Select(e => e.Name.LocalName == "PackageReference" ? e.Attribute("Include")!.Value
            : Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value)),
    ];
}
