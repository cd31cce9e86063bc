using System.Text;

namespace Lwg.MLNet.Checkpoints;

/// <summary>Detects the type of a file from its first bytes, regardless of its name, for error messages that name the given type.</summary>
internal static class FileSignature
{
    /// <summary>The number of bytes that are examined.</summary>
    public const int Length = 512;

    private static readonly (byte[] Start, string What)[] s_starts =
    [
        ([0x93, .. "NUMPY"u8], "a numpy array (.npy)"),
        ([.. "PK\u0003\u0004"u8], "a zip file"),
        ([.. "PK\u0005\u0006"u8], "an empty zip file"),
        ([0x1F, 0x8B], "compressed with gzip; unpack it first"),
        ([.. "BZh"u8], "compressed with bzip2; unpack it first"),
        ([0xFD, .. "7zXZ"u8], "compressed with xz; unpack it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd; unpack it first"),
        ([0x04, 0x22, 0x4D, 0x18], "compressed with lz4; unpack it first"),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive; unpack it and name the file in it"),
        ([.. "Rar!"u8], "a rar archive; unpack it and name the file in it"),
        ([0x89, .. "HDF"u8], "an HDF5 file; save the arrays as .npz"),
        ([.. "MATLAB 5"u8], "a MATLAB file; save the arrays as .npz"),
        ([.. "GGUF"u8], "a GGUF file of a language model"),
        ([.. "Kaydara FBX"u8], "an FBX file; export the motion as BVH"),
        ([.. "glTF"u8], "a glTF file; export the motion as BVH"),
        ([.. "C3D"u8], "a C3D file; export the motion as BVH"),
        ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
        ([0x89, .. "PNG"u8], "a PNG picture"),
        ([.. "GIF8"u8], "a GIF picture"),
        ([.. "II*\0"u8], "a TIFF picture"),
        ([.. "MM\0*"u8], "a TIFF picture"),
        ([.. "%PDF"u8], "a PDF document"),
        ([.. "PAR1"u8], "a Parquet table"),
        ([0x7F, .. "ELF"u8], "a program"),
    ];

    /// <summary>Returns the type of a file as a continuation of "it is ..."; null if the type is unknown.</summary>
    /// <param name="start">The first bytes: <see cref="Length"/>, or all if there are fewer.</param>
    /// <param name="length">The length of the file in bytes.</param>
    public static string? Of(ReadOnlySpan<byte> start, long length)
    {
        if (length == 0)
            return "empty";
        foreach ((byte[] beginning, string what) in s_starts)
        {
            if (start.StartsWith(beginning))
                return what;
        }
        if (start.Length > 262 && start[257..].StartsWith("ustar"u8))
            return "a tar archive; unpack it and name the file in it";
        if (start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8))
            return "a WebP picture";
        if (OfBrand(start) is { } picture)
            return picture;
        return IsSafetensors(start, length) ? "a safetensors file" : OfFilm(start) ?? OfText(start);
    }

    /// <summary>Returns the type of film that begins with these bytes; null if it is not a film.</summary>
    public static string? OfFilm(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]))
            return "a WebM or Matroska film";
        if (start.Length < 12)
            return null;
        if (start.StartsWith("RIFF"u8))
            return start[8..].StartsWith("AVI "u8) ? "an AVI film" : null;
        return start[4..].StartsWith("ftyp"u8) && OfBrand(start) is null ? start[8..].StartsWith("qt  "u8) ? "a QuickTime film"
            : "an MP4 film" : null;
    }

    /// <summary>Whether a file begins like a safetensors file: the length of the header, and its JSON.</summary>
    public static bool IsSafetensors(ReadOnlySpan<byte> start, long length) =>
        start.Length > 8 && start[8] == '{' && System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(start) is >= 2 and var header
        && header <= (ulong)(length - 8);

    /// <summary>Whether a file begins like a BVH file.</summary>
    public static bool IsBvh(ReadOnlySpan<byte> start) =>
        Text(start).TrimStart().StartsWith("HIERARCHY", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the first bytes of a stream from its current position and restores the position.</summary>
    public static byte[] Start(Stream stream) => Start(stream, stream.Position);

    /// <summary>Reads the bytes at a position of a stream and seeks back to that position.</summary>
    public static byte[] Start(Stream stream, long position)
    {
        stream.Position = position;
        byte[] start = new byte[Length];
        Array.Resize(ref start, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
        stream.Position = position;
        return start;
    }

    // The type of picture in an ISO base media file, by its major brand.
    private static string? OfBrand(ReadOnlySpan<byte> start) =>
        start.Length < 12 || !start[4..].StartsWith("ftyp"u8) ? null : Encoding.Latin1.GetString(start[8..12]) switch
    {
        "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" or "mif1" or "msf1" =>
            "a HEIC picture, the format of many phones; convert it to JPEG or PNG first (or set the camera to 'most compatible')",
        "avif" or "avis" => "an AVIF picture; convert it to JPEG or PNG first",
        _ => null,
    };

    private static string? OfText(ReadOnlySpan<byte> start)
    {
        string text = Text(start).TrimStart();
        if (text.StartsWith("version https://git-lfs", StringComparison.Ordinal))
            return "a Git LFS pointer instead of the file; get the file itself with 'git lfs pull', or "
                + "download it";
        if (text.StartsWith('<'))
        {
            return text.Contains("html", StringComparison.OrdinalIgnoreCase)
                ? "a web page (HTML), sent when a download needs a login or a confirmation; download the file itself" : "an XML file";
        }
        if (IsBvh(start))
            return "a BVH motion";
        if (text.StartsWith('{') || text.StartsWith("[{", StringComparison.Ordinal) || text.StartsWith("[[", StringComparison.Ordinal))
            return "a JSON file";
        return null;
    }

    // Latin-1, or the encoding of the byte order mark.
    private static string Text(ReadOnlySpan<byte> start) => start switch
    {
        [0xEF, 0xBB, 0xBF, ..] => Encoding.Latin1.GetString(start[3..]),
        [0xFF, 0xFE, ..] => Encoding.Unicode.GetString(start[2..]),
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode.GetString(start[2..]),
        _ => Encoding.Latin1.GetString(start),
    };
}
