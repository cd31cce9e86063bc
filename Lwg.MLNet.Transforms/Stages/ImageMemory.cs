using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Reports the size of images to the garbage collector. Their pixels are outside the managed heap; without this, unreachable
/// images are not collected soon enough.</summary>
internal static class ImageMemory
{
    private static readonly ConditionalWeakTable<MLImage, Pressure> s_pressure = [];

    /// <summary>Adds the memory of an image until it is collected.</summary>
    /// <param name="image">An image that is returned to a caller.</param>
    /// <returns>The same image.</returns>
    public static MLImage Count(MLImage image)
    {
        s_pressure.Add(image, new Pressure(4L * image.Width * image.Height));
        return image;
    }

    /// <summary>Creates a copy for a caller that owns it; null for null.</summary>
    public static MLImage Copy(MLImage? image) =>
        image is null ? null! : Count(MLImage.CreateFromPixels(image.Width, image.Height, image.PixelFormat, image.Pixels));

    private sealed class Pressure
    {
        private readonly long _bytes;

        public Pressure(long bytes)
        {
            _bytes = bytes;
            GC.AddMemoryPressure(bytes);
        }

        ~Pressure() => GC.RemoveMemoryPressure(_bytes);
    }
}
