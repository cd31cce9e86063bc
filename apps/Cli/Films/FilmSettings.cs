namespace Lwg.MLNet.Cli;

/// <summary>The settings for reading a film.</summary>
internal sealed record FilmSettings
{
    /// <summary>The rate of a folder's frames; a video file has its own.</summary>
    public FrameRate Rate { get; init; } = new(25, 1);

    /// <summary>The standard deviation of the smoothing in time, in seconds; 0 for none.</summary>
    public double Smooth { get; init; } = 0.08;

    /// <summary>The maximum number of consecutive frames with an unclear person that are filled in.</summary>
    public int FillGaps { get; init; }
}
