using System.Buffers.Binary;
using System.IO.Compression;
using Lwg.MLNet.Checkpoints;

namespace Lwg.MLNet.Tests.Checkpoints;

[TestClass]
public class NumpyArchiveTests
{
    [TestMethod]
    public void WrittenDataAreReadBack()
    {
        using var stream = new MemoryStream(Archive());
        using var archive = new NumpyArchive(stream, "file");
        CollectionAssert.AreEqual((string[])["numbers", "indices"], archive.Names.ToArray());
        Assert.IsTrue(archive.Contains("numbers"));
        Assert.IsFalse(archive.Contains("numbers.npy"));
        CollectionAssert.AreEqual(Enumerable.Range(0, 600).Select(i => i / 7f).ToArray(), archive.Read("numbers").ToSingles(20, 30));
        CollectionAssert.AreEqual((int[])[3, 1, 2], archive.Read("indices").ToInt32s(3));
    }

    [TestMethod]
    public void TheSameArraysGiveTheSameBytes() => CollectionAssert.AreEqual(Archive(), Archive());

    [TestMethod]
    public void CutAnywhereItIsRefused()
    {
        byte[] whole = Archive();
        for (int length = 0; length < whole.Length; length++)
        {
            using var stream = new MemoryStream(whole[..length]);
            Assert.AreEqual("file", Assert.ThrowsExactly<ModelFileException>(() => ReadAll(stream)).File);
        }
    }

    [TestMethod]
    public void WithAnyByteChangedItIsReadOrRefused()
    {
        byte[] whole = Archive();
        for (int at = 0; at < whole.Length; at++)
        {
            foreach (byte flip in (byte[])[0x01, 0x80, 0xFF])
            {
                byte[] damaged = [.. whole];
                damaged[at] ^= flip;
                using var stream = new MemoryStream(damaged);
                try
                {
                    ReadAll(stream);
                }
                catch (ModelFileException)
                {
                    // Expected.
                }
            }
        }
    }

    [TestMethod]
    public void AnEntryThatClaimsGigabytesTakesNoMemory()
    {
        using var made = new MemoryStream();
        using (var zip = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("lie.npy").Open();
            entry.Write(NumpyBytes.Make("'<f4'", "False", "(500000000,)", new byte[64]));
        }
        byte[] bytes = made.ToArray();
        // The uncompressed size is at offset 24 of the central directory's record, whose signature is PK 1 2.
        int record = bytes.AsSpan().IndexOf([(byte)'P', (byte)'K', (byte)1, (byte)2]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(record + 24), 2_000_000_200);
        using var stream = new MemoryStream(bytes);
        using var archive = new NumpyArchive(stream, "file");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.ThrowsExactly<ModelFileException>(() => archive.Read("lie"));
        Assert.IsLessThan(8 << 20, GC.GetAllocatedBytesForCurrentThread() - before, "bytes allocated");
    }

    [TestMethod]
    public void AMissingArrayIsNamedWithTheExistingOnes()
    {
        using var stream = new MemoryStream(Archive());
        using var archive = new NumpyArchive(stream, "file");
        ModelFileException e = Assert.ThrowsExactly<ModelFileException>(() => archive.Read("weights"));
        Assert.AreEqual(("file", "weights"), (e.File, e.Entry));
        Assert.Contains("numbers, indices", e.Message);
    }

    [TestMethod]
    public void FilesThatAreNotArchivesAreRefusedAndClosed()
    {
        using var folder = new TemporaryFolder();
        string text = folder.Write("notes.npz", "these are notes, not numbers"u8.ToArray()), empty = folder.Write("empty.npz", []);
        foreach (string path in (string[])[text, empty, Path.Combine(folder.Path, "missing.npz"), folder.Path])
            Assert.AreEqual(path, Assert.ThrowsExactly<ModelFileException>(() => NumpyArchive.Open(path)).File);
        // The files are closed, so they can be opened exclusively.
        foreach (string path in (string[])[text, empty])
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
    }

    private static byte[] Archive()
    {
        using var stream = new MemoryStream();
        using (var writer = new NumpyArchiveWriter(stream))
        {
            writer.Add("numbers", [.. Enumerable.Range(0, 600).Select(i => i / 7f)], 20, 30);
            writer.Add("indices", [3, 1, 2], 3);
        }
        return stream.ToArray();
    }

    private static void ReadAll(Stream stream)
    {
        using var archive = new NumpyArchive(stream, "file", leaveOpen: true);
        foreach (string name in archive.Names)
            archive.Read(name);
    }
}
