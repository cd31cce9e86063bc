using System.Runtime.InteropServices;
using Lwg.MLNet.Transforms.Imaging;
using Microsoft.ML.Data;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Lwg.MLNet.ImageSharp;

/// <summary>ImageSharp's pictures to and from ML.NET's images, from memory to memory.</summary>
public static class ImageSharpImages
{
    /// <summary>An ML.NET image of an ImageSharp picture; the caller owns it. Orientations in the picture's EXIF are not applied
    /// (AutoOrient does that).</summary>
    /// <param name="picture">The picture, of any pixel type; its first frame is taken.</param>
    /// <exception cref="ImageInputException">A side has none or too many pixels.</exception>
    public static MLImage ToMLImage(this Image picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        using Image<Bgra32>? converted = picture is Image<Bgra32> ? null : picture.CloneAs<Bgra32>();
        Image<Bgra32> image = converted ?? (Image<Bgra32>)picture;
        byte[] pixels = new byte[checked(4 * image.Width * image.Height)];
        image.CopyPixelDataTo(pixels);
        return PixelSpans.ToImage(pixels, image.Width, image.Height, PixelLayout.Bgra);
    }

    /// <summary>An ImageSharp picture of an ML.NET image, with straight alpha; the caller owns it.</summary>
    /// <param name="image">The image.</param>
    public static Image<Rgba32> ToImageSharp(this MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte[] pixels = new byte[checked(4 * image.Width * image.Height)];
        PixelSpans.CopyTo(image, pixels, PixelLayout.Rgba);
        return Image.LoadPixelData<Rgba32>(MemoryMarshal.Cast<byte, Rgba32>(pixels), image.Width, image.Height);
    }
}
