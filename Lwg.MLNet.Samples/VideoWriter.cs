using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Samples;

/// <summary>Makes an MP4 of numbered PNG frames where ffmpeg is on the path.</summary>
internal static class VideoWriter
{
    /// <summary>Runs ffmpeg.</summary>
    /// <returns>False where there is no ffmpeg.</returns>
    /// <exception cref="IOException">ffmpeg failed; the message holds its last words.</exception>
    public static async Task<bool> TrySaveAsync(string frames, float framesPerSecond, string path, Provenance? provenance, CancellationToken cancellationToken)
    {
        string temporary = path + ".tmp.mp4";
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardError = true };
        foreach (string argument in (string[])
        [
            "-y", "-nostdin", "-loglevel", "error", "-framerate", framesPerSecond.ToString(CultureInfo.InvariantCulture), "-i", frames,
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", .. provenance is null ? Array.Empty<string>() : ["-metadata", $"comment=Digital source type: {provenance.SourceType}"], temporary,
        ])
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start)!;
            using CancellationTokenRegistration cancelled = cancellationToken.Register(process.Kill);
            string words = await process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
                throw new IOException($"ffmpeg could not write '{path}': {words.Trim()}");
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
