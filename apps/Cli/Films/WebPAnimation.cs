using System.Buffers.Binary;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;
using SkiaSharp;

namespace Lwg.MLNet.Cli;

/// <summary>
/// Writes an animated WebP that loops endlessly, frame by frame, with only two pictures in memory. Skia encodes the changed rectangle of
/// each frame; this class writes it into the container (WebP Container Specification, RFC 9649).
/// </summary>
internal static class WebPAnimation
{
    private const float Quality = 85;
    private const byte HasAnimation = 0x02, HasXmp = 0x04, DoNotBlend = 0x02;
    private const int ChunkHeader = 8, FrameHeader = 16;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="frames">RGB pictures of the same size.</param>
    /// <param name="rate">The frame rate.</param>
    /// <param name="provenance">The provenance for the metadata; null for none.</param>
    public static void Save(string path, IEnumerable<PixelBuffer> frames, FrameRate rate, Provenance? provenance) =>
        AtomicFile.Write(path, stream =>
    {
        stream.Write("RIFF    WEBP"u8);
        PixelBuffer? before = null;
        int number = 0;
        foreach (PixelBuffer frame in frames)
        {
            if (before is null)
                WriteHead(stream, frame.Width, frame.Height, provenance is not null);
            WriteFrame(stream, frame, ChangedPart.Between(before, frame, even: true),
                (int)(Milliseconds(number + 1) - Milliseconds(number)));
            (before, number) = (frame, number + 1);
        }
        if (provenance is not null)
            WriteChunk(stream, "XMP "u8, provenance.ToXmp());
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(size, checked((uint)(stream.Length - ChunkHeader)));
        stream.Position = 4;
        stream.Write(size);

        // Delays are whole milliseconds; the rounding error is carried over to the next frame.
        double Milliseconds(int frames) => Math.Round(1000 * frames / rate.Value);
    });

    private static void WriteHead(Stream stream, int width, int height, bool hasXmp)
    {
        Span<byte> canvas = stackalloc byte[10];
        canvas.Clear();
        canvas[0] = (byte)(HasAnimation | (hasXmp ? HasXmp : 0));
        Write24(canvas[4..], width - 1);
        Write24(canvas[7..], height - 1);
        WriteChunk(stream, "VP8X"u8, canvas);
        WriteChunk(stream, "ANIM"u8, [255, 255, 255, 255, 0, 0]);
    }

    private static void WriteFrame(Stream stream, PixelBuffer frame, ChangedPart part, int milliseconds)
    {
        ReadOnlySpan<byte> image = Encode(part.Of(frame));
        byte[] content = new byte[FrameHeader + image.Length];
        Write24(content, part.X / 2);
        Write24(content.AsSpan(3), part.Y / 2);
        Write24(content.AsSpan(6), part.Width - 1);
        Write24(content.AsSpan(9), part.Height - 1);
        Write24(content.AsSpan(12), milliseconds);
        content[15] = DoNotBlend;
        image.CopyTo(content.AsSpan(FrameHeader));
        WriteChunk(stream, "ANMF"u8, content);
    }

    /// <summary>Encodes a picture as a VP8 chunk.</summary>
    private static unsafe ReadOnlySpan<byte> Encode(PixelBuffer part)
    {
        byte[] rgba = new byte[4 * part.Width * part.Height];
        for (int from = 0, to = 0; to < rgba.Length; from += 3, to += 4)
            (rgba[to], rgba[to + 1], rgba[to + 2], rgba[to + 3]) = (part.Data[from], part.Data[from + 1], part.Data[from + 2], 255);
        ReadOnlySpan<byte> file;
        fixed (byte* pixels = rgba)
        {
            using var map = new SKPixmap(new SKImageInfo(part.Width, part.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), (nint)pixels);
            using SKData? data = map.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, Quality));
            file = data?.ToArray() ?? throw new LwgException(
                $"A picture of {part.Width} x {part.Height} pixels could not be encoded as WebP.");
        }
        for (int at = 12; ; at += ChunkHeader + Padded(file[at..]))
        {
            if (file.Slice(at, 4).SequenceEqual("VP8 "u8))
                return file.Slice(at, ChunkHeader + Padded(file[at..]));
        }

        static int Padded(ReadOnlySpan<byte> chunk) => BinaryPrimitives.ReadInt32LittleEndian(chunk[4..]) + 1 & ~1;
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, content.Length);
        stream.Write(name);
        stream.Write(size);
        stream.Write(content);
        if (content.Length % 2 == 1)
            stream.WriteByte(0);
    }

    private static void Write24(Span<byte> to, int value) => (to[0], to[1], to[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));
}
