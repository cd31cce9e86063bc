using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>What the command line of 'impersonate' asks for.</summary>
internal sealed record ImpersonateSettings
{
    /// <summary>Photographs of one person; none for <see cref="Person"/>.</summary>
    public IReadOnlyList<string> Source { get; init; } = [];

    public string? Keypoints { get; init; }

    /// <summary>One of <see cref="SamplePeople.Names"/>.</summary>
    public string Person { get; init; } = "anna";

    public string Motion { get; init; } = "turn";

    public string Out { get; init; } = "out";

    /// <summary>S; null for what the generator was trained for.</summary>
    public int? Size { get; init; }

    public string Generator { get; init; } = ModelChoice.Default;

    public string? Save { get; init; }

    /// <summary>What computes the networks.</summary>
    public ComputeDevice Device { get; init; }

    public string? Model { get; init; }

    /// <summary>What the pictures' metadata tell of how they came about; null for nothing.</summary>
    public Provenance? Provenance { get; init; } = Provenance.CompositeWithTrainedAlgorithms;
}
