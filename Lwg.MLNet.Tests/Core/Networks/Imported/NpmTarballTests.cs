using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Tests.Networks.Imported;

/// <summary>Tests npm packages: their content, and packages that are designed to break readers.</summary>
[TestClass]
public sealed class NpmTarballTests
{
    /// <summary>Writes a package.</summary>
    public static byte[] Write(TarEntryFormat format, params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zip, format))
        {
            foreach ((string name, byte[] content) in files)
            {
                TarEntry entry = format == TarEntryFormat.Ustar ? new UstarTarEntry(TarEntryType.RegularFile, "package/" + name)
                    : new PaxTarEntry(TarEntryType.RegularFile, "package/" + name);
                entry.DataStream = new MemoryStream(content);
                tar.WriteEntry(entry);
            }
        }
        return bytes.ToArray();
    }

    [TestMethod]
    [DataRow(TarEntryFormat.Ustar)]
    [DataRow(TarEntryFormat.Pax)]
    public void FilesThatAreWantedAreRead(TarEntryFormat format)
    {
        using var folder = new TemporaryFolder();
        byte[] large = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7))];
        string path = folder.Write("p.tgz",
            Write(format, ("package.json", "{}"u8.ToArray()), ("models/a.bin", large), ("empty", []), ("other", [1, 2])));
        Dictionary<string, byte[]> files = NpmTarball.Read(path, n => n is "models/a.bin" or "empty" or "absent");
        CollectionAssert.AreEquivalent((string[])["models/a.bin", "empty"], files.Keys);
        CollectionAssert.AreEqual(large, files["models/a.bin"]);
        Assert.IsEmpty(files["empty"]);
    }

    [TestMethod]
    public void PackagesThatAreDamagedAreRefused()
    {
        using var folder = new TemporaryFolder();
        byte[] good = Write(TarEntryFormat.Ustar, ("a", new byte[5000]));
        Refused(good[..(good.Length / 2)], "truncated");
        Refused("no archive at all"u8.ToArray(), "not a .tgz file");
        Refused(Zipped([.. Enumerable.Repeat((byte)'x', 2048)]), "not a tar file");
        Refused(Zipped(Header("package/a", 5000)), "truncated");
        Refused(Zipped(Header("package/other", 0)), "truncated");
        Refused(Zipped(Header("package/a", 65L << 20)), "at most 67108864 are allowed");
        Refused(Zipped(Header("package/other", 2L << 30)), "more than 1073741824 bytes");
        Refused(Write(TarEntryFormat.Ustar, ("a", [1]), ("a", [2])), "occurs twice");
        byte[] changed = Header("package/a", 0);
        changed[0] = (byte)'q';
        Refused(Zipped(changed), "header of a file in it is damaged");
        changed = Header("package/a", 0);
        changed[124] = (byte)'9';
        Refused(Zipped(WithSum(changed)), "not octal");
        byte[] many = [.. Enumerable.Repeat(Header("package/b", 0), 10_001).SelectMany(h => h)];
        Refused(Zipped(many), "more than 10000 files");
        Assert.Contains("cannot be read",
            Assert.ThrowsExactly<ModelFileException>(() => NpmTarball.Read(Path.Combine(folder.Path, "absent.tgz"), _ => true)).Message);

        void Refused(byte[] package, string words) =>
            Assert.Contains(words, Assert.ThrowsExactly<ModelFileException>(() =>
            NpmTarball.Read(folder.Write("p.tgz", package), n => n == "a")).Message);
    }

    [TestMethod]
    public void EntriesThatAreNotFilesAreNotRead()
    {
        using var folder = new TemporaryFolder();
        // A link with a wanted name would point elsewhere; a folder has no content.
        byte[] link = WithSum(Header("package/a", 0, type: '2'));
        Assert.IsEmpty(NpmTarball.Read(folder.Write("p.tgz", Zipped([.. link, .. Header("package/a", 0, type: '5'), .. new byte[1024]])),
            _ => true));
    }

    [TestMethod]
    public void APackageThatUnpacksToFarMoreThanItIsStaysBounded()
    {
        using var folder = new TemporaryFolder();
        // 1.5 GB of zeros in a few MB: none of it is wanted, and the header's size is refused before unpacking.
        string path = folder.Write("p.tgz", Zipped(Header("package/zeros", 3L << 29)));
        Assert.ThrowsExactly<ModelFileException>(() => NpmTarball.Read(path, _ => false));
    }

    private static byte[] Header(string name, long size, char type = '0')
    {
        byte[] header = new byte[512];
        Encoding.ASCII.GetBytes(name, header);
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0'), header.AsSpan(124));
        header[156] = (byte)type;
        Encoding.ASCII.GetBytes("ustar", header.AsSpan(257));
        return WithSum(header);
    }

    private static byte[] WithSum(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ", header.AsSpan(148));
        return header;
    }

    private static byte[] Zipped(byte[] tar)
    {
        using var bytes = new MemoryStream();
        using (var zip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(tar);
        return bytes.ToArray();
    }
}
