using Lwg.MLNet.Imaging;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>A sequence of pictures: a folder of frames, an animated picture, or a video file. The frames are read one by one, any number
/// of times.</summary>
internal abstract class Film(string path)
{
    /// <summary>Opens a folder of frames, an animated picture or a video file.</summary>
    /// <param name="path">The path of the folder or file.</param>
    /// <param name="folderRate">The rate of a folder's frames.</param>
    /// <param name="output">Receives a message about files that are skipped.</param>
    /// <returns>The film; null for a still picture.</returns>
    /// <exception cref="LwgException">The path is not one of them.</exception>
    /// <exception cref="IOException">The path may be a video file, but there is no ffmpeg.</exception>
    public static Film? Open(string path, FrameRate folderRate, TextWriter output)
    {
        if (Directory.Exists(path))
            return new FrameFolder(path, folderRate, output);
        if (ImageCodec.IsPicture(path))
            return ImageCodec.Inspect(path).FrameCount > 1 ? new PictureFilm(path) : null;
        return ImageCodec.Explain(path) is { } other ? throw new ImageInputException($"'{path}': {other}.") : VideoFile.Open(path, output);
    }

    /// <summary>The path of the folder or file.</summary>
    public string Path { get; } = path;

    public abstract FrameRate Rate { get; }

    /// <summary>The expected number of frames; exact for a video file only after it is read.</summary>
    public abstract int ExpectedFrames { get; }

    /// <summary>Returns the frames, all of the same size.</summary>
    /// <exception cref="LwgException">A frame cannot be read.</exception>
    public abstract IEnumerable<PixelBuffer> Frames();

    /// <summary>Computes a hash of the content.</summary>
    public abstract string Hash();
}
