using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Readme;

/// <summary>Runs the example in a separate current folder, which its relative paths need, so no test may run in parallel.</summary>
[TestClass]
[DoNotParallelize]
public class ReadmeTests
{
    [TestMethod]
    public void TheExampleIsTheOneThatIsTested()
    {
        string readme = Block(File.ReadAllText(Beside("README.md")), "```csharp", "```");
        string example = Block(File.ReadAllText(Beside("ReadmeExample.cs")), "// README", "// end");
        Assert.AreEqual(Plain(example), Plain(readme));
        Assert.IsLessThanOrEqualTo(22, readme.Split('\n').Count(line => line.Trim().Length > 2), "lines that say something");
    }

    [TestMethod]
    public void TheExampleRuns()
    {
        string before = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory("lwg-readme-").FullName;
        try
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "People", "Frozen", "anna.png"), Path.Combine(folder, "photo.png"));
            Environment.CurrentDirectory = folder;
            ReadmeExample.Run();
            string[] pictures = [.. Directory.GetFiles(folder, "wave_*.png").Order()];
            Assert.HasCount(72, pictures);
            Assert.AreEqual(512, ImageCodec.Load(pictures[0]).Width);
            Assert.AreNotEqual(Convert.ToHexString(ImageCodec.Load(pictures[0]).Data),
                Convert.ToHexString(ImageCodec.Load(pictures[40]).Data));
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Beside(string name) => Path.Combine(AppContext.BaseDirectory, "Readme", name);

    private static string Block(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string Plain(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));
}
