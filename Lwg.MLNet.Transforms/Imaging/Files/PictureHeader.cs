namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>The header of a picture file, read without decoding the picture.</summary>
/// <param name="Format">JPEG, PNG, WebP, BMP, GIF or TIFF.</param>
/// <param name="Width">Pixels per row as stored; the orientation can swap width and height.</param>
/// <param name="Height">Rows as stored.</param>
public sealed record PictureHeader(string Format, int Width, int Height)
{
    /// <summary>The number of frames: more than 1 in animated GIF, WebP and PNG.</summary>
    public int FrameCount { get; init; } = 1;

    /// <summary>The EXIF orientation, 1 to 8.</summary>
    internal int Orientation { get; init; } = 1;

    /// <summary>The embedded colour profile of a JPEG (ICC); null for none.</summary>
    internal byte[]? Profile { get; init; }

    /// <summary>The end of the data of a JPEG without end marker; null for other files.</summary>
    internal JpegEnd? End { get; init; }

    /// <summary>Reads the header of a picture.</summary>
    /// <returns>The header, or null if the bytes are not a picture of a supported format.</returns>
    /// <exception cref="InvalidDataException">The picture is damaged or truncated.</exception>
    internal static PictureHeader? Read(ReadOnlySpan<byte> bytes) => PictureSignature.FormatOf(bytes) switch
    {
        PictureSignature.Jpeg => JpegFile.Read(bytes),
        PictureSignature.Png => PngFile.Read(bytes),
        PictureSignature.WebP => WebPFile.Read(bytes),
        PictureSignature.Bmp => BmpFile.Read(bytes),
        PictureSignature.Gif => GifFile.Read(bytes),
        PictureSignature.Tiff => TiffFile.Read(bytes),
        _ => null,
    };
}
