using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>A video file, read through ffmpeg: a stream of 8-bit PPM pictures in sRGB, upright, with square pixels, at the film's mean
/// rate.</summary>
internal sealed class VideoFile : Film
{
    private readonly TextWriter _output;
    private readonly VideoColours _colours;

    private VideoFile(string path, FrameRate rate, int expectedFrames, VideoColours colours, TextWriter output) : base(path) =>
        (Rate, ExpectedFrames, _colours, _output) = (rate, expectedFrames, colours, output);

    public override FrameRate Rate { get; }

    public override int ExpectedFrames { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">Receives ffmpeg's messages about damaged frames, which are skipped.</param>
    /// <exception cref="ImageInputException">The file is not a film.</exception>
    /// <exception cref="IOException">There is no ffmpeg.</exception>
    public static VideoFile Open(string path, TextWriter output)
    {
        using Process probe = Start("ffprobe", path,
            ["-v", "error", "-select_streams", "V:0", "-show_entries",
                "stream=avg_frame_rate,r_frame_rate,width,height,pix_fmt,color_range,color_space,"
                + "color_transfer,color_primaries:format=duration",
                "-of", "json", Ffmpeg.FileArgument(path)]);
        Task<string> words = probe.StandardError.ReadToEndAsync();
        string told = probe.StandardOutput.ReadToEnd();
        probe.WaitForExit();
        if (probe.ExitCode != 0)
            throw NoFilm(Ffmpeg.LastWords(words.GetAwaiter().GetResult()));
        using JsonDocument json = JsonDocument.Parse(told);
        if (!json.RootElement.TryGetProperty("streams", out JsonElement streams) || streams.GetArrayLength() == 0)
            throw NoFilm("it has no video stream");
        FrameRate rate = FrameRate.Parse(Text(streams[0], "avg_frame_rate")) ?? FrameRate.Parse(Text(streams[0], "r_frame_rate"))
            ?? throw NoFilm("it has no frame rate");
        bool timed = double.TryParse(json.RootElement.TryGetProperty("format", out JsonElement format) ? Text(format, "duration")
            : null, CultureInfo.InvariantCulture, out double seconds);
        return new VideoFile(path, rate, timed ? (int)Math.Clamp(Math.Round(seconds * rate.Value), 1, int.MaxValue)
            : 1, VideoColours.Of(streams[0]), output);

        ImageInputException NoFilm(string reason) => new($"'{path}': it is neither a picture nor a film that ffmpeg can read: {reason}.");
        static string? Text(JsonElement element, string name) =>
            element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
    }

    public override IEnumerable<PixelBuffer> Frames()
    {
        using Process ffmpeg = Start("ffmpeg", Path,
            ["-nostdin", "-v", "error", "-i", Ffmpeg.FileArgument(Path), "-map", "0:V:0", "-vf", $"fps={Rate},{_colours.ToSdr}", "-f",
                "image2pipe", "-c:v", "ppm", "-"]);
        try
        {
            Task<string> words = ffmpeg.StandardError.ReadToEndAsync();
            using var stream = new BufferedStream(ffmpeg.StandardOutput.BaseStream, 1 << 16);
            int number = 0;
            while (ReadFrame(stream) is { } frame)
            {
                number++;
                yield return frame;
            }
            ffmpeg.WaitForExit();
            string said = Ffmpeg.LastWords(words.GetAwaiter().GetResult());
            if (ffmpeg.ExitCode != 0 || number == 0)
                throw new ImageInputException($"'{Path}': ffmpeg could not read the film beyond its first {number} frames: {said}.");
            if (said.Length > 0)
                _output.WriteLine($"ffmpeg reports for '{Path}': {said}");
        }
        finally
        {
            if (!ffmpeg.HasExited)
                ffmpeg.Kill();
        }
    }

    /// <summary>Returns whether the file has sound.</summary>
    public bool HasSound()
    {
        using Process probe = Start("ffprobe", Path,
            ["-v", "error", "-select_streams", "a:0", "-show_entries", "stream=codec_type", "-of", "csv=p=0", Ffmpeg.FileArgument(Path)]);
        Task<string> words = probe.StandardError.ReadToEndAsync();
        bool told = probe.StandardOutput.ReadToEnd().Contains("audio", StringComparison.Ordinal);
        words.GetAwaiter().GetResult();
        return told;
    }

    public override string Hash() => ContentHash.OfFile(Path);

    private static Process Start(string program, string path, string[] arguments) => Ffmpeg.TryStart(program, arguments)
        ?? throw new IOException($"'{path}' is not a picture; if it is a film, {program} (a part of ffmpeg) is required on the path, but "
        + $"it is missing.");

    /// <summary>Reads the next picture; null at the end of the stream.</summary>
    private PixelBuffer? ReadFrame(BufferedStream stream)
    {
        if (Word() is not { } kind)
            return null;
        if (kind != "P6" || !int.TryParse(Word(), out int width) || !int.TryParse(Word(), out int height) || Word() != "255")
            throw new ImageInputException($"'{Path}': ffmpeg did not return 8-bit pictures.");
        ImageCodec.CheckSize(width, height, Path, "film");
        var picture = new PixelBuffer(width, height);
        if (stream.ReadAtLeast(picture.Data, picture.Data.Length, throwOnEndOfStream: false) < picture.Data.Length)
            throw new ImageInputException($"'{Path}': ffmpeg stopped in the middle of a frame.");
        return picture;

        // Reads a word up to a single white-space character.
        string? Word()
        {
            string word = "";
            for (int next; (next = stream.ReadByte()) >= 0 && next > ' ';)
                word += (char)next;
            return word.Length == 0 ? null : word;
        }
    }
}
