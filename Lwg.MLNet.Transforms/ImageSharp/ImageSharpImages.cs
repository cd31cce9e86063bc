using System.Runtime.InteropServices;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Lwg.MLNet.ImageSharp;

/// <summary>Conversions between ImageSharp pictures and ML.NET images in memory.</summary>
public static class ImageSharpImages
{
    /// <summary>Converts an ImageSharp picture to an ML.NET image; the caller owns it. The EXIF orientation is not applied (use
    /// AutoOrient).</summary>
    /// <param name="picture">The picture, of any pixel type; its first frame is used.</param>
    /// <exception cref="ImageInputException">A side has no pixels or too many.</exception>
    public static MLImage ToMLImage(this Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        using Image<Bgra32>? converted = picture is Image<Bgra32> ? null : picture.CloneAs<Bgra32>();
        Image<Bgra32> image = converted ?? (Image<Bgra32>)picture;
        byte[] pixels = new byte[checked(4 * image.Width * image.Height)];
        image.CopyPixelDataTo(pixels);
        return PixelSpans.ToImage(pixels, image.Width, image.Height, PixelLayout.Bgra);
    }

    /// <summary>Converts an ML.NET image to an ImageSharp picture with straight alpha; the caller owns it.</summary>
    /// <param name="image">The image, Bgra32 or Rgba32.</param>
    /// <exception cref="ImageInputException">The image has another pixel format.</exception>
    public static Image<Rgba32> ToImageSharp(this MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte[] pixels = new byte[checked(4 * image.Width * image.Height)];
        PixelSpans.CopyTo(image, pixels, PixelLayout.Rgba);
        return Image.LoadPixelData<Rgba32>(MemoryMarshal.Cast<byte, Rgba32>(pixels), image.Width, image.Height);
    }
}
