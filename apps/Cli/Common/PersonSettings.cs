using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>What all commands about a person ask for.</summary>
internal record PersonSettings
{
    /// <summary>One of <see cref="SamplePeople.Names"/>; counts where there is no <see cref="Source"/>.</summary>
    public string Person { get; init; } = "anna";

    public string? Source { get; init; }

    public string? Keypoints { get; init; }

    public string Out { get; init; } = "out";

    /// <summary>S, the side of the person's square in pixels; null for what the generator was trained for. A loaded model brings its
    /// own.</summary>
    public int? Size { get; init; }

    /// <summary>A generator's name or a model folder: see <see cref="ModelChoice"/>.</summary>
    public string Generator { get; init; } = ModelChoice.Default;

    /// <summary>In which numbers a learned generator computes.</summary>
    public NetworkPrecision Precision { get; init; }

    /// <summary>What computes the networks.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>A body's file; null for that of the generator's folder, or our own.</summary>
    public string? Body { get; init; }

    /// <summary>A SMPL estimator's checkpoint or model folder; null where the body is fitted to the key points.</summary>
    public string? Estimator { get; init; }

    /// <summary>Whether a person who is not clear is worked on all the same, as far as a body was found.</summary>
    public bool AcceptUnclear { get; init; }

    /// <summary>Which of several people in the source's photograph is meant, by prominence; null where there should be one.</summary>
    public int? PersonIndex { get; init; }

    /// <summary>The box of the person who is meant in the source's photograph, (minX, maxX, minY, maxY) in pixels; null for the most
    /// prominent.</summary>
    public float[]? Box { get; init; }

    /// <summary>What the pictures' metadata tell of how they came about; null for nothing.</summary>
    public Provenance? Provenance { get; init; } = Provenance.CompositeWithTrainedAlgorithms;

    /// <summary>Whether what may not be passed on stays out of a saved model, which then refers to it.</summary>
    public bool References { get; init; }

    /// <summary>The source's photograph.</summary>
    /// <exception cref="LwgException">It cannot be read.</exception>
    public MarkedPhoto LoadSource() => Source is null ? SamplePeople.Load(Person) : MarkedPhoto.Load(Source, Keypoints) with { Box = Box };
}
