using System.Globalization;

namespace Lwg.MLNet.Cli;

/// <summary>
/// The folder of the results. They are made in a work folder inside it and are moved together when all are complete: a run that is
/// cancelled or runs out of disk space keeps the results of the previous run. A resumable run leaves unfinished results for the next run.
/// </summary>
internal sealed class ResultFolder : IDisposable
{
    private const string FramePattern = "frame_*.png";

    private readonly bool _made;
    private readonly FileStream _lock;
    private bool _published;

    /// <summary>Creates the folder if necessary, and starts or resumes a run.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="goesOn">Whether the run resumes the unfinished results of a previous run, and keeps its own.</param>
    /// <param name="restart">Whether unfinished results of a previous run are removed first.</param>
    /// <exception cref="LwgException">The path is a file, or another run uses the folder.</exception>
    /// <exception cref="IOException">The folder cannot be created.</exception>
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
            throw new LwgException($"Another run is using '{FullPath}'; a folder allows one run at a time.", e);
        }
        foreach (string file in Directory.GetFiles(Work, "*", SearchOption.AllDirectories))
        {
            // A killed run leaves parts of files that it was writing, which no journal contains. Only the file's own name is checked, not
            // its folders.
            if (file != lockFile && (restart || Path.GetFileName(file).Contains(".tmp", StringComparison.Ordinal)))
                File.Delete(file);
        }
        Keeps = Directory.GetFiles(Work, "*", SearchOption.AllDirectories).Length > 1;
        Directory.CreateDirectory(WorkFrames);
    }

    public string FullPath { get; }

    /// <summary>The folder in which the results are made.</summary>
    public string Work { get; }

    public string Frames => Path.Combine(FullPath, "frames");

    /// <summary>Whether there are unfinished results that a next run can resume.</summary>
    public bool Keeps { get; set; }

    private string WorkFrames => Path.Combine(Work, "frames");

    /// <summary>Returns the path at which a frame is made.</summary>
    /// <param name="number">The frame's number, from 0.</param>
    public string FramePath(int number) => Path.Combine(WorkFrames, string.Create(CultureInfo.InvariantCulture, $"frame_{number:000}.png"));

    /// <summary>The pattern of the frames' names for ffmpeg.</summary>
    public string FrameSequence => Path.Combine(WorkFrames.Replace("%", "%%", StringComparison.Ordinal), "frame_%03d.png");

    /// <summary>Moves the results to their places and removes those of an earlier run. Other files stay.</summary>
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

    /// <summary>Removes unfinished results, unless they are kept, and the folder if this run created it and it is empty.</summary>
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
