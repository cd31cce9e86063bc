using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Cli;

/// <summary>The settings of the command 'imitate'.</summary>
internal sealed record ImitateSettings : PersonSettings
{
    public ImitateSettings() { }

    public ImitateSettings(PersonSettings person) : base(person) { }

    /// <summary>Names or files of motions, one after another; used if there is no <see cref="Reference"/>.</summary>
    public IReadOnlyList<string> Motions { get; init; } = ["walk"];

    /// <summary>Whether each motion is turned so that the person faces the camera in its first frame.</summary>
    public bool FaceCamera { get; init; }

    /// <summary>Information that motion files do not contain.</summary>
    public MotionReadOptions MotionFiles { get; init; } = new();

    /// <summary>The number of frames, for which the motions are repeated or truncated; null for as many as they have.</summary>
    public int? Frames { get; init; }

    /// <summary>A photograph, an animated picture, a folder of frames, or a video file.</summary>
    public string? Reference { get; init; }

    public string? ReferenceKeypoints { get; init; }

    /// <summary>The settings for reading a film.</summary>
    public FilmSettings Film { get; init; } = new();

    /// <summary>The rate to which motions are resampled; null for that of the first.</summary>
    public FrameRate? Rate { get; init; }

    public CameraStrategy Camera { get; init; }

    /// <summary>How the reference's position is mapped to the photograph; null if the reference's camera is not copied.</summary>
    public PersonPlace? Place { get; init; }

    /// <summary>'keep', a colour or the file of a picture: see <see cref="Backdrop"/>.</summary>
    public string Background { get; init; } = Backdrop.Keep;

    /// <summary>Whether the reference's picture is shown to the left of each frame.</summary>
    public bool SideBySide { get; init; }

    /// <summary>Whether the sound of a video file is copied into the MP4.</summary>
    public bool Sound { get; init; }

    /// <summary>Whether the results of an interrupted run are discarded.</summary>
    public bool Restart { get; init; }

    public string? Save { get; init; }

    public string? Model { get; init; }

    public bool Gif { get; init; }
}
