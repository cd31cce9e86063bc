using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Samples;

/// <summary>Pictures that follow each other: a folder of them, or a video file. They are read one by one, as often as one likes.</summary>
internal abstract class Film(string path)
{
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
