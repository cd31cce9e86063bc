using System.Globalization;

namespace Lwg.MLNet.Cli;

/// <summary>
/// The folder of the results. They are made in a folder of their own inside it and take their places together when all are there: who
/// cancels, or runs out of room, keeps the results of the run before. A run that can go on leaves what is unfinished where it is; the next
/// one finds it there.
/// </summary>
internal sealed class ResultFolder : IDisposable
{
    private const string FramePattern = "frame_*.png";

    private readonly bool _made;
    private readonly FileStream _lock;
    private bool _published;

    /// <summary>Makes the folder, if need be, and begins, or goes on.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="goesOn">Whether it goes on with what a run before left unfinished, and leaves what is unfinished itself.</param>
    /// <param name="restart">Whether what a run before left is removed first.</param>
    /// <exception cref="LwgException">A file is in its place, or another run is at work in it.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public ResultFolder(string path, bool goesOn = false, bool restart = false)
    {
        if (File.Exists(path))
            throw new LwgException($"'{path}' is a file; --out needs a folder.");
        FullPath = Path.GetFullPath(path);
        _made = !Directory.Exists(FullPath);
        Work = Path.Combine(FullPath, goesOn ? ".unfinished" : $".unfinished-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Work);
        string lockFile = Path.Combine(Work, "lock");
        try
        {
            _lock = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(lockFile))
        {
            throw new LwgException($"Another run is at work in '{FullPath}'; one folder takes one at a time.", e);
        }
        foreach (string file in Directory.GetFiles(Work, "*", SearchOption.AllDirectories))
        {
            // Of a file that was being written when the run before was killed there is a piece, which no journal knows. The file's own name
            // tells, not those of the folders above.
            if (file != lockFile && (restart || Path.GetFileName(file).Contains(".tmp", StringComparison.Ordinal)))
                File.Delete(file);
        }
        Keeps = Directory.GetFiles(Work, "*", SearchOption.AllDirectories).Length > 1;
        Directory.CreateDirectory(WorkFrames);
    }

    public string FullPath { get; }

    /// <summary>Where the results are made.</summary>
    public string Work { get; }

    public string Frames => Path.Combine(FullPath, "frames");

    /// <summary>Whether there is something unfinished that a next run can go on with.</summary>
    public bool Keeps { get; set; }

    private string WorkFrames => Path.Combine(Work, "frames");

    /// <summary>Where a frame is made.</summary>
    /// <param name="number">Its number, from 0.</param>
    public string FramePath(int number) => Path.Combine(WorkFrames, string.Create(CultureInfo.InvariantCulture, $"frame_{number:000}.png"));

    /// <summary>The frames' names as ffmpeg wants them.</summary>
    public string FrameSequence => Path.Combine(WorkFrames.Replace("%", "%%", StringComparison.Ordinal), "frame_%03d.png");

    /// <summary>Puts the results into their places; what an earlier run left goes. Other files stay.</summary>
    public void Publish()
    {
        Directory.CreateDirectory(Frames);
        foreach (string old in Directory.GetFiles(Frames, FramePattern))
            File.Delete(old);
        foreach (string frame in Directory.GetFiles(WorkFrames, FramePattern))
            File.Move(frame, Path.Combine(Frames, Path.GetFileName(frame)));
        foreach (string name in Animations.ResultNames)
        {
            File.Delete(Path.Combine(FullPath, name));
            if (File.Exists(Path.Combine(Work, name)))
                File.Move(Path.Combine(Work, name), Path.Combine(FullPath, name));
        }
        _published = true;
    }

    /// <summary>Removes what is unfinished, unless it is kept, and the folder if it was made for nothing.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        if (Keeps && !_published)
            return;
        Directory.Delete(Work, recursive: true);
        if (_made && !Directory.EnumerateFileSystemEntries(FullPath).Any())
            Directory.Delete(FullPath);
    }
}
