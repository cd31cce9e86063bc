namespace Lwg.MLNet.Samples;

/// <summary>What the command line asks for.</summary>
internal sealed record ImitateSettings
{
    public const int DefaultSize = 256;

    /// <summary>One of <see cref="SamplePeople.Names"/>; counts where there is no <see cref="Source"/>.</summary>
    public string Person { get; init; } = "anna";

    public string? Source { get; init; }

    public string? Keypoints { get; init; }

    /// <summary>A motion's name or file; counts where there is no <see cref="Reference"/>.</summary>
    public string Motion { get; init; } = "walk";

    public string? Reference { get; init; }

    public string? ReferenceKeypoints { get; init; }

    public string Out { get; init; } = "out";

    /// <summary>S, the side of the person's square in pixels; a loaded model brings its own.</summary>
    public int Size { get; init; } = DefaultSize;

    public string? Save { get; init; }

    public string? Model { get; init; }

    public bool Gif { get; init; }
}
