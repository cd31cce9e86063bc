using System.Globalization;

namespace Lwg.MLNet.Samples;

/// <summary>
/// The folder of the results. They are made in a folder of their own inside it and take their places together when all are there: who cancels, or
/// runs out of room, keeps the results of the run before.
/// </summary>
internal sealed class ResultFolder : IDisposable
{
    private const string FramePattern = "frame_*.png";

    private readonly bool _made;

    /// <summary>Makes the folder, if need be, and begins.</summary>
    /// <exception cref="LwgException">A file is in its place.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public ResultFolder(string path)
    {
        if (File.Exists(path))
            throw new LwgException($"'{path}' is a file; --out needs a folder.");
        FullPath = Path.GetFullPath(path);
        _made = !Directory.Exists(FullPath);
        Work = Path.Combine(FullPath, $".unfinished-{Guid.NewGuid():N}");
        Directory.CreateDirectory(WorkFrames);
    }

    public string FullPath { get; }

    /// <summary>Where the results are made.</summary>
    public string Work { get; }

    public string Frames => Path.Combine(FullPath, "frames");

    private string WorkFrames => Path.Combine(Work, "frames");

    /// <summary>Where a frame is made.</summary>
    /// <param name="number">Its number, from 0.</param>
    public string FramePath(int number) => Path.Combine(WorkFrames, string.Create(CultureInfo.InvariantCulture, $"frame_{number:000}.png"));

    /// <summary>The frames' names as ffmpeg wants them.</summary>
    public string FrameSequence => Path.Combine(WorkFrames, "frame_%03d.png");

    /// <summary>Puts the results into their places; what an earlier run left goes. Other files stay.</summary>
    public void Publish()
    {
        Directory.CreateDirectory(Frames);
        foreach (string old in Directory.GetFiles(Frames, FramePattern))
            File.Delete(old);
        foreach (string name in Animations.ResultNames)
            File.Delete(Path.Combine(FullPath, name));
        foreach (string file in Directory.GetFiles(Work, "*", SearchOption.AllDirectories))
            File.Move(file, Path.Combine(FullPath, Path.GetRelativePath(Work, file)), overwrite: true);
    }

    /// <summary>Removes what is unfinished, and the folder if it was made for nothing.</summary>
    public void Dispose()
    {
        Directory.Delete(Work, recursive: true);
        if (_made && !Directory.EnumerateFileSystemEntries(FullPath).Any())
            Directory.Delete(FullPath);
    }
}
