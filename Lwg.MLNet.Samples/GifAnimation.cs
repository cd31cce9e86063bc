using ImageMagick;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Samples;

/// <summary>Writes an animated GIF that loops for ever. ImageMagick does the work and holds all pictures meanwhile, and so there are at most 300.</summary>
internal static class GifAnimation
{
    private const int MaximumFrames = 300;

    /// <summary>Of how many frames one is shown: of more than 300 every second, third...</summary>
    public static int Stride(int frameCount) => (frameCount + MaximumFrames - 1) / MaximumFrames;

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="frames">RGB pictures of one size.</param>
    /// <param name="framesPerSecond">Their rate.</param>
    /// <param name="provenance">How they came about, to be told in its metadata; null for nothing.</param>
    public static void Save(string path, IEnumerable<PixelBuffer> frames, double framesPerSecond, Provenance? provenance)
    {
        using var images = new MagickImageCollection();
        foreach (PixelBuffer frame in frames)
        {
            var image = new MagickImage();
            images.Add(image);
            image.ReadPixels(frame.Data, new PixelReadSettings((uint)frame.Width, (uint)frame.Height, StorageType.Char, PixelMapping.RGB));
            // Delays are whole hundredths of a second; what rounding leaves over goes to the next frame.
            image.AnimationTicksPerSecond = 100;
            image.AnimationDelay = (uint)(Hundredths(images.Count) - Hundredths(images.Count - 1));
            image.AnimationIterations = 0;
        }
        if (provenance is not null)
            images[0].SetProfile(new XmpProfile(provenance.ToXmp()));
        AtomicFile.Write(path, stream => images.Write(stream, MagickFormat.Gif));

        double Hundredths(int count) => Math.Round(100 * count / framesPerSecond);
    }
}
