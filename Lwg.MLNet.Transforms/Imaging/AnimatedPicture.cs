using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Transforms.Imaging;

/// <summary>A picture file with several frames: animated GIF, WebP or PNG. The frames are decoded one at a time.</summary>
public sealed class AnimatedPicture
{
    // Browsers show frames with a shorter duration for a tenth of a second.
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

    /// <summary>The duration of each frame, in milliseconds; less than 20 counts as 100, as in browsers.</summary>
    public IReadOnlyList<int> Durations { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ImageInputException">The file is missing, is not a picture with several frames, is damaged, or exceeds the
    /// limits.</exception>
    public static AnimatedPicture Open(string path)
    {
        byte[] bytes = ImageCodec.ReadFile(path);
        PictureHeader header = ImageCodec.Inspect(bytes, path);
        ImageCodec.CheckSize(header.Width, header.Height, path);
        if (header.FrameCount < 2)
            throw new ImageInputException($"'{path}': the {header.Format} has one frame.");
        return Checked(path, () => new AnimatedPicture(bytes, path, header));
    }

    /// <summary>Decodes the composed frames one at a time, on a white background.</summary>
    /// <exception cref="ImageInputException">A frame is damaged or truncated.</exception>
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

    /// <summary>A decoder of the frames of a file, in ascending order.</summary>
    internal interface IFrames : IDisposable
    {
        /// <summary>The stored duration of each frame, in milliseconds.</summary>
        int[] Durations { get; }

        /// <summary>Decodes a composed frame.</summary>
        PixelBuffer Decode(int number, bool keepAlpha);
    }
}
