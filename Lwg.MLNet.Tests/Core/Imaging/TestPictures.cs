using System.Buffers.Binary;
using System.IO.Hashing;
using Lwg.MLNet.Imaging;
using SkiaSharp;

namespace Lwg.MLNet.Tests.Imaging;

/// <summary>Makes pictures and picture files for the tests.</summary>
internal static class TestPictures
{
    /// <summary>Creates a picture with random bytes.</summary>
    public static PixelBuffer Noise(int width, int height, int seed, int channels = 3)
    {
        var picture = new PixelBuffer(width, height, channels);
        new Random(seed).NextBytes(picture.Data);
        return picture;
    }

    /// <summary>Encodes with SkiaSharp.</summary>
    public static byte[] Encode(PixelBuffer picture, SKEncodedImageFormat format, int quality = 95)
    {
        using var bitmap = new SKBitmap(
            new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, picture.Channels == 4 ? SKAlphaType.Unpremul
            : SKAlphaType.Opaque));
        for (int y = 0; y < picture.Height; y++)
        {
            Span<byte> row = picture.Row(y);
            for (int x = 0; x < picture.Width; x++)
            {
                Span<byte> p = row.Slice(x * picture.Channels, picture.Channels);
                bitmap.SetPixel(x, y, new SKColor(p[0], p[1], p[2], p.Length == 4 ? p[3] : (byte)255));
            }
        }
        using SKData data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    /// <summary>Inserts an EXIF segment with only an orientation after a JPEG's start marker.</summary>
    public static byte[] WithOrientation(byte[] jpeg, int orientation)
    {
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0,
            0, 0, 0, 0, 0, 0];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    /// <summary>Creates EXIF with only an orientation, as SHORT (3) or LONG (4), little or big endian.</summary>
    public static byte[] Exif(int orientation, int type, bool little)
    {
        byte[] value = type == 3 ? [(byte)orientation, 0, 0, 0] : [(byte)orientation, 0, 0, 0];
        if (little)
            return [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, (byte)type, 0, 1, 0, 0, 0, .. value, 0, 0, 0, 0];
        value = type == 3 ? [0, (byte)orientation, 0, 0] : [0, 0, 0, (byte)orientation];
        return [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, (byte)type, 0, 0, 0, 1, .. value, 0, 0, 0, 0];
    }

    /// <summary>Inserts a segment after a JPEG's start marker.</summary>
    public static byte[] WithSegment(byte[] jpeg, byte marker, byte[] content)
    {
        var segment = new List<byte>();
        Segment(segment, marker, content);
        return [.. jpeg[..2], .. segment, .. jpeg[2..]];
    }

    /// <summary>Inserts a chunk after a PNG's header.</summary>
    public static byte[] WithChunk(byte[] png, string type, byte[] content) =>
        [.. png[..33], .. Chunk(System.Text.Encoding.Latin1.GetBytes(type), content), .. png[33..]];

    /// <summary>Puts a still WebP into the extended container, with EXIF after the picture.</summary>
    public static byte[] WebPWithExif(byte[] webp, int width, int height, byte[] exif)
    {
        byte[] canvas = [8, 0, 0, 0, (byte)(width - 1), (byte)(width - 1 >> 8), 0, (byte)(height - 1), (byte)(height - 1 >> 8), 0];
        return Riff([.. RiffChunk("VP8X"u8, canvas), .. webp[12..], .. RiffChunk("EXIF"u8, exif)]);
    }

    /// <summary>Creates an animated WebP of stills of the same size; each replaces the previous one.</summary>
    public static byte[] AnimatedWebP(int width, int height, params (byte[] Still, int Milliseconds)[] frames)
    {
        byte[] canvas = [2, 0, 0, 0, .. Low24(width - 1), .. Low24(height - 1)];
        var body = new List<byte>([.. RiffChunk("VP8X"u8, canvas), .. RiffChunk("ANIM"u8, [0, 0, 0, 0, 0, 0])]);
        foreach ((byte[] still, int milliseconds) in frames)
            body.AddRange(RiffChunk("ANMF"u8,
                [0, 0, 0, 0, 0, 0, .. Low24(width - 1), .. Low24(height - 1), .. Low24(milliseconds), 2, .. still[12..]]));
        return Riff([.. body]);
    }

