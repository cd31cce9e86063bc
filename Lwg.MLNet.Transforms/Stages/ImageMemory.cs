using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>Tells the garbage collector what images weigh: their pixels are outside its heap, and without this it would not know that an
/// abandoned one is worth collecting.</summary>
internal static class ImageMemory
{
    private static readonly ConditionalWeakTable<MLImage, Pressure> s_pressure = [];

    /// <summary>Counts an image until it is collected.</summary>
    /// <param name="image">An image that is handed out.</param>
    /// <returns>The same image.</returns>
    public static MLImage Count(MLImage image)
    {
        s_pressure.Add(image, new Pressure(4L * image.Width * image.Height));
        return image;
    }

    /// <summary>A copy for somebody who owns what he gets; null of null.</summary>
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
