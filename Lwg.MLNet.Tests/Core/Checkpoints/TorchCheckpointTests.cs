using System.Buffers.Binary;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Tests checkpoints of the tests' writer: valid ones, and every kind of invalid one.</summary>
[TestClass]
public class TorchCheckpointTests
{
    private static TorchArray Weight => new("net.weight", [2, 3], () => [1, 2, 3, 4, 5, 6]);

    private static TorchArray Bias => new("net.bias", 7, 8, 9);

    [TestMethod]
    public void WhatIsWrittenIsReadInBothFormats()
    {
        OnBoth([Weight, Bias, Weight with { Name = "net.turned", Shape = [3, 2], Strides = [1, 3] }, new("one", [], () => [5]),
            new("none", [0, 4], () => [])], checkpoint =>
        {
            CollectionAssert.AreEqual((string[])["net.weight", "net.bias", "net.turned", "one", "none"], checkpoint.Names.ToArray());
            CollectionAssert.AreEqual((float[])[1, 2, 3, 4, 5, 6], checkpoint.Read("net.weight"));
            CollectionAssert.AreEqual((float[])[1, 4, 2, 5, 3, 6], checkpoint.Read("net.turned"));
            CollectionAssert.AreEqual((float[])[7, 8, 9], checkpoint.Read("net.bias"));
            CollectionAssert.AreEqual((float[])[5], checkpoint.Read("one"));
            Assert.IsEmpty(checkpoint.Read("none"));
        });
    }

    [TestMethod]
    public void BigEndianFilesAreRefused() => RefusedOnBoth([Weight], "big-endian", littleEndian: false);

    [TestMethod]
    public void ViewsThatLeaveTheirStorageAreRefusedByName()
    {
        Wrong(Weight with { Strides = [4, 1] }, "element 6");
        Wrong(Weight with { Strides = [3, 2] }, "element 7");
        Wrong(Weight with { Offset = 1 }, "element 6");
        Wrong(Weight with { Offset = long.MaxValue }, "storage of 6");
        Wrong(Weight with { Strides = [long.MaxValue, 1] }, "storage of 6");
        Wrong(Weight with { Offset = -1 }, "not allowed");
        Wrong(Weight with { Strides = [-3, 1] }, "not allowed");
        Wrong(Weight with { Strides = [1] }, "not allowed");
        Wrong(Weight with { Shape = [-2, -3], Announced = 6 }, "not allowed");
        Wrong(Weight with { Shape = [1L << 40, 0], Announced = 6 }, "not allowed");
        Wrong(Weight with { Shape = [1, 1, 1, 1, 1, 1, 1, 2, 3], Announced = 6 }, "not allowed");
        Wrong(Weight with { Shape = [1 << 30], Strides = [0], Announced = 6 }, "1073741824 elements");

        static void Wrong(TorchArray array, string part) => RefusedOnBoth([Bias, array], part, entry: "net.weight");
    }

    [TestMethod]
    public void StoragesOfAnotherSizeThanDeclaredAreRefused()
    {
        RefusedOnBoth([Bias, Weight with { Announced = 7 }], "declared");
        RefusedOnBoth([Bias, Weight with { Announced = 1 << 30 }], "declared");
        RefusedOnBoth([Bias, Weight with { Announced = -1 }], "-1 elements");
        RefusedOnBoth([Bias, Weight with { Announced = 1L << 40 }], "at most");
    }

    [TestMethod]
    public void DuplicateAndEndlessTensorNamesAreRefused()
    {
        // A dictionary keeps one entry for each name, so the second one is in a nested dictionary.
        RefusedPickle(Dictionary(p => p.Text("a.b").Op("h\x01").Text("a").Op("}").Text("b").Op("h\x01su")), "two tensors", "a.b");
        RefusedPickle(Dictionary(p => p.Text(new string('n', 5000)).Op("h\x01u")), "longer");
    }

