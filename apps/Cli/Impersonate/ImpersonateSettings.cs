using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The settings of the command 'impersonate'.</summary>
internal sealed record ImpersonateSettings
{
    /// <summary>Photographs of one person; none for <see cref="Person"/>.</summary>
    public IReadOnlyList<string> Source { get; init; } = [];

    public string? Keypoints { get; init; }

    /// <summary>One of <see cref="SamplePeople.Names"/>.</summary>
    public string Person { get; init; } = "anna";

    public string Motion { get; init; } = "turn";

    public string Out { get; init; } = "out";

    /// <summary>S, the side of the square in pixels; null for the size of the generator's training.</summary>
    public int? Size { get; init; }

    public string Generator { get; init; } = ModelChoice.Default;

    public string? Save { get; init; }

    /// <summary>The device that runs the networks.</summary>
    public ComputeDevice Device { get; init; }

    public string? Model { get; init; }

    /// <summary>The provenance in the pictures' metadata; null for none.</summary>
    public Provenance? Provenance { get; init; } = Provenance.CompositeWithTrainedAlgorithms;
}
