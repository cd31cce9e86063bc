using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Xml.Linq;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Tests.Imaging;

/// <summary>Tests that pictures contain their provenance in the metadata, and are otherwise the same.</summary>
[TestClass]
public sealed class ProvenanceTests
{
    [TestMethod]
    public void ThePacketIsXmpWithIptcsTerm()
    {
        string xmp = Encoding.UTF8.GetString(Provenance.CompositeWithTrainedAlgorithms.ToXmp());
        XElement root = XElement.Parse(
            xmp[xmp.IndexOf("<x:", StringComparison.Ordinal)..xmp.IndexOf("<?xpacket end", StringComparison.Ordinal)]);
        XNamespace iptc = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
        Assert.AreEqual(
            "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
            root.Descendants().Select(e => e.Attribute(iptc + "DigitalSourceType")?.Value).Single(v => v is not null));
    }

    [TestMethod]
    public void APngCarriesItAndIsTheSamePicture()
    {
        var picture = new PixelBuffer(48, 36);
        new Random(3).NextBytes(picture.Data);
        byte[] plain = Encode(picture, null), told = Encode(picture, Provenance.CompositeWithTrainedAlgorithms);
        Assert.IsFalse(Chunks(plain).Any(c => c.Type == "iTXt"));
        (string _, byte[] content) = Chunks(told).Single(c => c.Type == "iTXt");
        // Keyword, a zero, uncompressed (two zeros), no language, no translated keyword, the text (PNG, 11.3.3.4).
        byte[] start = [.. "XML:com.adobe.xmp"u8, 0, 0, 0, 0, 0];
        CollectionAssert.AreEqual(start, content[..start.Length]);
        CollectionAssert.AreEqual(Provenance.CompositeWithTrainedAlgorithms.ToXmp(), content[start.Length..]);
        PixelBuffer again = ImageCodec.Decode(told, "told");
        Assert.IsTrue(again.Data.SequenceEqual(picture.Data));
    }

    private static byte[] Encode(PixelBuffer picture, Provenance? provenance)
    {
        using var stream = new MemoryStream();
        ImageCodec.EncodePng(picture, stream, provenance);
        return stream.ToArray();
    }

    // Returns the chunks, and checks their checksums by computing them again.
    private static List<(string Type, byte[] Content)> Chunks(byte[] png)
    {
        var chunks = new List<(string, byte[])>();
        for (int at = 8; at < png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            ReadOnlySpan<byte> covered = png.AsSpan(at + 4, length + 4);
            Assert.AreEqual(Crc32.HashToUInt32(covered), BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)), "checksum");
            chunks.Add((Encoding.ASCII.GetString(covered[..4]), covered[4..].ToArray()));
            at += 12 + length;
        }
        return chunks;
    }
}