    [TestMethod]
    public void EndlessDictionariesAreRefused()
    {
        // A dictionary that contains itself, and eight levels of ten entries that share one dictionary: 10^8 paths.
        RefusedPickle(new PickleWriter().Op("}q\0").Text("self").Op("h\0s").End(), "deep");
        PickleWriter pickle = new PickleWriter().Op("}q\0");
        for (int level = 0; level < 8; level++)
        {
            pickle.Op("}(");
            for (int i = 0; i < 10; i++)
                pickle.Number(i).Op([(byte)'h', (byte)level]);
            pickle.Op([(byte)'u', (byte)'q', (byte)(level + 1)]);
        }
        // A million entries are visited, and each allocates a temporary name.
        RefusedPickle(pickle.End(), "entries", bound: 100 << 20);
        // A parameter of a parameter of a parameter...
        pickle = new PickleWriter().Global("torch._utils", "_rebuild_parameter").Op("q\x01}(").Text("p");
        for (int i = 0; i < 100_000; i++)
            pickle.Op("h\x01");
        pickle.Op("N");
        for (int i = 0; i < 100_000; i++)
            pickle.Op("\x85R");
        RefusedPickle(pickle.Op("u").End(), "no tensors");
    }

    [TestMethod]
    public void NamesOutsideTheTableAreRefusedInsideCheckpoints()
    {
        RefusedPickle(new PickleWriter().Global("os", "system").Text("touch x").Op("\x85R").End(), "'os.system'");
        RefusedPickle(new PickleWriter().Global("torch", "load").Text("x").Op("\x85R").End(), "'torch.load'");
        RefusedPickle(new PickleWriter().Op("(").Text("module").Op("NtQ").End(), "something other than tensor storages");
    }

    [TestMethod]
    public void OtherFilesAreRefused()
    {
        using var folder = new TemporaryFolder();
        foreach ((string name, byte[] bytes) in ((string, byte[])[])[("empty.pth", []),
            ("text.pth", [.. "nothing of the kind, but long enough"u8]), ("zip.pth", NoCheckpoint())])
        {
            string path = folder.Write(name, bytes);
            Assert.AreEqual(path, Assert.ThrowsExactly<ModelFileException>(() => TorchCheckpoint.Open(path)).File);
            // The file is closed.
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        }
        Assert.ThrowsExactly<ModelFileException>(() => TorchCheckpoint.Open(Path.Combine(folder.Path, "missing.pth")));

        static byte[] NoCheckpoint()
        {
            using var stream = new MemoryStream();
            using (var writer = new NumpyArchiveWriter(stream))
                writer.Add("a", [1f], 1);
            return stream.ToArray();
        }
    }

    [TestMethod]
    public void PathsOutOfAZipAreNotFollowed()
    {
        using var folder = new TemporaryFolder();
        using var stream = new MemoryStream();
        TorchFileWriter.WriteZip(stream, [Weight], folder: "../../outside");
        string path = folder.Write("model.pth", stream.ToArray());
        using (TorchCheckpoint checkpoint = TorchCheckpoint.Open(path))
            CollectionAssert.AreEqual((float[])[1, 2, 3, 4, 5, 6], checkpoint.Read("net.weight"));
        CollectionAssert.AreEqual((string[])[path], Directory.GetFileSystemEntries(folder.Path));
        Assert.IsFalse(Directory.Exists(Path.Combine(folder.Path, "../../outside")));
    }

