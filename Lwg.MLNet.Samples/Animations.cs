using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Samples;

/// <summary>The files that a command which makes frames puts beside them.</summary>
internal static class Animations
{
    public const string SheetName = "contact_sheet.png";
    public const int Width = 512;

    private const string WebPName = "animation.webp";
    private const string GifName = "animation.gif";
    private const string VideoName = "animation.mp4";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> ResultNames { get; } = [SheetName, WebPName, GifName, VideoName];

    /// <summary>Writes the animation of the frames that are there, and a film where ffmpeg is on the path.</summary>
    /// <returns>The names of the files.</returns>
    public static async Task<List<string>> SaveAsync(int frameCount, FrameRate rate, ResultFolder folder, bool gif, Provenance? provenance, TextWriter output, CancellationToken cancellationToken)
    {
        List<string> made = gif ? [WebPName, GifName] : [WebPName];
        using (var animation = new Animation(frameCount, rate.Value, Width))
        {
            foreach (int number in animation.Shown)
            {
                cancellationToken.ThrowIfCancellationRequested();
                animation.Add(ImageCodec.Load(folder.FramePath(number)));
            }
            foreach (string name in made)
            {
                cancellationToken.ThrowIfCancellationRequested();
                animation.Save(Path.Combine(folder.Work, name), provenance);
            }
            if (animation.Shown.Count < frameCount)
                output.WriteLine($"{string.Join(" and ", made)} show {animation.Shown.Count} of the {frameCount} frames.");
        }
        if (await VideoWriter.TrySaveAsync(folder.FrameSequence, rate, Path.Combine(folder.Work, VideoName), provenance, cancellationToken))
            made.Add(VideoName);
        else
            output.WriteLine("No MP4 is made, because there is no ffmpeg on the path.");
        return made;
    }
}
