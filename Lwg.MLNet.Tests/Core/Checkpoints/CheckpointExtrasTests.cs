using System.Runtime.InteropServices;
using System.Text;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Tests checkpoints with other objects besides the weights, safetensors, and files of other formats.</summary>
[TestClass]
public class CheckpointExtrasTests
{
    [TestMethod]
    [DataRow("namespace.pth")]
    [DataRow("defaultdict.pth")]
    [DataRow("device.pth")]
    [DataRow("config.pth")]
    [DataRow("compiled.pth")]
    public void OtherContentsThanWeightsAreIgnored(string name)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(Fixture.PathOf("checkpoints_extras/" + name));
        Assert.IsFalse(checkpoint.Names.Any(n => n.Contains("_orig_mod", StringComparison.Ordinal)), string.Join(' ', checkpoint.Names));
        Assert.IsGreaterThan(0, checkpoint.Names.Count);
        foreach (string tensor in checkpoint.Names)
            Assert.IsTrue(checkpoint.Read(tensor).All(float.IsFinite), tensor);
    }

    [TestMethod]
    public void CompiledModelsHavePlainNames()
    {
        using TorchCheckpoint plain = TorchCheckpoint.Open(Fixture.PathOf("checkpoints_extras/compiled.pth")),
            kept = TorchCheckpoint.Open(Fixture.PathOf("checkpoints_extras/compiled.pth"), stripModule: false);
        CollectionAssert.AreEqual(kept.Names.Select(n => n.Replace("_orig_mod.", "", StringComparison.Ordinal)).ToArray(),
            plain.Names.ToArray());
        Assert.IsTrue(kept.Names.All(n => n.Contains("_orig_mod.", StringComparison.Ordinal)));
    }

    // argparse.Namespace, a set of a subclass, an Enum, a dictionary's subclass with items, a path: all become placeholders.
    [TestMethod]
    public void UnknownClassesBecomePlaceholders()
    {
        byte[] pickle = new PickleWriter().Op("}(")
            .Text("args").Global("argparse", "Namespace").Op(")\x81").Op("}(").Text("lr").Op("K\x01").Op("ub")
            .Text("config").Global("yacs.config", "CfgNode").Op(")\x81(").Text("a").Op("K\x02u").Op("}b")
            .Text("queue").Global("collections", "deque").Op(")R(K\x01K\u0002e")
            .Text("kind").Global("project.kinds", "Kind").Op("K\x01\x85R")
            .Text("counts").Global("collections", "Counter").Op("}(").Text("x").Op("K\x03").Op("u\x85R")
            .Text("groups").Global("collections", "defaultdict").Global("builtins", "list").Op("\x85R(").Text("y").Op("K\x04").Op("u")
            .Text("type").Global("torch", "float32")
            .Text("x").Op("K\x07").Op("u").End();
        var read = (PickledDictionary)PickleReader.Read(new MemoryStream(pickle), "f",
            new ReadBudget("f", pickle.Length, PickleFile.Ratio))!;
        Assert.AreEqual(7L, read["x"]);
        Assert.AreEqual("argparse.Namespace", ((PickledCall)read["args"]!).Name);
        Assert.AreEqual(3L, ((PickledDictionary)read["counts"]!)["x"]);
        Assert.AreEqual(4L, ((PickledDictionary)read["groups"]!)["y"]);
    }

    [TestMethod]
    public void SafetensorsAreRead()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("net.safetensors",
            Safetensors("""{"__metadata__":{"format":"pt"},"module.a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"module.b":{"dtype":"F16","shape":[3],"data_offsets":[16,22]},"module.c":{"dtype":"BF16","shape":[1],"data_offsets":[22,24]},"module.d":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[24,26]}}""",
            [.. Bytes(1f, 2f, 3f, 4f), .. MemoryMarshal.AsBytes((ReadOnlySpan<Half>)[(Half)5, (Half)6, (Half)7]), 0x00, 0x41, 1, 2]));
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
        Assert.IsFalse(checkpoint.IsLegacy);
        CollectionAssert.AreEqual((string[])["a", "b", "c", "d"], checkpoint.Names.ToArray());
        CollectionAssert.AreEqual((float[])[1, 2, 3, 4], checkpoint.Read("a"));
        CollectionAssert.AreEqual((float[])[5, 6, 7], checkpoint.Read("b"));
        CollectionAssert.AreEqual((float[])[8], checkpoint.Read("c"));
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => checkpoint.Read("d")).Message, "f8_e4m3");
        FileContents contents = FileContents.Read(path);
        Assert.AreEqual(("safetensors", true, "module.a"), (contents.Format, contents.IsCheckpoint, "module." + contents.Arrays[0].Name));
    }

    [TestMethod]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        "overlaps the tensor 'a'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,8]}}""", "needs 16 bytes")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,4],"data_offsets":[0,8]}}""", "needs")]
    [DataRow("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "needs")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "its place is 8 to 16 of 12")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "header is damaged")]
    [DataRow("""{"a":{"dtype":"X","shape":[2],"data_offsets":[0,8]}}""", "its type is 'X'")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""",
        "different names")]
    [DataRow("""{"a" """, "header is damaged")]
    public void DamagedSafetensorsAreRefused(string header, string reason)
    {
        using var folder = new TemporaryFolder();
        StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() =>
            TorchCheckpoint.Open(folder.Write("net.safetensors", Safetensors(header, Bytes(1, 2, 3))))).Message, reason);
    }

    public static IEnumerable<object[]> Others()
    {
        byte[] tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        yield return ["a tar archive", tar];
        yield return ["empty", Array.Empty<byte>()];
        yield return ["a web page", Encoding.UTF8.GetBytes("  <!doctype html><html><body>Sign in</body>")];
        yield return ["Git LFS", Encoding.UTF8.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")];
        yield return ["HEIC", (byte[])[0, 0, 0, 24, .. "ftypheic"u8, .. new byte[20]]];
        yield return ["a JPEG picture", (byte[])[0xFF, 0xD8, 0xFF, 0xE0, .. new byte[20]]];
        yield return ["a PNG picture", (byte[])[0x89, .. "PNG\r\n"u8, .. new byte[20]]];
        yield return ["gzip", (byte[])[0x1F, 0x8B, 8, .. new byte[20]]];
        yield return ["a JSON file", "{\"a\": 1}"u8.ToArray()];
    }

    [TestMethod]
    [DynamicData(nameof(Others))]
    public void OtherFileTypesAreNamed(string what, byte[] bytes)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("net.pth", bytes);
        foreach (Action read in (Action[])[() => FileContents.Read(path), () => TorchCheckpoint.Open(path), () =>
            Lwg.MLNet.Body.BodyModelFile.Read(path)])
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(read).Message, what);
    }

    [TestMethod]
    public void EveryArrayIsListedWhateverItsTypeIs()
    {
        FileContents contents = FileContents.Read(Fixture.PathOf("motion/dialects/amass_text.npz"));
        Assert.AreEqual(
            "poses [12,156] f8; trans [12,3] f8; betas [16] f8; gender [] U6 (text); mocap_framerate [] f8; dmpls [12,8] f8",
            string.Join("; ", contents.Arrays.Select(a => $"{a.Name} [{string.Join(',', a.Shape)}] {a.ElementType}")));
        contents = FileContents.Read(Fixture.PathOf("motion/dialects/vibe.pkl"));
        StringAssert.Contains(string.Join("; ", contents.Arrays.Select(a => $"{a.Name} [{string.Join(',', a.Shape)}] {a.ElementType}")),
            "1/pose [12,72] f4");
        contents = FileContents.Read(Fixture.PathOf("motion/dialects/3dpw.pkl"));
        StringAssert.Contains(string.Join("; ", contents.Arrays.Select(a => $"{a.Name} [{string.Join(',', a.Shape)}] {a.ElementType}")),
            "poses/0 [12,72] f8");
    }

    [TestMethod]
    public void ObjectsInNumpyFilesAreListed()
    {
        // The header of an array of objects, and numpy's pickle.
        byte[] header = Encoding.ASCII.GetBytes("{'descr': '|O', 'fortran_order': False, 'shape': (), }\n");
        using var folder = new TemporaryFolder();
        string path = folder.Write("o.npy",
            [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. new PickleWriter().Op("}").End()]);
        Assert.AreEqual("objects", FileContents.Read(path).Arrays[0].ElementType);
    }

    private static byte[] Safetensors(string header, byte[] data) =>
        [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. data];

    private static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