    [TestMethod]
    public void AZipThatClaimsGigabytesTakesNoMemory()
    {
        using var stream = new MemoryStream();
        TorchFileWriter.WriteZip(stream, [Weight]);
        byte[] bytes = stream.ToArray();
        // The uncompressed size is at offset 24 of a central directory's record, whose signature is PK 1 2; the pickle's is the first.
        int record = bytes.AsSpan().IndexOf([(byte)'P', (byte)'K', (byte)1, (byte)2]);
        foreach (uint claim in (uint[])[200_000_000, 2_000_000_000])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(record + 24), claim);
            RefusedFile(bytes, "claims", "archive/data.pkl");
        }
    }

    [TestMethod]
    [DataRow("checkpoints_nested_legacy.pth")]
    [DataRow("checkpoints_reader_zip.pth")]
    public void CutAnywhereItIsRefused(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixture.PathOf(name));
        for (int length = 0; length < whole.Length; length += 5)
            RefusedFile(whole[..length], "");
    }

    private static void OnBoth(IReadOnlyList<TorchArray> arrays, Action<TorchCheckpoint> check)
    {
        foreach (byte[] bytes in Both(arrays, littleEndian: true))
        {
            using var folder = new TemporaryFolder();
            using TorchCheckpoint checkpoint = TorchCheckpoint.Open(folder.Write("model.pth", bytes));
            check(checkpoint);
        }
    }

    private static void RefusedOnBoth(IReadOnlyList<TorchArray> arrays, string part, string? entry = null, bool littleEndian = true)
    {
        foreach (byte[] bytes in Both(arrays, littleEndian))
            RefusedFile(bytes, part, entry);
    }

    private static IEnumerable<byte[]> Both(IReadOnlyList<TorchArray> arrays, bool littleEndian)
    {
        using var legacy = new MemoryStream();
        TorchFileWriter.WriteLegacy(legacy, arrays, littleEndian);
        yield return legacy.ToArray();
        using var zip = new MemoryStream();
        TorchFileWriter.WriteZip(zip, arrays, littleEndian: littleEndian);
        yield return zip.ToArray();
    }

    // Tests a legacy file with this pickle and a storage '0' of one element.
    private static void RefusedPickle(byte[] pickle, string part, string? entry = null, long bound = 4 << 20)
    {
        using var stream = new MemoryStream();
        TorchFileWriter.WriteLegacy(stream, []);
        // An empty file of the writer ends in its empty dictionary and the empty list of keys; this pickle and its storage replace them.
        byte[] start = stream.ToArray()[..^(EmptyDictionary + EmptyKeys)];
        bool storage = pickle.AsSpan().IndexOf("FloatStorage"u8) >= 0;
        byte[] keys = storage ? new PickleWriter().Op("](").Text("0").Op("e").End() : new PickleWriter().Op("](e").End();
        RefusedFile([.. start, .. pickle, .. keys, .. storage ? (byte[])[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : []], part, entry, bound);
    }

    private static int EmptyKeys => new PickleWriter().Op("](e").End().Length;

    private static int EmptyDictionary =>
        new PickleWriter().Global("collections", "OrderedDict").Op(")R(u}(").Text("_metadata").Op("}ub").End().Length;

    // { memo 1: a tensor of one element
    private static byte[] Dictionary(Action<PickleWriter> entries)
    {
        PickleWriter pickle = new PickleWriter().Op("}(").Text("first").Global("torch._utils", "_rebuild_tensor_v2").Op("((")
            .Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Number(1).Op("tQ");
        pickle.Number(0).Numbers([1]).Numbers([1]).Op("N}tRq\x01");
        entries(pickle);
        return pickle.End();
    }

    private static void RefusedFile(byte[] bytes, string part, string? entry = null, long bound = 4 << 20)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.pth", bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() =>
        {
            using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
            foreach (string name in checkpoint.Names)
                checkpoint.Read(name);
        }, part);
        // Three buffers of a megabyte, and a hundred bytes for each object of the pickle.
        Assert.IsLessThan(bound + 100 * bytes.Length, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated");
        Assert.AreEqual(path, e.File);
        Assert.Contains(part, e.Message);
        if (entry is not null)
            Assert.AreEqual(entry, e.Entry);
        CollectionAssert.AreEqual((string[])[path], Directory.GetFileSystemEntries(folder.Path), "nothing is written");
    }
}
