using System.Buffers.Binary;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing.Processors.Quantization;

namespace Lwg.MLNet.Cli;

/// <summary>
/// Writes an animated GIF that loops for ever, frame by frame: it holds two pictures at a time, however many there are. ImageSharp encodes
/// what has changed since the frame before, a rectangle with colours of its own; here it is put into the container (GIF89a).
/// </summary>
internal static class GifAnimation
{
    // Browsers show a frame of 0 or 1 hundredths for 10: none is shorter than 2.
    private const int ShortestDelay = 2, LongestDelay = ushort.MaxValue;

    private const int HeadLength = 13, DescriptorLength = 10;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="frameCount">How many frames there are.</param>
    /// <param name="frame">Gives one of them, RGB; all have one size.</param>
    /// <param name="framesPerSecond">Their rate. Above 50 some are left out, and the animation takes as long as it should.</param>
    /// <param name="provenance">How they came about, to be told in its metadata; null for nothing.</param>
    /// <returns>How many frames were left out.</returns>
    public static int Save(string path, int frameCount, Func<int, PixelBuffer> frame, double framesPerSecond, Provenance? provenance)
    {
        List<(int Number, int Delay)> shown = Delays(frameCount, framesPerSecond);
        AtomicFile.Write(path, stream =>
        {
            PixelBuffer? before = null;
            foreach ((int number, int delay) in shown)
            {
                PixelBuffer picture = frame(number);
                if (before is null)
                    WriteHead(stream, picture, provenance);
                WriteFrame(stream, picture, ChangedPart.Between(before, picture, even: false), delay);
                before = picture;
            }
            stream.WriteByte(0x3B);
        });
        return frameCount - shown.Count;
    }

    /// <summary>The frames that are shown and for how many hundredths of a second. A frame begins at the hundredth that is nearest to its
    /// time; one whose turn comes sooner than two after another's is left out.</summary>
    internal static List<(int Number, int Delay)> Delays(int frameCount, double framesPerSecond)
    {
        var starts = new List<(int Number, long Start)>();
        long end = Math.Max(ShortestDelay, Hundredths(frameCount));
        for (int i = 0; i < frameCount; i++)
        {
            long start = Hundredths(i);
            if (starts.Count == 0 || (start - starts[^1].Start >= ShortestDelay && end - start >= ShortestDelay))
                starts.Add((i, start));
        }
        return [.. starts.Select((s, i) =>
            (s.Number, (int)Math.Min(LongestDelay, (i + 1 < starts.Count ? starts[i + 1].Start : end) - s.Start)))];

        long Hundredths(int count) => (long)Math.Round(100 * count / framesPerSecond);
    }

    private static void WriteHead(Stream stream, PixelBuffer first, Provenance? provenance)
    {
        stream.Write("GIF89a"u8);
        Write16(stream, first.Width);
        Write16(stream, first.Height);
        // No colours in common.
        stream.Write([0x70, 0, 0]);
        stream.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0]);
        if (provenance is null)
            return;
        // XMP Specification Part 3, 1.1.2: the packet as it is, and behind it what leads a reader of sub-blocks to the end wherever it is.
        stream.Write([0x21, 0xFF, 11, .. "XMP DataXMP"u8, .. provenance.ToXmp(), 1]);
        for (int i = 255; i >= 0; i--)
            stream.WriteByte((byte)i);
        stream.WriteByte(0);
    }

    private static void WriteFrame(Stream stream, PixelBuffer picture, ChangedPart part, int delay)
    {
        stream.Write([0x21, 0xF9, 4, 0x04]);
        Write16(stream, delay);
        stream.Write([0, 0]);
        ReadOnlySpan<byte> still = Encode(part.Of(picture));
        ReadOnlySpan<byte> colours = Table(still, HeadLength, still[10]);
        int at = HeadLength + colours.Length;
        while (still[at] == 0x21)
            at = EndOfBlocks(still, at + 2);
        byte flags = still[at + DescriptorLength - 1];
        if (colours.IsEmpty)
            colours = Table(still, at + DescriptorLength, flags);
        else
            flags = (byte)(0x80 | still[10] & 7);
        int data = at + DescriptorLength + ((still[at + DescriptorLength - 1] & 0x80) == 0 ? 0 : colours.Length),
            end = EndOfBlocks(still, data + 1);
        stream.WriteByte(0x2C);
        Write16(stream, part.X);
        Write16(stream, part.Y);
        Write16(stream, part.Width);
        Write16(stream, part.Height);
        stream.WriteByte(flags);
        stream.Write(colours);
        stream.Write(still[data..end]);
    }

    private static byte[] Encode(PixelBuffer part)
    {
        using Image<Rgb24> image = part.ToImageSharp();
        using var file = new MemoryStream();
        image.Save(file, new GifEncoder { Quantizer = new WuQuantizer() });
        return file.ToArray();
    }

    private static ReadOnlySpan<byte> Table(ReadOnlySpan<byte> file, int at, byte flags) =>
        (flags & 0x80) == 0 ? [] : file.Slice(at, 3 << ((flags & 7) + 1));

    private static int EndOfBlocks(ReadOnlySpan<byte> file, int at)
    {
        while (file[at] != 0)
            at += file[at] + 1;
        return at + 1;
    }

    private static void Write16(Stream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        stream.Write(bytes);
    }
}
