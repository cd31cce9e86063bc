using Lwg.MLNet.Body;

namespace Lwg.MLNet.Cli;

/// <summary>The settings of the command 'swap'.</summary>
internal sealed record SwapSettings : PersonSettings
{
    public SwapSettings(PersonSettings person) : base(person) { }

    /// <summary>One of the painted people; used if there is no <see cref="Reference"/>.</summary>
    public string ReferencePerson { get; init; } = "ben";

    public string? Reference { get; init; }

    public string? ReferenceKeypoints { get; init; }

    /// <summary>The parts that are taken from the reference: see <see cref="PartSelection"/>.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [PartSelection.Body];

    /// <summary>Loads the reference's photograph.</summary>
    /// <exception cref="LwgException">The photograph or its key points cannot be read.</exception>
    public MarkedPhoto LoadReference() =>
        Reference is null ? SamplePeople.Load(ReferencePerson) : MarkedPhoto.Load(Reference, ReferenceKeypoints);
}
