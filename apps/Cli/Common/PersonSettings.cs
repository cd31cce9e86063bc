using Lwg.MLNet.Networks;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Cli;

/// <summary>The settings of all commands about a person.</summary>
internal record PersonSettings
{
    /// <summary>One of <see cref="SamplePeople.Names"/>; used if there is no <see cref="Source"/>.</summary>
    public string Person { get; init; } = "anna";

    public string? Source { get; init; }

    public string? Keypoints { get; init; }

    public string Out { get; init; } = "out";

    /// <summary>S, the side of the person's square in pixels; null for the size of the generator's training. A loaded model has its
    /// own.</summary>
    public int? Size { get; init; }

    /// <summary>A generator's name or a model folder: see <see cref="ModelChoice"/>.</summary>
    public string Generator { get; init; } = ModelChoice.Default;

    /// <summary>The numeric precision of a learned generator.</summary>
    public NetworkPrecision Precision { get; init; }

    /// <summary>The device that runs the networks.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>A body's file; null for that of the generator's folder, or the built-in one.</summary>
    public string? Body { get; init; }

    /// <summary>The name, checkpoint or model folder of an SMPL estimator; null for the default, or to fit the body to given key
    /// points.</summary>
    public string? Estimator { get; init; }

    /// <summary>Whether an unclear person is accepted, if a body was found.</summary>
    public bool AcceptUnclear { get; init; }

    /// <summary>The index of the person in the source's photograph, by prominence; null if only one person is expected.</summary>
    public int? PersonIndex { get; init; }

    /// <summary>The box of the person in the source's photograph, (minX, maxX, minY, maxY) in pixels; null for the most
    /// prominent.</summary>
    public float[]? Box { get; init; }

    /// <summary>The provenance in the pictures' metadata; null for none.</summary>
    public Provenance? Provenance { get; init; } = Provenance.CompositeWithTrainedAlgorithms;

    /// <summary>Whether a saved model refers to models that may not be redistributed, instead of containing them.</summary>
    public bool References { get; init; }

    /// <summary>Loads the source's photograph.</summary>
    /// <exception cref="LwgException">The photograph or its key points cannot be read.</exception>
    public MarkedPhoto LoadSource() => Source is null ? SamplePeople.Load(Person) : MarkedPhoto.Load(Source, Keypoints) with { Box = Box };
}
