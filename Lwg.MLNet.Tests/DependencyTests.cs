using System.Reflection;
using System.Xml.Linq;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Tests;

/// <summary>Arrows between the projects point down: Samples, Benchmarks -> Transforms -> core, and Training -> Transforms.</summary>
[TestClass]
public class DependencyTests
{
    private static readonly Assembly s_core = typeof(BodyModel).Assembly;
    private static readonly Assembly s_transforms = Assembly.Load("Lwg.MLNet.Transforms");

    [TestMethod]
    public void TheCoreKnowsNumericsOnly()
    {
        string[] references = References(s_core);
        string[] strangers = [.. references.Where(r => !r.StartsWith("System.", StringComparison.Ordinal) && r is not ("System" or "Google.FlatBuffers" or "MathNet.Numerics" or "Microsoft.ML.OnnxRuntime" or "netstandard"))];
        Assert.IsEmpty(strangers, "assemblies the core references beyond System, Google.FlatBuffers, MathNet.Numerics and ONNX Runtime: " + string.Join(", ", strangers));
        string[] packages = ["Google.FlatBuffers", "MathNet.Numerics", "System.Numerics.Tensors", "Microsoft.ML.OnnxRuntime.Managed"];
        foreach (string reference in ProjectFile("Lwg.MLNet"))
            Assert.Contains(reference, packages, "the core's project file");
    }

    [TestMethod]
    public void TransformsKnowTheCoreAndMlNetButNeitherSamplesNorConsoleNorTorch()
    {
        string[] forbidden = ["Lwg.MLNet.Samples", "Lwg.MLNet.Training", "Lwg.MLNet.Benchmarks", "Lwg.MLNet.Tests", "TorchSharp", "Spectre.Console", "System.CommandLine", "Microsoft.ML.OnnxRuntime.Gpu"];
        foreach (string reference in References(s_transforms).Concat(ProjectFile("Lwg.MLNet.Transforms")))
            Assert.DoesNotContain(reference, forbidden);
        Assert.Contains("Lwg.MLNet", ProjectFile("Lwg.MLNet.Transforms"));
    }

    [TestMethod]
    public void NobodyButTrainingKnowsTorch()
    {
        foreach (string project in Directory.GetFiles(RepositoryRoot, "*.csproj", SearchOption.AllDirectories))
        {
            string name = Path.GetFileNameWithoutExtension(project);
            if (!name.StartsWith("Lwg.MLNet.Training", StringComparison.Ordinal))
                Assert.IsFalse(Referenced(project).Any(r => r.StartsWith("TorchSharp", StringComparison.Ordinal) || r.StartsWith("libtorch", StringComparison.Ordinal)), name);
        }
    }

    [TestMethod]
    public void NobodyButTheClusterKnowsOrleans()
    {
        foreach (string project in Directory.GetFiles(RepositoryRoot, "*.csproj", SearchOption.AllDirectories).Where(p => !Path.GetFileNameWithoutExtension(p).StartsWith("Lwg.MLNet.Samples.Cluster", StringComparison.Ordinal)))
            Assert.IsFalse(Referenced(project).Any(r => r.StartsWith("Microsoft.Orleans", StringComparison.Ordinal) || r == "Lwg.MLNet.Samples.Cluster"), project);
    }

    [TestMethod]
    public void TrainingKnowsTransformsAndTorchButNoConsole()
    {
        string[] training = ProjectFile("Lwg.MLNet.Training");
        foreach (string needed in (string[])["Lwg.MLNet", "Lwg.MLNet.Transforms", "TorchSharp"])
            Assert.Contains(needed, training);
        foreach (string forbidden in (string[])["Lwg.MLNet.Samples", "Lwg.MLNet.Benchmarks", "Lwg.MLNet.Training.Cli", "System.CommandLine", "Spectre.Console"])
            Assert.DoesNotContain(forbidden, training);
        foreach (string project in Directory.GetFiles(RepositoryRoot, "*.csproj", SearchOption.AllDirectories))
        {
            string name = Path.GetFileNameWithoutExtension(project);
            if (!name.StartsWith("Lwg.MLNet.Training", StringComparison.Ordinal))
                Assert.IsFalse(Referenced(project).Any(r => r.StartsWith("Lwg.MLNet.Training", StringComparison.Ordinal)), $"{name} would need libtorch.");
        }
    }

    internal static string RepositoryRoot => typeof(DependencyTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    private static string[] References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(a => a.Name!)];

    private static string[] ProjectFile(string project) => Referenced(Path.Combine(RepositoryRoot, project, project + ".csproj"));

    // What is behind the property that adds a peer to the benchmarks is in no ordinary build.
    private static string[] Referenced(string path) =>
    [
        .. XDocument.Load(path).Descendants().Where(e => e.Name.LocalName is "PackageReference" or "ProjectReference")
            .Where(e => Path.GetFileName(path) != "Lwg.MLNet.Benchmarks.csproj" || e.Parent!.Attribute("Condition")?.Value != "'$(LwgPeers)' == 'Torch'")
            .Select(e => e.Name.LocalName == "PackageReference" ? e.Attribute("Include")!.Value : Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value)),
    ];
}
