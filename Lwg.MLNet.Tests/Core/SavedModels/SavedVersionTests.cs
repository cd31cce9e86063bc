using System.IO.Compression;
using System.Text;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;

namespace Lwg.MLNet.Tests.SavedModels;

/// <summary>Tests the header of a saved stage: its version, the kind of its generator, and its learned people. docs/saved-models.md
/// describes the format.</summary>
[TestClass]
public sealed class SavedVersionTests
{
    private const string Generating = "\"Stage\": \"GenerateTransfer\"", NoVersion = "imitate-texture", WithPeople = "subject-texture-1";

    private static readonly MLContext s_context = new(seed: 1);

    [TestMethod]
    public void TheGeneratorsKindIsWritten()
    {
        byte[] model = SavedAgain(NoVersion);
        string state = States(model).Single(s => s.Contains(Generating, StringComparison.Ordinal));
        StringAssert.Contains(state, "\"Version\": 1");
        StringAssert.Contains(state, "\"Generator\": \"TextureWarp\"");
    }

    [TestMethod]
    [DataRow("\"Generator\": \"TextureWarp\",", "", "its kind was not saved with it")]
    [DataRow("\"Generator\": \"TextureWarp\"", "\"Generator\": \"Sharp\"", "needs a network")]
    [DataRow("\"Generator\": \"TextureWarp\"", "\"Generator\": 7", "TextureWarp, LiquidWarping, Sharp")]
    [DataRow("\"Generator\": \"TextureWarp\"", "\"Generator\": \"Magic\"", "not in the format of this version")]
    public void AMissingOrWrongKindIsRefused(string from, string to, string says)
    {
        byte[] model = Edit(SavedAgain(NoVersion), "Stage.json", text =>
            text.Contains(Generating, StringComparison.Ordinal) ? text.Replace(from, to, StringComparison.Ordinal) : text);
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => Load(model)).Message, says);
    }

    [TestMethod]
    public void EachPersonHasAnEntry()
    {
        byte[] model = File.ReadAllBytes(PathOf(WithPeople));
        using var zip = new ZipArchive(new MemoryStream(model));
        Assert.AreSequenceEqual((string[])["Person_000.npz", "Person_001.npz"], zip.Entries.Select(e => e.Name)
            .Where(n => n.StartsWith("Person_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.IsFalse(zip.Entries.Any(e => e.Name == "Stage.data"));
        Assert.IsNotNull(Load(model));
    }

    [TestMethod]
    [DataRow("Person_001.npz", "has learned 'person 1'")]
    [DataRow("Person_000.npz", "no such entry")]
    public void AMissingPersonIsNamed(string entry, string says) =>
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
        Load(Edit(File.ReadAllBytes(PathOf(WithPeople)), entry, _ => null))).Message, says);

    [TestMethod]
    [DataRow("person 1", "occurs twice")]
    [DataRow("person 2", "has learned")]
    public void AnotherListOfPeopleIsRefused(string name, string says)
    {
        byte[] model = Edit(File.ReadAllBytes(PathOf(WithPeople)), "Stage.json", text => says == "occurs twice"
            ? text.Replace("\"person 0\"", $"\"{name}\"", StringComparison.Ordinal)
            : text.Replace("\"person 1\"", $"\"person 1\", \"{name}\"", StringComparison.Ordinal));
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => Load(model)).Message, says);
    }

    [TestMethod]
    public void PeopleOfModelsWithoutVersionsAreSavedWithVersions()
    {
        using var zip = new ZipArchive(new MemoryStream(SavedAgain("subject-texture")));
        Assert.IsTrue(zip.Entries.Any(e => e.Name == "Person_001.npz"));
    }

    [TestMethod]
    public void TheDocumentationHasEachVersion()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "saved-models.md"));
        foreach ((string stage, StageKind kind) in StageTable.Stages)
            Assert.Contains($"| `{stage}` | {kind.Version} |", page);
    }

    private static string PathOf(string name) => Fixture.PathOf($"SavedModels/{name}.zip");

    private static ITransformer Load(byte[] model) => PersonTransfer.LoadModel(s_context, new MemoryStream(model), out _);

    private static byte[] SavedAgain(string name)
    {
        ITransformer model = PersonTransfer.LoadModel(s_context, PathOf(name), out DataViewSchema? schema);
        using var stream = new MemoryStream();
        s_context.Model.Save(model, schema, stream);
        return stream.ToArray();
    }

    private static List<string> States(byte[] model)
    {
        var states = new List<string>();
        Edit(model, "Stage.json", text =>
        {
            states.Add(text);
            return text;
        });
        return states;
    }

    // Changes entries of a name; null removes them.
    private static byte[] Edit(byte[] model, string name, Func<string, string?> change)
    {
        using var made = new MemoryStream();
        using (var source = new ZipArchive(new MemoryStream(model)))
        using (var target = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                using var bytes = new MemoryStream();
                using (Stream from = entry.Open())
                    from.CopyTo(bytes);
                string? text = entry.Name == name ? change(Encoding.Latin1.GetString(bytes.ToArray())) : "";
                if (text is null)
                    continue;
                using Stream to = target.CreateEntry(entry.FullName).Open();
                to.Write(entry.Name == name ? Encoding.Latin1.GetBytes(text) : bytes.ToArray());
            }
        }
        return made.ToArray();
    }
}
