using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Service;

/// <summary>Decodes uploaded photographs.</summary>
internal static class Photo
{
    /// <summary>Decodes a photograph, and shrinks it if necessary.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="maximumPixels">The maximum number of pixels, checked before memory is allocated for them.</param>
    /// <param name="side">The maximum length of the image's longer side, in pixels.</param>
    /// <returns>An image that the caller owns.</returns>
    /// <exception cref="ImageInputException">The file is not a picture, damaged, or too large.</exception>
    public static MLImage Decode(byte[] bytes, string name, int maximumPixels, int side)
    {
        PictureHeader header = ImageCodec.Inspect(bytes, name);
        // The TIFF decoder has had more vulnerabilities than the others, and phones and cameras do not upload TIFF.
        if (header.Format == "TIFF")
            throw new ImageInputException($"'{name}': TIFF is not accepted here; JPEG, PNG, WebP, BMP and GIF are.");
        if ((long)header.Width * header.Height > maximumPixels)
            throw new ImageInputException($"'{name}': the picture has {header.Width} x {header.Height} pixels; at most "
                + $"{maximumPixels / 1e6:0.##} megapixels are allowed.");
        return ImageCodec.ToImage(ImageCodec.ShrinkToFit(ImageCodec.Decode(bytes, name), side));
    }
}
