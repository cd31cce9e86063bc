using System.Diagnostics;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Makes an MP4 of numbered PNG frames, if ffmpeg is on the path.</summary>
internal static class VideoWriter
{
    /// <summary>Runs ffmpeg.</summary>
    /// <param name="frames">The name pattern of the frames in ffmpeg's syntax.</param>
    /// <param name="rate">The frame rate.</param>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="provenance">The provenance for the metadata; null for none.</param>
    /// <param name="sound">A film whose sound is added; null for none.</param>
    /// <param name="cancellationToken">Discards the result.</param>
    /// <returns>False if there is no ffmpeg.</returns>
    /// <exception cref="IOException">ffmpeg failed; the message contains its last error line.</exception>
    public static async Task<bool> TrySaveAsync(string frames, FrameRate rate, string path, Provenance? provenance, string? sound,
        CancellationToken cancellationToken)
    {
        string temporary = path + ".tmp.mp4";
        using Process? process = Ffmpeg.TryStart("ffmpeg",
        [
            "-y", "-nostdin", "-loglevel", "error", "-framerate", rate.ToString(), "-i", frames,
            .. sound is null ? Array.Empty<string>()
            : ["-i", Ffmpeg.FileArgument(sound), "-map", "0:v:0", "-map", "1:a:0", "-c:a", "aac", "-b:a", "160k", "-shortest"],
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p", "-colorspace", "bt709",
            "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
            // The film's own metadata, such as its location, are not copied.
            "-map_metadata", "-1", "-map_chapters", "-1", .. provenance is null ? Array.Empty<string>()
            : ["-metadata", $"comment=Digital source type: {provenance.SourceType}"], temporary,
        ]);
        if (process is null)
            return false;
        try
        {
            using CancellationTokenRegistration cancelled = cancellationToken.Register(process.Kill);
            string words = await process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
                throw new IOException($"ffmpeg could not write '{path}': {Ffmpeg.LastWords(words)}");
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
