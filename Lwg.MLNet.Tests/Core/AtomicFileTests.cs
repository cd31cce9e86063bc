namespace Lwg.MLNet.Tests;

[TestClass]
public class AtomicFileTests
{
    [TestMethod]
    public void AFileIsMadeOrReplaced()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "a.bin");
        foreach (byte content in (byte[])[1, 2])
        {
            AtomicFile.Write(path, s => s.WriteByte(content));
            CollectionAssert.AreEqual((byte[])[content], File.ReadAllBytes(path));
            Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
        }
    }

    [TestMethod]
    public void AFailureLeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.bin", [7]);
        Assert.ThrowsExactly<OperationCanceledException>(() => AtomicFile.Write(path, s =>
        {
            s.WriteByte(1);
            Assert.AreEqual(7, File.ReadAllBytes(path)[0], "while writing, the old file is there");
            throw new OperationCanceledException();
        }));
        CollectionAssert.AreEqual((byte[])[7], File.ReadAllBytes(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void AFailedWriteLeavesNoFile()
    {
        using var folder = new TemporaryFolder();
        Assert.ThrowsExactly<DirectoryNotFoundException>(() =>
            AtomicFile.Write(Path.Combine(folder.Path, "no", "such", "folder"), s => s.WriteByte(1)));
        string taken = Directory.CreateDirectory(Path.Combine(folder.Path, "taken")).FullName;
        try
        {
            AtomicFile.Write(taken, s => s.WriteByte(1));
            Assert.Fail("A folder was overwritten.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CollectionAssert.AreEqual((string[])[taken], Directory.GetFileSystemEntries(folder.Path));
        }
    }
}
