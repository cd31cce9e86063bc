using Lwg.MLNet.Body;

namespace Lwg.MLNet.Samples;

/// <summary>What the command 'imitate' asks for.</summary>
internal sealed record ImitateSettings : PersonSettings
{
    public ImitateSettings() { }

    public ImitateSettings(PersonSettings person) : base(person) { }

    /// <summary>Names or files of motions, one after another; they count where there is no <see cref="Reference"/>.</summary>
    public IReadOnlyList<string> Motions { get; init; } = ["walk"];

    public string? Reference { get; init; }

    public string? ReferenceKeypoints { get; init; }

    public CameraStrategy Camera { get; init; }

    public string? Save { get; init; }

    public string? Model { get; init; }

    public bool Gif { get; init; }
}
