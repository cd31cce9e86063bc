namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>What a picture file says of itself, read without decoding it.</summary>
/// <param name="Format">JPEG, PNG, WebP, BMP, GIF or TIFF.</param>
/// <param name="Width">Pixels a row as stored; upright, width and height may be exchanged.</param>
/// <param name="Height">Rows as stored.</param>
public sealed record PictureHeader(string Format, int Width, int Height)
{
    /// <summary>How many pictures follow each other in the file: more than 1 in animated GIF, WebP and PNG.</summary>
    public int FrameCount { get; init; } = 1;

    /// <summary>EXIF's orientation, 1 to 8.</summary>
    internal int Orientation { get; init; } = 1;

    /// <summary>The embedded colour profile of a JPEG (ICC); null for none.</summary>
    internal byte[]? Profile { get; init; }

    /// <summary>Where a JPEG's data end without its end marker.</summary>
    internal JpegEnd? End { get; init; }

    /// <summary>Reads the header of a picture.</summary>
    /// <returns>Null where it is no picture of a format that is read.</returns>
    /// <exception cref="InvalidDataException">It begins as such a picture and is damaged or cut short.</exception>
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
