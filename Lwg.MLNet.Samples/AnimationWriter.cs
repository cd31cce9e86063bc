using ImageMagick;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Samples;

/// <summary>Writes frames as an animated WebP (ImageMagick does the work).</summary>
internal static class AnimationWriter
{
    /// <summary>Writes an animation that loops for ever.</summary>
    /// <param name="frames">RGB frames of one size.</param>
    /// <param name="framesPerSecond">Their rate.</param>
    /// <param name="path">A .webp or .gif file.</param>
    public static void Save(IReadOnlyList<PixelBuffer> frames, float framesPerSecond, string path)
    {
        using var animation = new MagickImageCollection();
        // Delays are whole hundredths of a second; what rounding leaves over goes to the next frame.
        double shown = 0;
        for (int i = 0; i < frames.Count; i++)
        {
            PixelBuffer frame = frames[i];
            var image = new MagickImage();
            image.ReadPixels(frame.Data, new PixelReadSettings((uint)frame.Width, (uint)frame.Height, StorageType.Char, PixelMapping.RGB));
            double end = Math.Round(100.0 * (i + 1) / framesPerSecond);
            image.AnimationDelay = (uint)(end - shown);
            image.AnimationTicksPerSecond = 100;
            image.AnimationIterations = 0;
            image.Quality = 85;
            shown = end;
            animation.Add(image);
        }
        MagickFormat format = Path.GetExtension(path).Equals(".gif", StringComparison.OrdinalIgnoreCase) ? MagickFormat.Gif : MagickFormat.WebP;
        AtomicFile.Write(path, stream => animation.Write(stream, format));
    }
}
