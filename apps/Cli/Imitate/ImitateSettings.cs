using Lwg.MLNet.Body;
using Lwg.MLNet.Motion;

namespace Lwg.MLNet.Cli;

/// <summary>What the command 'imitate' asks for.</summary>
internal sealed record ImitateSettings : PersonSettings
{
    public ImitateSettings() { }

    public ImitateSettings(PersonSettings person) : base(person) { }

    /// <summary>Names or files of motions, one after another; they count where there is no <see cref="Reference"/>.</summary>
    public IReadOnlyList<string> Motions { get; init; } = ["walk"];

    /// <summary>Whether each motion is turned so that the person faces the camera first.</summary>
    public bool FaceCamera { get; init; }

    /// <summary>What motion files do not tell.</summary>
    public MotionReadOptions MotionFiles { get; init; } = new();

    /// <summary>How many frames the motions make, repeated or cut short; null for as many as they have.</summary>
    public int? Frames { get; init; }

    /// <summary>A photograph, a folder of frames, or a video file.</summary>
    public string? Reference { get; init; }

    public string? ReferenceKeypoints { get; init; }

    /// <summary>How a film is read.</summary>
    public FilmSettings Film { get; init; } = new();

    /// <summary>The rate to which motions are brought; null for the first one's.</summary>
    public FrameRate? Rate { get; init; }

    public CameraStrategy Camera { get; init; }

    /// <summary>How the reference's place is brought into the photograph; null where the reference's camera does not count.</summary>
    public PersonPlace? Place { get; init; }

    /// <summary>'keep', a colour or a picture's file: see <see cref="Backdrop"/>.</summary>
    public string Background { get; init; } = Backdrop.Keep;

    /// <summary>Whether the reference's picture is shown to the left of each frame.</summary>
    public bool SideBySide { get; init; }

    /// <summary>Whether the sound of a video file goes along into the MP4.</summary>
    public bool Sound { get; init; }

    /// <summary>Whether what an interrupted run left is thrown away.</summary>
    public bool Restart { get; init; }

    public string? Save { get; init; }

    public string? Model { get; init; }

    public bool Gif { get; init; }
}
