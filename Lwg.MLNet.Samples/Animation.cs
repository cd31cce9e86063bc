using ImageMagick;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Samples;

/// <summary>An animation that loops for ever, as WebP or GIF (ImageMagick does the work). It holds all its pictures, and so has at most 300.</summary>
internal sealed class Animation : IDisposable
{
    private const int MaximumFrames = 300;

    private readonly MagickImageCollection _images = [];
    private readonly double _framesPerSecond;
    private readonly uint _maximumWidth;

    /// <summary>Begins an animation.</summary>
    /// <param name="frameCount">How many frames there are; of more than 300 every second, third... is shown.</param>
    /// <param name="framesPerSecond">Their rate.</param>
    /// <param name="maximumWidth">Wider frames are made smaller, pixels.</param>
    public Animation(int frameCount, double framesPerSecond, int maximumWidth)
    {
        int stride = (frameCount + MaximumFrames - 1) / MaximumFrames;
        Shown = [.. Enumerable.Range(0, (frameCount + stride - 1) / stride).Select(i => i * stride)];
        (_framesPerSecond, _maximumWidth) = (framesPerSecond / stride, (uint)maximumWidth);
    }

    /// <summary>The numbers of the frames that it shows.</summary>
    public IReadOnlyList<int> Shown { get; }

    /// <summary>Adds the next frame.</summary>
    /// <param name="frame">An RGB picture.</param>
    public void Add(PixelBuffer frame)
    {
        var image = new MagickImage();
        _images.Add(image);
        image.ReadPixels(frame.Data, new PixelReadSettings((uint)frame.Width, (uint)frame.Height, StorageType.Char, PixelMapping.RGB));
        if (image.Width > _maximumWidth)
            image.Resize(_maximumWidth, 0);
        // Delays are whole hundredths of a second; what rounding leaves over goes to the next frame.
        image.AnimationTicksPerSecond = 100;
        image.AnimationDelay = (uint)(Hundredths(_images.Count) - Hundredths(_images.Count - 1));
        image.AnimationIterations = 0;
        image.Quality = 85;
    }

    /// <summary>Writes the animation.</summary>
    /// <param name="path">A .webp or .gif file.</param>
    /// <param name="provenance">How it came about, to be told in its metadata; null for nothing.</param>
    public void Save(string path, Provenance? provenance)
    {
        if (provenance is not null)
            _images[0].SetProfile(new XmpProfile(provenance.ToXmp()));
        else
            _images[0].RemoveProfile("xmp");
        MagickFormat format = Path.GetExtension(path).Equals(".gif", StringComparison.OrdinalIgnoreCase) ? MagickFormat.Gif : MagickFormat.WebP;
        AtomicFile.Write(path, stream => _images.Write(stream, format));
    }

    public void Dispose() => _images.Dispose();

    private double Hundredths(int frames) => Math.Round(100 * frames / _framesPerSecond);
}
