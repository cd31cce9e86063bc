using System.Globalization;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The animation files that a command writes next to its frames.</summary>
internal static class Animations
{
    public const string SheetName = "contact_sheet.png";

    private const int MaximumWidth = 512;

    private const string WebPName = "animation.webp";
    private const string GifName = "animation.gif";
    private const string VideoName = "animation.mp4";

    /// <summary>The names of all files.</summary>
    public static IReadOnlyList<string> ResultNames { get; } = [SheetName, WebPName, GifName, VideoName];

    /// <summary>Writes animations of the frames, and a film if ffmpeg is on the path. Wide frames are shrunk in animations.</summary>
    /// <returns>The names of the files.</returns>
    public static async Task<List<string>> SaveAsync(int frameCount, FrameRate rate, ResultFolder folder, bool gif, Provenance? provenance,
        TextWriter output, CancellationToken cancellationToken, string? sound = null)
    {
        List<string> made = [WebPName];
        WebPAnimation.Save(Path.Combine(folder.Work, WebPName), Enumerable.Range(0, frameCount).Select(Frame), rate, provenance);
        if (gif)
        {
            int leftOut = GifAnimation.Save(Path.Combine(folder.Work, GifName), frameCount, Frame, rate.Value, provenance);
            made.Add(GifName);
            if (leftOut > 0)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{GifName} shows {frameCount - leftOut} of {frameCount} frames: {rate.Value:0.###} a second are more than the 50 "
                    + $"that browsers show of a GIF. Its duration is unchanged."));
        }
        if (await VideoWriter.TrySaveAsync(folder.FrameSequence, rate, Path.Combine(folder.Work, VideoName), provenance, sound,
            cancellationToken))
            made.Add(VideoName);
        else
            output.WriteLine("No MP4 is written, because there is no ffmpeg on the path.");
        return made;

        PixelBuffer Frame(int number)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PixelBuffer frame = ImageCodec.Load(folder.FramePath(number));
            return frame.Width <= MaximumWidth ? frame
                : frame.Resized(MaximumWidth, Resizing.Proportional(frame.Height, frame.Width, MaximumWidth));
        }
    }
}
