using Lwg.MLNet.Body;

namespace Lwg.MLNet.Batch;

/// <summary>What a run is asked for.</summary>
internal sealed record BatchSettings
{
    /// <summary>The table of requests, .csv or .parquet.</summary>
    public required string Requests { get; init; }

    /// <summary>The folder of the pictures that the table names.</summary>
    public required string Pictures { get; init; }

    /// <summary>The folder of the results.</summary>
    public required string Out { get; init; }

    /// <summary>S, the side of the square in which a person is worked on, pixels.</summary>
    public int Size { get; init; } = 256;

    /// <summary>'default' or 'texture'.</summary>
    public string Generator { get; init; } = GeneratorChoice.Default;

    /// <summary>The estimator of people, as <see cref="Models.PersonEstimators"/> names it: named, so that results do not depend on what a
    /// machine has.</summary>
    public string Estimator { get; init; } = Models.PersonEstimators.Own;

    /// <summary>What computes the networks.</summary>
    public ComputeDevice Device { get; init; }

    public CameraStrategy Camera { get; init; }

    /// <summary>The share of the target's surface that the source must show for a row to be acceptable.</summary>
    public float MinimumShown { get; init; }

    /// <summary>Whether rows that are not acceptable are refused.</summary>
    public bool RefusePoor { get; init; }

    /// <summary>Whether the result table is written as Parquet, too.</summary>
    public bool Parquet { get; init; }

    /// <summary>Which part of the table is done here; null for all of it.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Whether the pictures' metadata say how they came about.</summary>
    public bool Provenance { get; init; } = true;
}
