using System.Diagnostics;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Samples;

/// <summary>Makes an MP4 of numbered PNG frames where ffmpeg is on the path.</summary>
internal static class VideoWriter
{
    /// <summary>Runs ffmpeg.</summary>
    /// <returns>False where there is no ffmpeg.</returns>
    /// <exception cref="IOException">ffmpeg failed; the message holds its last words.</exception>
    public static async Task<bool> TrySaveAsync(string frames, FrameRate rate, string path, Provenance? provenance, CancellationToken cancellationToken)
    {
        string temporary = path + ".tmp.mp4";
        using Process? process = Ffmpeg.TryStart("ffmpeg",
        [
            "-y", "-nostdin", "-loglevel", "error", "-framerate", rate.ToString(), "-i", frames,
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", .. provenance is null ? Array.Empty<string>() : ["-metadata", $"comment=Digital source type: {provenance.SourceType}"], temporary,
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
