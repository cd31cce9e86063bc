using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Service;

/// <summary>Uploaded photographs.</summary>
internal static class Photo
{
    /// <summary>Decodes one, and makes it smaller if need be.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="maximumPixels">How many pixels are allowed: looked at before room is made for them.</param>
    /// <param name="side">The longer side of what is made, at most, pixels.</param>
    /// <returns>An image that the caller owns.</returns>
    /// <exception cref="ImageInputException">It is no picture, damaged, or too large.</exception>
    public static MLImage Decode(byte[] bytes, string name, int maximumPixels, int side)
    {
        PictureHeader header = ImageCodec.Inspect(bytes, name);
        // Its decoder has had more holes than the others, and telephones and cameras upload none.
        if (header.Format == "TIFF")
            throw new ImageInputException($"'{name}': TIFF is not taken here; JPEG, PNG, WebP, BMP and GIF are.");
        if ((long)header.Width * header.Height > maximumPixels)
            throw new ImageInputException($"'{name}': the picture has {header.Width} x {header.Height} pixels; at most "
                + $"{maximumPixels / 1e6:0.##} megapixels are allowed.");
        return ImageCodec.ToImage(ImageCodec.ShrinkToFit(ImageCodec.Decode(bytes, name), side));
    }
}