    /// <summary>Creates an animated PNG; frames are RGBA pictures at a position, with their disposal (APNG's dispose_op) and blending
    /// (blend_op).</summary>
    public static byte[] Apng(int width, int height,
        params (PixelBuffer Picture, int X, int Y, int Hundredths, byte Dispose, byte Blend)[] frames)
    {
        byte[] header = [.. Big(width), .. Big(height), 8, 6, 0, 0, 0];
        var file = new List<byte>([0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR"u8, header),
            .. Chunk("acTL"u8, [.. Big(frames.Length), .. Big(0)])]);
        int sequence = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            (PixelBuffer picture, int x, int y, int hundredths, byte dispose, byte blend) = frames[i];
            file.AddRange(Chunk("fcTL"u8, [.. Big(sequence++), .. Big(picture.Width), .. Big(picture.Height), .. Big(x), .. Big(y), 0,
                (byte)hundredths, 0, 100, dispose, blend]));
            using var deflated = new MemoryStream();
            using (var zlib = new System.IO.Compression.ZLibStream(deflated, System.IO.Compression.CompressionLevel.Fastest,
                leaveOpen: true))
            {
                for (int row = 0; row < picture.Height; row++)
                {
                    zlib.WriteByte(0);
                    zlib.Write(picture.Row(row));
                }
            }
            file.AddRange(i == 0 ? Chunk("IDAT"u8, deflated.ToArray()) : Chunk("fdAT"u8, [.. Big(sequence++), .. deflated.ToArray()]));
        }
        return [.. file, .. Chunk("IEND"u8, [])];
    }

    /// <summary>Creates a TIFF of one strip, RGB without compression, little endian.</summary>
    public static byte[] Tiff(PixelBuffer picture, int orientation = 1, int compression = 1)
    {
        (int Tag, int Type, int Count, int Value)[] entries =
        [
            (256, 4, 1, picture.Width), (257, 4, 1, picture.Height), (258, 3, 3, 8 + 2 + 12 * 10 + 4), (259, 3, 1, compression),
            (262, 3, 1, 2), (273, 4, 1, 8 + 2 + 12 * 10 + 4 + 6),
            (274, 3, 1, orientation), (277, 3, 1, 3), (278, 4, 1, picture.Height), (279, 4, 1, picture.Data.Length),
        ];
        var file = new List<byte>([.. "II*\0"u8, 8, 0, 0, 0, (byte)entries.Length, 0]);
        foreach ((int tag, int type, int count, int value) in entries)
            file.AddRange([(byte)tag, (byte)(tag >> 8), (byte)type, 0, .. BitConverter.GetBytes(count), .. BitConverter.GetBytes(value)]);
        return [.. file, 0, 0, 0, 0, 8, 0, 8, 0, 8, 0, .. picture.Data];
    }

    /// <summary>Creates an ICC profile with sRGB's primaries and a linear curve: a stored value is proportional to light.</summary>
    public static byte[] LinearProfile()
    {
        // sRGB's primaries in ICC's form, for the white of D50.
        (string Name, double[] Values)[] colours =
            [("rXYZ", [0.43607, 0.22249, 0.01392]), ("gXYZ", [0.38515, 0.71687, 0.09708]), ("bXYZ", [0.14307, 0.06061, 0.71410])];
        var tags = new List<(string Name, byte[] Data)>();
        foreach ((string name, double[] values) in colours)
            tags.Add((name, [.. "XYZ \0\0\0\0"u8, .. values.SelectMany(value => Big((int)Math.Round(value * 65536)))]));
        foreach (string name in (string[])["rTRC", "gTRC", "bTRC"])
            tags.Add((name, [.. "curv\0\0\0\0"u8, .. Big(0)]));
        int at = 128 + 4 + 12 * tags.Count;
        var table = new List<byte>(Big(tags.Count));
        var data = new List<byte>();
        foreach ((string name, byte[] content) in tags)
        {
            table.AddRange([.. System.Text.Encoding.Latin1.GetBytes(name), .. Big(at + data.Count), .. Big(content.Length)]);
            data.AddRange(content);
        }
        byte[] header = new byte[128];
        Big(at + data.Count).CopyTo(header, 0);
        Big(0x02100000).CopyTo(header, 8);
        "mntrRGB XYZ "u8.CopyTo(header.AsSpan(12));
        "acsp"u8.CopyTo(header.AsSpan(36));
        byte[] white = [.. Big(63190), .. Big(65536), .. Big(54061)];
        white.CopyTo(header, 68);
        return [.. header, .. table, .. data];
    }

    /// <summary>Creates a baseline JPEG in which every component (1: grey, 4: Adobe CMYK, stored inverted) has one value
    /// everywhere.</summary>
    public static byte[] ConstantJpeg(int side, params byte[] values) => ConstantJpeg(side, 0, values);

    /// <summary>Creates the same with a restart marker after every interval of blocks; 0 for none.</summary>
    public static byte[] ConstantJpeg(int side, int interval, byte[] values)
    {
        var file = new List<byte> { 0xFF, 0xD8 };
        if (values.Length == 4)
            Segment(file, 0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0]);
        Segment(file, 0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        var frame = new List<byte> { 8, (byte)(side >> 8), (byte)side, (byte)(side >> 8), (byte)side, (byte)values.Length };
        var scan = new List<byte> { (byte)values.Length };
        for (int c = 1; c <= values.Length; c++)
        {
            frame.AddRange([(byte)c, 0x11, 0]);
            scan.AddRange([(byte)c, 0]);
        }
        Segment(file, 0xC0, [.. frame]);
        // Twelve DC categories with codes of 4 bits; the only AC code is one bit, end of block.
        Segment(file, 0xC4, [0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        Segment(file, 0xC4, [0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        if (interval > 0)
            Segment(file, 0xDD, [0, (byte)interval]);
        Segment(file, 0xDA, [.. scan, 0, 63, 0]);

        var bits = new List<bool>();
        int blocks = (side + 7) / 8 * ((side + 7) / 8);
        for (int block = 0; block < blocks; block++)
        {
            bool begins = block == 0 || (interval > 0 && block % interval == 0);
            if (begins && block > 0)
            {
                Flush(file, bits);
                file.AddRange([0xFF, (byte)(0xD0 + (block / interval - 1) % 8)]);
            }
            foreach (byte value in values)
            {
                int difference = begins ? (value - 128) * 8 : 0;
                int category = 32 - int.LeadingZeroCount(Math.Abs(difference));
                Push(bits, category, 4);
                Push(bits, difference < 0 ? difference + (1 << category) - 1 : difference, category);
                Push(bits, 0, 1);
            }
        }
        Flush(file, bits);
        file.AddRange([0xFF, 0xD9]);
        return [.. file];
    }

    /// <summary>Creates a BMP of 24 bits, rows from the bottom up.</summary>
    public static byte[] Bmp(PixelBuffer picture)
    {
        int stride = (3 * picture.Width + 3) / 4 * 4;
        byte[] file = new byte[54 + stride * picture.Height];
        "BM"u8.CopyTo(file);
        int[] header = [file.Length, 0, 54, 40, picture.Width, picture.Height, 1 | 24 << 16];
        for (int i = 0; i < header.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2 + 4 * i), header[i]);
        for (int y = 0; y < picture.Height; y++)
        {
            Span<byte> row = file.AsSpan(54 + stride * (picture.Height - 1 - y), 3 * picture.Width);
            picture.Row(y).CopyTo(row);
            for (int x = 0; x < row.Length; x += 3)
                (row[x], row[x + 2]) = (row[x + 2], row[x]);
        }
        return file;
    }

    /// <summary>Creates a GIF of 32 x 32 pixels with one frame for each colour.</summary>
    public static byte[] Gif(params (byte R, byte G, byte B)[] frames)
    {
        var file = new List<byte>();
        file.AddRange("GIF89a"u8);
        file.AddRange([32, 0, 32, 0, 0x91, 0, 0]);
        for (int i = 0; i < 4; i++)
            file.AddRange(i < frames.Length ? [frames[i].R, frames[i].G, frames[i].B] : [0, 0, 0]);
        for (int frame = 0; frame < frames.Length; frame++)
        {
            // A clear code (4) before every pixel keeps all codes at three bits; 5 ends. Three bits each, the first lowest.
            var codes = Enumerable.Range(0, 1024).SelectMany(_ => new[] { 4, frame }).Append(5).ToArray();
            byte[] data = new byte[(3 * codes.Length + 7) / 8];
            for (int bit = 0; bit < 3 * codes.Length; bit++)
                data[bit / 8] |= (byte)((codes[bit / 3] >> bit % 3 & 1) << bit % 8);
            file.AddRange([0x2C, 0, 0, 0, 0, 32, 0, 32, 0, 0, 2]);
            foreach (byte[] block in data.Chunk(255))
                file.AddRange([(byte)block.Length, .. block]);
            file.Add(0);
        }
        file.Add(0x3B);
        return [.. file];
    }

    /// <summary>Creates the start of a PNG that claims a size: signature, header and the first few bytes of data.</summary>
    public static byte[] PngClaiming(int width, int height)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        return [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, [0x78, 0x9C, 3, 0, 0, 0, 0, 1]),
            .. Chunk("IEND"u8, [])];
    }

    public static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] chunk = [0, 0, 0, 0, .. type, .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    private static byte[] Big(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] Low24(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];

    private static byte[] Riff(byte[] body) => [.. "RIFF"u8, .. BitConverter.GetBytes(body.Length + 4), .. "WEBP"u8, .. body];

    private static byte[] RiffChunk(ReadOnlySpan<byte> name, byte[] content) =>
        [.. name, .. BitConverter.GetBytes(content.Length), .. content, .. new byte[content.Length % 2]];

    private static void Segment(List<byte> file, byte marker, byte[] content)
    {
        int length = content.Length + 2;
        file.AddRange([0xFF, marker, (byte)(length >> 8), (byte)length]);
        file.AddRange(content);
    }

    private static void Flush(List<byte> file, List<bool> bits)
    {
        while (bits.Count % 8 != 0)
            bits.Add(true);
        for (int i = 0; i < bits.Count; i += 8)
        {
            int value = 0;
            for (int k = 0; k < 8; k++)
                value = value << 1 | (bits[i + k] ? 1 : 0);
            file.Add((byte)value);
            if (value == 0xFF)
                file.Add(0);
        }
        bits.Clear();
    }

    private static void Push(List<bool> bits, int value, int count)
    {
        for (int k = count - 1; k >= 0; k--)
            bits.Add((value >> k & 1) != 0);
    }
}
