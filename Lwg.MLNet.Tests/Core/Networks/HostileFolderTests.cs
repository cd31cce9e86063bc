using System.Diagnostics;
using System.Text;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>Tests hostile model folders, and folders that are not models: nothing outside of a model's files is written or deleted, and
/// nothing hangs or uses excessive memory.</summary>
[TestClass]
public sealed class HostileFolderTests
{
    private static readonly ModelManifest s_manifest = new() { Kind = ModelKind.Inpainter, ImageSize = 256, Licence = "some" };

    public static IEnumerable<object[]> BadNames() =>
        [["../escaped.txt"], ["a/b"], ["a\\b"], ["/absolute"], ["C:x"], [".."], ["."], [""], ["a\0b"], ["a\nb"], ["a."], ["a "],
            ["manifest.json"], ["Manifest.JSON"], [new string('a', 101)]];

    [TestMethod]
    [DynamicData(nameof(BadNames))]
    public void NamesAreCheckedBeforeTheFirstByteIsWritten(string name)
    {
        using var folder = new TemporaryFolder();
        string inner = Path.Combine(folder.Path, "inner"), path = Path.Combine(inner, "model");
        Directory.CreateDirectory(inner);
        bool called = false;
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(
            () => ModelPackage.WriteFolder(path, new Dictionary<string,
            Action<Stream>> { ["a"] = _ => called = true, [name] = _ => called = true }, () => s_manifest));
        StringAssert.Contains(error.Message, "not a plain file name");
        StringAssert.Contains(error.Message, path);
        Assert.IsFalse(called, "Nothing is asked to write.");
        CollectionAssert.AreEqual((string[])[inner], Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories),
            "Nothing was written.");
        error = Assert.ThrowsExactly<ModelFileException>(() =>
            ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { [name] = [1] }));
        StringAssert.Contains(error.Message, "not a plain file name", "in a manifest");
    }

    [TestMethod]
    [DataRow("""{ "name": "My app", "start_url": "/", "icons": [] }""")]
    [DataRow("{}")]
    [DataRow("")]
    public void AFolderWithAnotherManifestIsRefusedAndLeftAlone(string manifest)
    {
        using var folder = new TemporaryFolder();
        folder.Write("manifest.json", Encoding.UTF8.GetBytes(manifest));
        folder.Write("index.html", "<html>"u8.ToArray());
        Directory.CreateDirectory(Path.Combine(folder.Path, "photos"));
        folder.Write(Path.Combine("photos", "only-copy.jpg"), [1, 2, 3]);
        string[] before = Contents(folder.Path);
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() =>
            ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { ["x.onnx"] = [1] }).SaveFolder(folder.Path));
        StringAssert.Contains(error.Message, "its manifest.json is not valid");
        StringAssert.Contains(error.Message, folder.Path);
        CollectionAssert.AreEqual(before, Contents(folder.Path));
    }

    [TestMethod]
    public void OnlyTheOldManifestsFilesAreDeleted()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model");
        ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { ["old.onnx"] = [1], ["same.onnx"] = [2] }).SaveFolder(path);
        File.WriteAllText(Path.Combine(path, "README.md"), "card");
        File.WriteAllText(Path.Combine(path, "notes.txt"), "mine");
        Directory.CreateDirectory(Path.Combine(path, "photos"));
        File.WriteAllText(Path.Combine(path, "photos", "only-copy.jpg"), "a picture");
        ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { ["new.onnx"] = [3], ["same.onnx"] = [4] }).SaveFolder(path);
        CollectionAssert.AreEqual(
            (string[])["README.md", "manifest.json", "new.onnx", "notes.txt", "photos", "photos/only-copy.jpg", "same.onnx"],
            Directory.GetFileSystemEntries(path, "*", SearchOption.AllDirectories)
            .Select(p => Path.GetRelativePath(path, p).Replace('\\', '/')).Order(StringComparer.Ordinal).ToArray());
        Assert.AreEqual("a picture", File.ReadAllText(Path.Combine(path, "photos", "only-copy.jpg")));
        CollectionAssert.AreEqual((byte[])[4], ModelPackage.LoadFolder(path).Get("same.onnx"));
        CollectionAssert.AreEqual((string[])[path], Directory.GetFileSystemEntries(folder.Path),
            "Neither the new nor the old folder stays beside it.");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void AForeignFileWithTheNameOfAModelFileIsRefused(bool isFolder)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model"), strange = Path.Combine(path, "new.onnx");
        ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { ["old.onnx"] = [1] }).SaveFolder(path);
        if (isFolder)
            Directory.CreateDirectory(strange);
        else
            File.WriteAllText(strange, "mine");
        string[] before = Contents(folder.Path);
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() =>
            ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { ["new.onnx"] = [3] }).SaveFolder(path));
        StringAssert.Contains(error.Message, "'new.onnx'");
        StringAssert.Contains(error.Message, "not in its manifest.json");
        CollectionAssert.AreEqual(before, Contents(folder.Path));
    }

    [TestMethod]
    public void AFileOfTwoGigabytesIsRefusedBeforeMemoryIsTaken()
    {
        using var folder = new TemporaryFolder();
        Manifest(folder, "big.onnx");
        using (FileStream big = File.Create(Path.Combine(folder.Path, "big.onnx")))
            big.SetLength(2_147_483_600);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelPackage.LoadFolder(folder.Path));
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        StringAssert.Contains(error.Message, "big.onnx");
        StringAssert.Contains(error.Message, "it has 2147483600 bytes; at most 1073741824 are allowed");
        error = Assert.ThrowsExactly<ModelFileException>(() => KeypointDetector.Load(Path.Combine(folder.Path, "big.onnx")));
        StringAssert.Contains(error.Message, "at most 1073741824");
    }

    [TestMethod]
    public void FilesThatAreTooLargeTogetherAreRefusedBeforeMemoryIsTaken()
    {
        using var folder = new TemporaryFolder();
        string[] names = ["a.onnx", "b.onnx", "c.onnx"];
        Manifest(folder, names);
        foreach (string name in names)
        {
            using FileStream big = File.Create(Path.Combine(folder.Path, name));
            big.SetLength(1_000_000_000);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => ModelPackage.LoadFolder(folder.Path)).Message,
            "together they have more than 2147483648 bytes");
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void TooManyFilesAreRefused()
    {
        using var folder = new TemporaryFolder();
        Manifest(folder, [.. Enumerable.Range(0, 65).Select(i => $"f{i}")]);
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => ModelPackage.LoadFolder(folder.Path)).Message,
            "there are 65; at most 64 are allowed");
    }

    [TestMethod]
    public void ANameWithNulIsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("manifest.json", Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString((s_manifest with { Files = new Dictionary<string, string> { ["a_b"] = new('0', 64) } }).ToJson())
            .Replace("a_b", "a\\u0000b", StringComparison.Ordinal)));
        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelPackage.LoadFolder(folder.Path));
        StringAssert.Contains(error.Message, @"'a\u0000b' is not a plain file name");
        StringAssert.Contains(error.Message, "manifest.json");
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [Timeout(60_000, CooperativeCancellation = false)]
    public void PipesAreRefusedAndNotWaitedFor()
    {
        using var folder = new TemporaryFolder();
        Manifest(folder, "pipe.onnx");
        string pipe = Pipe(Path.Combine(folder.Path, "pipe.onnx"));
        Named(() => ModelPackage.LoadFolder(folder.Path), "pipe.onnx");
        Named(() => KeypointDetector.Load(pipe), "pipe.onnx");
        // A link to a pipe has a length.
        File.Delete(pipe);
        File.CreateSymbolicLink(pipe, Pipe(Path.Combine(folder.Path, "other")));
        Named(() => ModelPackage.LoadFolder(folder.Path), "pipe.onnx");
        File.Delete(Path.Combine(folder.Path, "manifest.json"));
        Pipe(Path.Combine(folder.Path, "manifest.json"));
        Named(() => ModelPackage.LoadFolder(folder.Path), "manifest.json");
        Named(() => ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { ["x"] = [1] }).SaveFolder(folder.Path),
            "manifest.json");

        void Named(Action read, string file)
        {
            string message = Assert.ThrowsExactly<ModelFileException>(read).Message;
            StringAssert.Contains(message, file);
            StringAssert.Contains(message, "empty or not a regular file");
        }
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [Timeout(60_000, CooperativeCancellation = false)]
    public void ADamagedFileBesideItDoesNotPreventAReference()
    {
        using var folder = new TemporaryFolder();
        BodyModel body = Fixture.Body;
        // Before the wanted file in the order of names: an invalid file with a body's arrays, a truncated one, a pipe, and a folder like
        // a model's.
        byte[] good = Saved(body);
        folder.Write("a_broken.npz", Saved(body, changed: true));
        folder.Write("b_cut.npz", good[..(good.Length / 2)]);
        Pipe(Path.Combine(folder.Path, "c_pipe.npz"));
        Directory.CreateDirectory(Path.Combine(folder.Path, "d"));
        folder.Write(Path.Combine("d", "manifest.json"), "no manifest"u8.ToArray());
        ModelReferences.AddFolder(folder.Path);

        ModelFileException error = Assert.ThrowsExactly<ModelFileException>(() => ModelReferences.FindBody(body.Hash, "wanted.npz"));
        StringAssert.Contains(error.Message, body.Hash);
        StringAssert.Contains(error.Message, "Not read: ");
        StringAssert.Contains(error.Message, "a_broken.npz (");
        StringAssert.Contains(error.Message, "b_cut.npz (");

        folder.Write("z_wanted.npz", good);
        BodyModel found = ModelReferences.FindBody(body.Hash, "wanted.npz");
        Assert.AreEqual(body.Hash, found.Hash);
        Assert.AreEqual("z_wanted.npz", Path.GetFileName(found.Source));

        // A file with the wanted name may be damaged too.
        folder.Write("wanted.npz", good[..100]);
        Assert.AreEqual("z_wanted.npz", Path.GetFileName(ModelReferences.FindBody(body.Hash, "wanted.npz").Source));

        ModelPackage model = ModelPackage.Create(s_manifest, new Dictionary<string, byte[]> { ["x.onnx"] = [1] });
        string first = Path.Combine(folder.Path, "m1");
        model.SaveFolder(first);
        File.WriteAllBytes(Path.Combine(first, "x.onnx"), [2]);
        error = Assert.ThrowsExactly<ModelFileException>(() => ModelReferences.FindModel(model.Hash, "stage"));
        StringAssert.Contains(error.Message, "was changed or damaged");
        model.SaveFolder(Path.Combine(folder.Path, "m2"));
        CollectionAssert.AreEqual((byte[])[1], ModelReferences.FindModel(model.Hash, "stage").Get("x.onnx"));
    }

    private static byte[] Saved(BodyModel body, bool changed = false)
    {
        using var stream = new MemoryStream();
        body.Save(stream);
        if (!changed)
            return stream.ToArray();
        using (var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Update, leaveOpen: true))
            zip.Entries.Single(e => e.Name == "weights.npy").Delete();
        return stream.ToArray();
    }

    private static void Manifest(TemporaryFolder folder, params string[] names) =>
        folder.Write("manifest.json", (s_manifest with { Files = names.ToDictionary(n => n, _ => new string('0', 64)) }).ToJson());

    private static string Pipe(string path)
    {
        using Process mkfifo = Process.Start("mkfifo", path);
        mkfifo.WaitForExit();
        Assert.AreEqual(0, mkfifo.ExitCode);
        return path;
    }

    private static string[] Contents(string folder) =>
        [.. Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(p => Directory.Exists(p) ? p : p + Convert.ToHexString(File.ReadAllBytes(p)))];
}
