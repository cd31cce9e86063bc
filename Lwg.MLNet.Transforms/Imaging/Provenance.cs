using System.Text;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>The origin of a picture for its metadata: an XMP packet with the IPTC digital source type (IPTC Photo Metadata Standard
/// 2023.1), which viewers, stock agencies and platforms read.</summary>
public sealed class Provenance
{
    private const string Keyword = "XML:com.adobe.xmp";

    private Provenance(string sourceType) => SourceType = sourceType;

    /// <summary>A photograph with parts created by a trained network, such as the result of a transfer.</summary>
    public static Provenance CompositeWithTrainedAlgorithms { get; } =
        new("http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia");

    /// <summary>The digital source type, a URI of the IPTC vocabulary.</summary>
    public string SourceType { get; }

    /// <summary>Returns the XMP packet in UTF-8.</summary>
    public byte[] ToXmp() => Encoding.UTF8.GetBytes($"""
        <?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" Iptc4xmpExt:DigitalSourceType="{SourceType}" xmp:CreatorTool="Lwg.MLNet"/></rdf:RDF></x:xmpmeta>
        <?xpacket end="r"?>
        """);

    /// <summary>Writes a PNG with the packet as its second chunk (iTXt; PNG third edition, 11.3.3.4).</summary>
    /// <param name="png">The PNG.</param>
    /// <param name="stream">The stream to write to; it is left open.</param>
    internal void WriteInto(ReadOnlySpan<byte> png, Stream stream)
    {
        // The signature and the first chunk, IHDR, have 8 and 25 bytes.
        const int Start = 33;
        stream.Write(png[..Start]);
        PngFile.WriteChunk(stream, "iTXt"u8, [.. Encoding.Latin1.GetBytes(Keyword), 0, 0, 0, 0, 0, .. ToXmp()]);
        stream.Write(png[Start..]);
    }
}
