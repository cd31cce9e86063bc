using ImageMagick;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Samples;

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
        using var image = new MagickImage();
        image.ReadPixels(picture.Data, new PixelReadSettings((uint)picture.Width, (uint)picture.Height, StorageType.Char, PixelMapping.RGB));
        image.Resize(new MagickGeometry((uint)width, (uint)height) { IgnoreAspectRatio = true });
        using IPixelCollection<byte> pixels = image.GetPixels();
        return PixelBuffer.Wrap(pixels.ToByteArray(PixelMapping.RGB)!, width, height);
    }

    /// <summary>The length of one side that keeps a picture's shape when the other one is changed.</summary>
    public static int Proportional(int side, int otherSide, int newOtherSide) => Math.Max(1, (int)Math.Round((double)side * newOtherSide / otherSide));
}
