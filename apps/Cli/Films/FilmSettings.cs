namespace Lwg.MLNet.Cli;

/// <summary>How a film is read.</summary>
internal sealed record FilmSettings
{
    /// <summary>The rate of a folder's frames; a video file has its own.</summary>
    public FrameRate Rate { get; init; } = new(25, 1);

    /// <summary>The standard deviation of the smoothing in time, seconds; 0 for none.</summary>
    public double Smooth { get; init; } = 0.08;

    /// <summary>How many frames in a row may be filled in where the person is not clear.</summary>
    public int FillGaps { get; init; }
}
