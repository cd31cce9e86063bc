using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>A picture file whose pictures follow each other: animated GIF, WebP or PNG. The frames are decoded one by one, however many
/// there are.</summary>
public sealed class AnimatedPicture
{
    // Browsers show frames that ask for less as if they asked for a tenth of a second.
    private const int ShortestDuration = 20, UsualDuration = 100;

    private readonly byte[] _bytes;
    private readonly string _path;
    private readonly bool _isPng;

    private AnimatedPicture(byte[] bytes, string path, PictureHeader header)
    {
        (_bytes, _path, _isPng) = (bytes, path, header.Format == PictureSignature.Png);
        using IFrames frames = Open();
        Durations = [.. frames.Durations.Select(duration => duration < ShortestDuration ? UsualDuration : duration)];
    }

    /// <summary>How long each frame is shown, milliseconds; less than 20 counts as 100, as in browsers.</summary>
    public IReadOnlyList<int> Durations { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageInputException">It is missing, no picture with several frames, damaged, or outside the limits.</exception>
    public static AnimatedPicture Open(string path)
    {
        byte[] bytes = ImageCodec.ReadFile(path);
        PictureHeader header = ImageCodec.Inspect(bytes, path);
        ImageCodec.CheckSize(header.Width, header.Height, path);
        if (header.FrameCount < 2)
            throw new ImageInputException($"'{path}': the {header.Format} has one frame.");
        return Checked(path, () => new AnimatedPicture(bytes, path, header));
    }

    /// <summary>The frames as they are seen, one after another; what is transparent is white.</summary>
    /// <exception cref="ImageInputException">One of them is damaged or cut short.</exception>
    public IEnumerable<PixelBuffer> Frames()
    {
        using IFrames frames = Checked(_path, Open);
        for (int i = 0; i < Durations.Count; i++)
        {
            int number = i;
            yield return Checked($"{_path}', frame '{number}", () => frames.Decode(number, keepAlpha: true).OnWhite());
        }
    }

    private IFrames Open() => _isPng ? new ApngFile(_bytes) : SkiaPicture.Open(_bytes);

    private static T Checked<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new ImageInputException($"'{name}': {e.Message}.", e);
        }
    }

    /// <summary>What decodes the frames of a file, in rising order.</summary>
    internal interface IFrames : IDisposable
    {
        /// <summary>How long each frame asks to be shown, milliseconds.</summary>
        int[] Durations { get; }

        /// <summary>A frame as it is seen.</summary>
        PixelBuffer Decode(int number, bool keepAlpha);
    }
}
