using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>An animated GIF, WebP or PNG. If its frames have different durations, it is sampled at its mean rate, like a video
/// file.</summary>
internal sealed class PictureFilm : Film
{
    private readonly AnimatedPicture _picture;
    private readonly long _duration;

    /// <summary>Opens a file.</summary>
    /// <exception cref="ImageInputException">The file is not an animated picture.</exception>
    public PictureFilm(string path) : base(path)
    {
        _picture = AnimatedPicture.Open(path);
        _duration = _picture.Durations.Sum(duration => (long)duration);
        Rate = FrameRate.Reduced(1000L * _picture.Durations.Count, _duration);
    }

    public override FrameRate Rate { get; }

    public override int ExpectedFrames => _picture.Durations.Count;

    public override IEnumerable<PixelBuffer> Frames()
    {
        int made = 0, number = 0;
        long end = 0;
        foreach (PixelBuffer frame in _picture.Frames())
        {
            end += _picture.Durations[number++];
            // The frame that is shown at the middle of each step of the rate.
            for (; made < ExpectedFrames && (2 * made + 1) * _duration < 2 * ExpectedFrames * end; made++)
                yield return frame;
        }
    }

    public override string Hash() => ContentHash.OfFile(Path);
}
