using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Cli;

/// <summary>The settings of the command 'view'.</summary>
internal sealed record ViewSettings : PersonSettings
{
    public ViewSettings(PersonSettings person) : base(person) { }

    /// <summary>The number of views of a turn.</summary>
    public int Views { get; init; } = 36;

    /// <summary>The angle above the person, in degrees.</summary>
    public float Tilt { get; init; }

    public ViewPose Pose { get; init; }

    /// <summary>'keep', a colour or the file of a picture: see <see cref="Backdrop"/>.</summary>
    public string Background { get; init; } = Backdrop.Keep;

    public bool Gif { get; init; }
}
