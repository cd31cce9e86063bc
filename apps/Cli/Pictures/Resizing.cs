using Lwg.MLNet.Imaging;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Lwg.MLNet.Cli;

/// <summary>Makes pictures larger or smaller.</summary>
internal static class Resizing
{
    /// <summary>A picture in another size; itself where it has that size.</summary>
    /// <param name="picture">RGB.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
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

    /// <summary>The length of one side that keeps a picture's shape when the other one is changed.</summary>
    public static int Proportional(int side, int otherSide, int newOtherSide) =>
        Math.Max(1, (int)Math.Round((double)side * newOtherSide / otherSide));

    /// <summary>An RGB picture as ImageSharp has it.</summary>
    public static Image<Rgb24> ToImageSharp(this PixelBuffer picture) =>
        Image.LoadPixelData<Rgb24>(picture.Data, picture.Width, picture.Height);
}
