using System.Buffers.Binary;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing.Processors.Quantization;

namespace Lwg.MLNet.Cli;

/// <summary>
/// Writes an animated GIF that loops endlessly, frame by frame, with only two pictures in memory. ImageSharp encodes the changed
/// rectangle of each frame with its own colour table; this class writes it into the container (GIF89a).
/// </summary>
internal static class GifAnimation
{
    // Browsers show a frame of 0 or 1 hundredths of a second for 10, so no frame is shorter than 2.
    private const int ShortestDelay = 2, LongestDelay = ushort.MaxValue;

    private const int HeadLength = 13, DescriptorLength = 10;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="frameCount">The number of frames.</param>
    /// <param name="frame">Returns a frame by its number, RGB; all have the same size.</param>
    /// <param name="framesPerSecond">The rate. Above 50, some frames are omitted; the duration of the animation stays the same.</param>
    /// <param name="provenance">The provenance for the metadata; null for none.</param>
    /// <returns>The number of frames that were omitted.</returns>
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

    /// <summary>Returns the frames to show and their durations in hundredths of a second. A frame starts at the hundredth nearest to its
    /// time; a frame that would start less than two hundredths after another one is omitted.</summary>
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
        // No global colour table.
        stream.Write([0x70, 0, 0]);
        stream.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0]);
        if (provenance is null)
            return;
        // XMP Specification Part 3, 1.1.2: the packet as it is, followed by a trailer that leads a reader of sub-blocks to the end from
        // any position.
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
