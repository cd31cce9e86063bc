using Lwg.MLNet.Transforms;

namespace Lwg.MLNet.Cli;

/// <summary>What the command 'view' asks for.</summary>
internal sealed record ViewSettings : PersonSettings
{
    public ViewSettings(PersonSettings person) : base(person) { }

    /// <summary>How many views a turn has.</summary>
    public int Views { get; init; } = 36;

    /// <summary>From how far above, degrees.</summary>
    public float Tilt { get; init; }

    public ViewPose Pose { get; init; }

    /// <summary>'keep', a colour or a picture's file: see <see cref="Backdrop"/>.</summary>
    public string Background { get; init; } = Backdrop.Keep;

    public bool Gif { get; init; }
}
