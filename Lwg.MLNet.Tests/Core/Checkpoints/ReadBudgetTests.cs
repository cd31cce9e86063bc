using System.IO.Compression;
using System.Security.Cryptography;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Tests.Checkpoints;

/// <summary>Tests small files that request much memory: each is refused before the allocation, with its name and the limit. No test
/// measures time.</summary>
[TestClass]
public class ReadBudgetTests
{
    private const long Mega = 1 << 20;

    [TestMethod]
    public void ABudgetIsTheAllowanceAndTheRatioOfTheFile()
    {
        var budget = new ReadBudget("file", 1000, 16);
        Assert.AreEqual(64 * Mega + 16_000, budget.Bytes);
        budget.Take(60 * Mega, "a");
        budget.Take(4 * Mega + 16_000, "b");
        ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() => budget.Take(1, "c"));
        Assert.AreEqual(("file", "c"), (e.File, e.Entry));
        Assert.Contains("it needs 1 bytes more after 67124864; 67124864 are allowed for a file of 1000", e.Message);
        Assert.ThrowsExactly<ModelFileException>(() => budget.Take(-1, "c"));
        // 8 GB, but never less than four times the file: a file of any length can be read.
        Assert.AreEqual(8L << 30, new ReadBudget("file", 1L << 30, 200).Bytes);
        Assert.AreEqual(16L << 30, new ReadBudget("file", 4L << 30, 16).Bytes);
        budget.TakeItems(4_000_000, "things");
        Assert.Contains("more than 4000000 things", Assert.ThrowsExactly<ModelFileException>(() => budget.TakeItems(1, "things")).Message);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(20)]
    [DataRow(1000)]
    public void OverlappingEntriesAreRefused(int count)
    {
        byte[] one = ZipFiles.Of("00000.npy", Zeros(15_000_000));
        using var folder = new TemporaryFolder();
        FileContents contents = FileContents.Read(folder.Write("one.npz", one));
        CollectionAssert.AreEqual((int[])[15_000_000], contents.Arrays.Single().Shape);
        string path = folder.Write("over.npz", ZipFiles.Overlapping(one, count));
        Assert.Contains("they overlap", Refused(() => FileContents.Read(path), path, bound: Mega).Message);
        Assert.Contains("they overlap", Refused(() => NumpyArchive.Open(path), path, bound: Mega).Message);
        Assert.Contains("they overlap", Refused(() => TorchCheckpoint.Open(path), path, bound: 2 * Mega).Message);
    }

    [TestMethod]
    public void ManyEntriesTogetherAreBoundedToo()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < 5; i++)
            {
                using Stream entry = zip.CreateEntry($"{i}.npy", CompressionLevel.SmallestSize).Open();
                entry.Write(Zeros(5_000_000));
            }
        }
        using var folder = new TemporaryFolder();
        string path = folder.Write("many.npz", stream.ToArray());
        // 20 MB each: the 100 KB of the file may expand to 64 MB plus 20 MB.
        ModelFileException e = Refused(() => ReadAll(path), path, bound: 250 * Mega);
        Assert.AreEqual("4", e.Entry);
        Assert.Contains("are allowed for a file of", e.Message);
        // Listing the content allocates nothing.
        Assert.HasCount(5, Allocating(4 * Mega, () => FileContents.Read(path)).Arrays);
        using NumpyArchive archive = NumpyArchive.Open(path);
        for (int i = 0; i < 10; i++)
            Assert.AreEqual(5_000_000, archive.Read("0").Length, "An array that is read again does not cost again.");

        static object ReadAll(string path)
        {
            using NumpyArchive archive = NumpyArchive.Open(path);
            return Enumerable.Range(0, 5).Select(i => archive.Read($"{i}").Length).ToArray();
        }
    }

    [TestMethod]
    public void OneSparseMatrixUnderManyNamesIsRefused()
    {
        using var folder = new TemporaryFolder();
        // 64 MB as a dense array; 64 GB under 1,000 names.
        FileContents contents = FileContents.Read(folder.Write("one.pkl", SharedSparse(1)));
        CollectionAssert.AreEqual((int[])[1, 1 << 24], contents.Arrays.Single().Shape);
        string path = folder.Write("many.pkl", SharedSparse(1000));
        Assert.HasCount(1000, Allocating(16 * Mega, () => FileContents.Read(path)).Arrays);
        ModelFileException e = Refused(() => ReadPickled(path), path, bound: 80 * Mega);
        Assert.AreEqual("n1", e.Entry);
        Assert.Contains("it needs 67108864 bytes more after 671", e.Message);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void OneArrayUnderManyNamesIsCheapOrRefused(bool fortran)
    {
        // A megabyte of raw bytes is shared; with another element order it is copied for each name.
        PickleWriter pickle = new PickleWriter().Op("}(").Text("n0");
        Numpy(pickle, "u1", [1024, 1024], new byte[Mega], fortran);
        pickle.Op("q\x01");
        for (int i = 1; i < 1000; i++)
            pickle.Text($"n{i}").Op("h\x01");
        using var folder = new TemporaryFolder();
        string path = folder.Write("array.pkl", pickle.Op("u").End());
        if (fortran)
            Assert.Contains("are allowed for a file of", Refused(() => ReadPickled(path), path, bound: 100 * Mega).Message);
        else
            Assert.HasCount(1000, Allocating(4 * Mega, () => FileContents.Read(path)).Arrays);
    }

    [TestMethod]
    public void APackageThatUnpacksToGigabytesIsRefusedBeforeItIsAllocated()
    {
        // 80 MB of zeros in 80 KB.
        byte[] zeros = new byte[80 * Mega];
        string hash = Convert.ToHexStringLower(SHA256.HashData(zeros));
        byte[] manifest = (new ModelManifest { Kind = ModelKind.Inpainter, ImageSize = 256,
            Licence = "none" } with { Files = new Dictionary<string, string> { ["inpainter.onnx"] = hash } }).ToJson();
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in (IEnumerable<(string, byte[])>)[("manifest.json", manifest), ("inpainter.onnx", zeros)])
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(bytes);
            }
        }
        stream.Position = 0;
        ModelFileException e = Refused(() => ModelPackage.Load(stream, "package"), "package", bound: 2 * Mega);
        Assert.AreEqual("inpainter.onnx", e.Entry);
        Assert.Contains("it claims 83886080 bytes out of", e.Message);
    }

    [TestMethod]
    public void APackageWithAFalseSizeAllocatesOnlyItsRealSize()
    {
        ModelPackage package = ModelPackage.Create(new ModelManifest { Kind = ModelKind.Inpainter, ImageSize = 256, Licence = "none" },
            new Dictionary<string, byte[]> { ["inpainter.onnx"] = new byte[500] });
        using var stream = new MemoryStream();
        package.Save(stream);
        byte[] bytes = stream.ToArray();
        // The uncompressed size of the last entry, at 24 of its record in the directory: 60 MB.
        int record = bytes.AsSpan().LastIndexOf([(byte)'P', (byte)'K', (byte)1, (byte)2]);
        BitConverter.TryWriteBytes(bytes.AsSpan(record + 24), (uint)(60 * Mega));
        using var lying = new MemoryStream(bytes);
        Assert.Contains("damaged or truncated", Refused(() => ModelPackage.Load(lying, "package"), "package", bound: 4 * Mega).Message);
    }

    [TestMethod]
    public void ThousandsOfViewsOfOneCompressedStorageAreRefused()
    {
        // Each view is one value after 40 MB that must be decompressed first.
        const int Elements = 10 << 20;
        PickleWriter pickle = new PickleWriter().Op("}(");
        for (int i = 0; i < 1000; i++)
        {
            pickle.Text($"t{i}").Global("torch._utils", "_rebuild_tensor_v2").Op("((").Text("storage").Global("torch", "FloatStorage")
                .Text("0").Text("cpu").Number(Elements).Op("tQ");
            pickle.Number(Elements - 1).Numbers([1]).Numbers([1]).Op([0x89]).Global("collections", "OrderedDict").Op(")RtR");
        }
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in (IEnumerable<(string, byte[])>)[("a/data.pkl", pickle.Op("u").End()),
                ("a/data/0", new byte[4 * Elements])])
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(bytes);
            }
        }
        using var folder = new TemporaryFolder();
        string path = folder.Write("views.pth", stream.ToArray());
        Assert.Contains("are allowed for a file of", Refused(() => TorchCheckpoint.Open(path), path, bound: 8 * Mega).Message);
    }

    [TestMethod]
    [DataRow(1e-38f)]
    [DataRow(1e-4f)]
    [DataRow(1001f)]
    [DataRow(float.NaN)]
    public void AMotionOfAnAbsurdRateIsRefused(float rate)
    {
        using var folder = new TemporaryFolder();
        using var stream = new MemoryStream();
        using (var writer = new NumpyArchiveWriter(stream))
        {
            writer.Add("poses", new float[144], 2, 72);
            writer.Add("fps", [rate]);
        }
        string path = folder.Write("motion.npz", stream.ToArray());
        ModelFileException e = Refused(() => MotionClip.Load(path), path, bound: Mega);
        Assert.AreEqual("fps", e.Entry);
        Assert.Contains(float.IsNaN(rate) ? "finite" : "one number from 0.001 to 1000 is needed", e.Message);
    }

    [TestMethod]
    [DataRow(2, 1e-38f, 25f)]
    [DataRow(4, 1e-6f, 12f)]
    [DataRow(2, 1e-3f, 25f)]
    [DataRow(200_000, 10f, 100f)]
    public void ResamplingToMillionsOfFramesIsRefused(int frames, float from, float to)
    {
        var clip = new MotionClip("slow", from, new float[72 * frames]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        LwgException e = Assert.ThrowsExactly<LwgException>(() => clip.Resample(to));
        Assert.IsLessThan(Mega, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Contains("The motion 'slow'", e.Message);
        Assert.Contains(frames > 100 ? "at most 1000000 are allowed" : "at most 10000 are allowed", e.Message);
    }

    [TestMethod]
    public void ResamplingWithinTheLimitsWorks()
    {
        Assert.AreEqual(9001, new MotionClip("slow", 0.1f, new float[72 * 4]).Resample(300).FrameCount);
        Assert.AreEqual(1, new MotionClip("still", 1e-38f, new float[72]).Resample(25).FrameCount);
    }

    private static byte[] Zeros(int count) => NumpyBytes.Make("'<f4'", "False", $"({count},)", new byte[4 * count]);

    /// <summary>Creates a dictionary in which one sparse matrix [1, 2^24] without elements has many names.</summary>
    private static byte[] SharedSparse(int names)
    {
        PickleWriter pickle = new PickleWriter().Op("}(").Text("n0");
        pickle.Global("copy_reg", "_reconstructor").Global("scipy.sparse.csr", "csr_matrix").Global("__builtin__", "object").Op("N\x87R}(");
        pickle.Text("_shape").Numbers([1, 1 << 24]).Text("data");
        Numpy(pickle, "f4", [0], [], false);
        pickle.Text("indices");
        Numpy(pickle, "i4", [0], [], false);
        pickle.Text("indptr");
        Numpy(pickle, "i4", [2], new byte[8], false);
        pickle.Op("ubq\x01");
        for (int i = 1; i < names; i++)
            pickle.Text($"n{i}").Op("h\x01");
        return pickle.Op("u").End();
    }

    private static void Numpy(PickleWriter pickle, string type, long[] shape, byte[] bytes, bool fortran)
    {
        pickle.Global("numpy.core.multiarray", "_reconstruct").Global("numpy", "ndarray").Op("K\0\x85").Text("b").Op("\x87R(K\x01")
            .Numbers(shape);
        pickle.Global("numpy", "dtype").Text(type).Op("K\0K\x01\x87R(K\x03").Text("<").Op("NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb");
        pickle.Op(fortran ? [0x88] : [0x89]).Op("B").Op(BitConverter.GetBytes(bytes.Length)).Op(bytes).Op("tb");
    }

    private static object ReadPickled(string path)
    {
        using FileStream stream = File.OpenRead(path);
        PickledArchive archive = PickleFile.ReadDictionary(stream, path);
        return archive.Names.Select(name => archive.Read(name).Length).ToArray();
    }

    private static T Allocating<T>(long bound, Func<T> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        T result = read();
        Assert.IsLessThan(bound, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated");
        return result;
    }

    private static ModelFileException Refused(Func<object> read, string file, long bound)
    {
        ModelFileException e = Allocating(bound, () => Assert.ThrowsExactly<ModelFileException>(() => read()));
        Assert.AreEqual(file, e.File);
        return e;
    }
}
