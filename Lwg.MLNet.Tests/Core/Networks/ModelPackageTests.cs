using System.Text;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Tests model folders: round trips, error messages, and atomic writing.</summary>
[TestClass]
public sealed class ModelPackageTests
{
    private static readonly ModelManifest s_manifest = new()
    {
        Kind = ModelKind.Inpainter, ImageSize = 256, Licence = "some", Notes = "a note",
        Origin = [new ModelOrigin("net.pth", new string('a', 64))],
    };

    private static readonly Dictionary<string, byte[]> s_files = new() { ["inpainter.onnx"] = [1, 2, 3], ["more.bin"] = [] };

    [TestMethod]
    public void FoldersAndZipsAreReadBackUnchanged()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model");
        ModelPackage package = ModelPackage.Create(s_manifest, s_files);
        package.SaveFolder(path);
        CollectionAssert.AreEquivalent((string[])["inpainter.onnx", "more.bin", "manifest.json"], Names(path));
        Same(package, ModelPackage.LoadFolder(path));
        using MemoryStream zip = new(), again = new();
        package.Save(zip);
        package.Save(again);
        CollectionAssert.AreEqual(zip.ToArray(), again.ToArray(), "The same bytes every time.");
        zip.Position = 0;
        Same(package, ModelPackage.Load(zip, "zip"));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path), "No temporary folder stays.");
    }

    [TestMethod]
    public void ReplacingAModelKeepsItsCardAndOtherFoldersAreRefused()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model"), strange = Path.Combine(folder.Path, "strange");
        ModelPackage.Create(s_manifest, s_files).SaveFolder(path);
        File.WriteAllText(Path.Combine(path, "README.md"), "card");
        ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { ["other.onnx"] = [4] }).SaveFolder(path);
        CollectionAssert.AreEquivalent((string[])["other.onnx", "README.md", "manifest.json"], Names(path));

        Directory.CreateDirectory(strange);
        File.WriteAllText(Path.Combine(strange, "letter.txt"), "mine");
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            ModelPackage.Create(s_manifest, s_files).SaveFolder(strange)).Message, "contains files that are not a model's");
        CollectionAssert.AreEqual((string[])["letter.txt"], Names(strange));
    }

    [TestMethod]
    public void AFailedWriteLeavesTheOldContent()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model"), fresh = Path.Combine(folder.Path, "fresh");
        ModelPackage package = ModelPackage.Create(s_manifest, s_files);
        package.SaveFolder(path);
        var files = new Dictionary<string,
            Action<Stream>> { ["a"] = s => s.WriteByte(1), ["b"] = _ => throw new ModelFileException("net.pth", "b", "it is truncated.") };
        foreach (string target in (string[])[path, fresh])
            Assert.ThrowsExactly<ModelFileException>(() => ModelPackage.WriteFolder(target, files, () => s_manifest));
        Same(package, ModelPackage.LoadFolder(path));
        CollectionAssert.AreEqual((string[])["model"], Names(folder.Path));
    }

    [TestMethod]
    public void WrongFilesAreNamed()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model"), file = Path.Combine(path, "inpainter.onnx");
        ModelPackage.Create(s_manifest, s_files).SaveFolder(path);
        File.WriteAllBytes(file, [1, 2, 4]);
        Fails("was changed or damaged", "inpainter.onnx");
        File.Delete(file);
        Fails("cannot be read", "inpainter.onnx");
        File.Delete(Path.Combine(path, "manifest.json"));
        Fails("cannot be read", "manifest.json");

        void Fails(params string[] words)
        {
            string message = Assert.ThrowsExactly<ModelFileException>(() => ModelPackage.LoadFolder(path)).Message;
            foreach (string word in words)
                StringAssert.Contains(message, word);
        }
    }

    [TestMethod]
    [DataRow("\"schema\": 1", "\"schema\": 2", "this version reads 1")]
    [DataRow("\"imageSize\": 256", "\"imageSize\": 100000", "32 to 2048")]
    [DataRow("\"more.bin\"", "\"../more.bin\"", "not a plain file name")]
    [DataRow("\"more.bin\"", "\"..\"", "not a plain file name")]
    [DataRow("\"more.bin\"", "\"C:\\\\more.bin\"", "not a plain file name")]
    [DataRow("\"inpainter\"", "\"poem\"", "not a manifest of a model")]
    [DataRow("\"licence\"", "\"virus\"", "not a manifest of a model")]
    [DataRow("\"kind\": \"inpainter\"", "\"kind\": \"generator\"", "must give its sizes")]
    [DataRow("\"kind\": \"inpainter\"", "\"kind\": \"smplEstimator\"", "the margin around the person")]
    [DataRow("\"backgroundKernel\": 13", "\"backgroundKernel\": 14", "odd numbers")]
    [DataRow("{", "[", "not a manifest of a model")]
    public void WrongManifestsAreNamed(string old, string replacement, string words)
    {
        string json = Encoding.UTF8.GetString(
            (s_manifest with { Files = new Dictionary<string, string> { ["more.bin"] = new string('0', 64) } }).ToJson());
        Assert.Contains(old, json);
        string message = Assert.ThrowsExactly<ModelFileException>(() =>
            ModelManifest.Parse(Encoding.UTF8.GetBytes(json.Replace(old, replacement, StringComparison.Ordinal)), "manifest.json")).Message;
        StringAssert.Contains(message, words);
        StringAssert.Contains(message, "manifest.json");
    }

    [TestMethod]
    public void DamagedZipsAreNamed()
    {
        using var zip = new MemoryStream();
        ModelPackage package = ModelPackage.Create(s_manifest, s_files);
        package.Save(zip);
        byte[] good = zip.ToArray();
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            byte[] bad = i < 20 ? good[..(good.Length * i / 20)] : [.. good];
            if (i >= 20)
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                // A flipped bit in a note changes the model and its hash; one in the zip's times or attributes changes nothing.
                ModelPackage loaded = ModelPackage.Load(new MemoryStream(bad), "bad.zip");
                if (loaded.Hash == package.Hash)
                    Same(package, loaded);
            }
            catch (ModelFileException e)
            {
                StringAssert.Contains(e.Message, "bad.zip");
            }
        }
    }

    [TestMethod]
    public void AnotherKindIsRefused() =>
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
        ModelPackage.Create(s_manifest, s_files).Require(ModelKind.Generator)).Message, "Generator is needed");

    private static string[] Names(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(p => Path.GetFileName(p)!)];

    private static void Same(ModelPackage expected, ModelPackage actual)
    {
        Assert.AreEqual(expected.Hash, actual.Hash);
        Assert.AreEqual("a note", actual.Manifest.Notes);
        Assert.AreEqual(s_manifest.Origin[0], actual.Manifest.Origin.Single());
        foreach ((string name, byte[] bytes) in s_files)
            CollectionAssert.AreEqual(bytes, actual.Get(name));
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => actual.Get("nothing")).Message, "'nothing'");
    }
}
