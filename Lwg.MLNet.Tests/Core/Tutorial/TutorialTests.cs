using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Tests.Estimation;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML;

namespace Lwg.MLNet.Tests.Tutorial;

/// <summary>
/// Tests that the tutorial's cells equal the code compiled here, that its outputs are those of the code, and that it covers every method
/// that the library adds to ML.NET's catalogs. It changes the current folder and reads the console, so no test may run in parallel.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed partial class TutorialTests
{
    private static string Tutorial => File.ReadAllText(Beside("tutorial.md"));

    private static string Code => File.ReadAllText(Beside("TutorialCode.cs"));

    [TestMethod]
    public void TheCellsAreTheCodeThatIsTested()
    {
        string[] shown = [.. ShownCells().Matches(Tutorial).Select(m => Plain(m.Groups[1].Value))];
        string[] tested = [.. TestedCells().Matches(Code).Select(m => Plain(m.Groups[1].Value))];
        for (int i = 0; i < Math.Min(shown.Length, tested.Length); i++)
            Assert.AreEqual(tested[i], shown[i], $"cell {i + 1}");
        Assert.HasCount(tested.Length, shown);
    }

    [TestMethod]
    public void EveryMethodOfTheCatalogsIsShown()
    {
        Type[] catalogs = [typeof(LwgTransformsCatalog), typeof(LwgDataCatalog), typeof(LwgTransferCatalog), typeof(LwgModelsCatalog)];
        string[] names = [.. catalogs.SelectMany(c => c.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(m => m.IsDefined(typeof(ExtensionAttribute))).Select(m => m.Name).Distinct()];
        Assert.IsGreaterThan(20, names.Length);
        string code = string.Join('\n', ShownCells().Matches(Tutorial).Select(m => m.Groups[1].Value));
        Assert.IsEmpty(names.Where(name => !code.Contains($".{name}(", StringComparison.Ordinal)).ToArray(),
            "methods that the tutorial does not show");
    }

    [TestMethod]
    public void TheCodeRunsAndWritesWhatIsShown()
    {
        string before = Environment.CurrentDirectory;
        TextWriter console = Console.Out;
        using var folder = new TemporaryFolder();
        using var output = new StringWriter();
        try
        {
            foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "People", "Frozen")))
                File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
            // The tutorial assumes a pose network; this one always returns Anna.
            float[] anna = CocoKeypoints.Load(Path.Combine(folder.Path, "keypoints.json")).For("anna.png").Values.ToArray();
            folder.Write("pose.onnx", PoseNetworks.Yolo(512, transposed: false, (0.9f, anna)));
            Environment.CurrentDirectory = folder.Path;
            Console.SetOut(output);
            TutorialCode.Run();
        }
        finally
        {
            Console.SetOut(console);
            Environment.CurrentDirectory = before;
        }
        Assert.AreEqual(string.Join('\n', ShownOutputs().Matches(Tutorial).Select(m => Plain(m.Groups[1].Value))),
            Plain(output.ToString()));

        foreach ((string name, int count, int size) in ((string, int, int)[])[("dance", 6, 128), ("photo", 1, 512), ("swap", 1, 128),
            ("mimic", 1, 128), ("view", 6, 128), ("actor", 6, 128), ("large", 1, 256)])
        {
            PixelBuffer[] made = [.. Enumerable.Range(0, count).Select(i => ImageCodec.Load(Path.Combine(folder.Path, $"{name}_{i}.png")))];
            Assert.IsTrue(made.All(p => p.Width == size && p.Height == size), name);
            Assert.HasCount(count, made.Select(p => Convert.ToHexString(p.Data)).Distinct().ToArray(),
                $"each picture of '{name}' is another one");
        }
    }

    private static string Beside(string name) => Path.Combine(AppContext.BaseDirectory, "Tutorial", name);

    private static string Plain(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("^```csharp\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShownCells();

    [GeneratedRegex("^```text\n(.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ShownOutputs();

    [GeneratedRegex("^ *// cell\n(.*?)^ *// end$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex TestedCells();
}
