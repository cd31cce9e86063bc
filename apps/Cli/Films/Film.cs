using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>Pictures that follow each other: a folder of them, or a video file. They are read one by one, as often as one likes.</summary>
internal abstract class Film(string path)
{
    /// <summary>Opens what a film may be: a folder of frames, an animated picture, a video file.</summary>
    /// <param name="path">What the user named.</param>
    /// <param name="folderRate">The rate of a folder's frames.</param>
    /// <param name="output">Where it is said what is left out.</param>
    /// <returns>Null where it is a picture that does not move.</returns>
    /// <exception cref="LwgException">It is none of them.</exception>
    /// <exception cref="IOException">It may be a video file, and there is no ffmpeg.</exception>
    public static Film? Open(string path, FrameRate folderRate, TextWriter output)
    {
        if (Directory.Exists(path))
            return new FrameFolder(path, folderRate, output);
        if (ImageCodec.IsPicture(path))
            return ImageCodec.Inspect(path).FrameCount > 1 ? new PictureFilm(path) : null;
        return ImageCodec.Explain(path) is { } other ? throw new ImageInputException($"'{path}': {other}.") : VideoFile.Open(path, output);
    }

    /// <summary>What the user named.</summary>
    public string Path { get; } = path;

    public abstract FrameRate Rate { get; }

    /// <summary>How many frames there should be; a video file knows for certain only when it was read.</summary>
    public abstract int ExpectedFrames { get; }

    /// <summary>The frames; all have one size.</summary>
    /// <exception cref="LwgException">One of them cannot be read.</exception>
    public abstract IEnumerable<PixelBuffer> Frames();

    /// <summary>A hash of all that is in it.</summary>
    public abstract string Hash();
}
