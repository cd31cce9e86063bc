namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>
/// Reads the header of the first picture of a TIFF (revision 6). Features with known decoder vulnerabilities are rejected: BigTIFF
/// (CVE-2026-106116, infinite loop), fax compression (GHSA-v76p-62qx-wwq2 and CVE-2026-106117, writes out of bounds), and further pages.
/// </summary>
internal static class TiffFile
{
    private const int EntryLength = 12, MaximumEntries = 512;
    private const int WidthTag = 256, HeightTag = 257, CompressionTag = 259, StripOffsetsTag = 273, StripByteCountsTag = 279,
        TileOffsetsTag = 324;

    // None, LZW, deflate (two codes), PackBits.
    private static readonly long[] s_compressions = [1, 5, 8, 32946, 32773];

    public static PictureHeader Read(ReadOnlySpan<byte> bytes)
    {
        bool little = bytes[0] == 'I';
        int count = Entries(bytes, little, out int start);
        long width = 0, height = 0, compression = 1;
        bool tiled = false;
        long[] offsets = [], lengths = [];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = bytes.Slice(start + 2 + EntryLength * i, EntryLength);
            switch (ExifOrientation.U16(entry, 0, little))
            {
                case WidthTag:
                    width = ExifOrientation.Value(entry, little);
                    break;
                case HeightTag:
                    height = ExifOrientation.Value(entry, little);
                    break;
                case CompressionTag:
                    compression = ExifOrientation.Value(entry, little);
                    break;
                case StripOffsetsTag:
                    offsets = Values(bytes, entry, little);
                    break;
                case StripByteCountsTag:
                    lengths = Values(bytes, entry, little);
                    break;
                case TileOffsetsTag:
                    tiled = true;
                    break;
            }
        }
        if (tiled || !s_compressions.Contains(compression))
            throw new InvalidDataException(
                $"it is a TIFF {(tiled ? "in tiles" : $"with compression {compression}")}, which is not supported; TIFF in strips without "
                + $"compression, or with LZW, deflate or PackBits, is. Save it as PNG");
        long size = bytes.Length;
        if (offsets.Length == 0 || offsets.Length != lengths.Length || offsets.Zip(lengths).Any(strip => strip.First + strip.Second > size))
            throw new InvalidDataException("the picture is truncated");
        return new PictureHeader("TIFF", (int)Math.Clamp(width, 0, int.MaxValue),
            (int)Math.Clamp(height, 0, int.MaxValue)) { Orientation = ExifOrientation.Read(bytes) };
    }

    /// <summary>Returns the file with its first picture only.</summary>
    public static byte[] FirstPage(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        int count = Entries(bytes, bytes[0] == 'I', out int start);
        copy.AsSpan(start + 2 + EntryLength * count, 4).Clear();
        return copy;
    }

    private static int Entries(ReadOnlySpan<byte> bytes, bool little, out int start)
    {
        uint offset = ExifOrientation.U32(bytes, 4, little);
        int count = offset + 2L <= bytes.Length ? ExifOrientation.U16(bytes, (int)offset, little) : int.MaxValue;
        if (count > MaximumEntries || offset + 2L + EntryLength * count + 4 > bytes.Length)
            throw new InvalidDataException("the picture is truncated");
        start = (int)offset;
        return count;
    }

    private static long[] Values(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> entry, bool little)
    {
        uint count = ExifOrientation.U32(entry, 4, little);
        int size = ExifOrientation.U16(entry, 2, little) switch { 3 => 2, 4 => 4, _ => 0 };
        if (size == 0 || count == 0 || count > bytes.Length / size)
            return [];
        long at = ExifOrientation.U32(entry, 8, little);
        ReadOnlySpan<byte> from = size * count <= 4 ? entry[8..] : at + size * count <= bytes.Length ? bytes[(int)at..] : [];
        if (from.IsEmpty)
            return [];
        long[] values = new long[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = size == 2 ? ExifOrientation.U16(from, 2 * i, little) : ExifOrientation.U32(from, 4 * i, little);
        return values;
    }
}
