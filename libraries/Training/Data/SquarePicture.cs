using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Training.Data;

/// <summary>Resizes square pictures to the size of a training stage.</summary>
internal static class SquarePicture
{
    /// <summary>Fills a tensor.</summary>
    /// <param name="picture">A square picture.</param>
    /// <param name="size">S, pixels.</param>
    /// <param name="tensor">[3,S,S], receives values in [-1,1].</param>
    public static void Fill(PixelBuffer picture, int size, float[] tensor)
    {
        if (picture.Width == size)
        {
            picture.ToTensor(tensor);
            return;
        }
        float scale = (float)picture.Width / size;
        SquareCrop.Crop(picture, new CropTransform(scale, 0, 0, 0, scale, 0), size, tensor);
        // Resampling overshoots at edges.
        for (int i = 0; i < tensor.Length; i++)
            tensor[i] = Math.Clamp(tensor[i], -1, 1);
    }
}
