using Lwg.MLNet.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Lwg.MLNet.Cli;

/// <summary>Resizes pictures.</summary>
internal static class Resizing
{
    /// <summary>Resizes a picture; returns the picture itself if it already has the size.</summary>
    /// <param name="picture">RGB.</param>
    /// <param name="width">The new width in pixels.</param>
    /// <param name="height">The new height in pixels.</param>
    public static PixelBuffer Resized(this PixelBuffer picture, int width, int height)
    {
        if ((picture.Width, picture.Height) == (width, height))
            return picture;
        using Image<Rgb24> image = picture.ToImageSharp();
        image.Mutate(i => i.Resize(width, height, KnownResamplers.Lanczos3));
        byte[] pixels = new byte[3 * width * height];
        image.CopyPixelDataTo(pixels);
        return PixelBuffer.Wrap(pixels, width, height);
    }

    /// <summary>Returns the length of one side that keeps the aspect ratio when the other side changes.</summary>
    public static int Proportional(int side, int otherSide, int newOtherSide) =>
        Math.Max(1, (int)Math.Round((double)side * newOtherSide / otherSide));

    /// <summary>Converts an RGB picture to an ImageSharp image.</summary>
    public static Image<Rgb24> ToImageSharp(this PixelBuffer picture) =>
        Image.LoadPixelData<Rgb24>(picture.Data, picture.Width, picture.Height);
}
