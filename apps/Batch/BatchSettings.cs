using Lwg.MLNet.Body;

namespace Lwg.MLNet.Batch;

/// <summary>The settings of a run.</summary>
internal sealed record BatchSettings
{
    /// <summary>The table of requests, .csv or .parquet.</summary>
    public required string Requests { get; init; }

    /// <summary>The folder of the pictures that the table names.</summary>
    public required string Pictures { get; init; }

    /// <summary>The folder of the results.</summary>
    public required string Out { get; init; }

    /// <summary>S, the side of the square around a person that is processed, in pixels.</summary>
    public int Size { get; init; } = 256;

    /// <summary>'default' or 'texture'.</summary>
    public string Generator { get; init; } = GeneratorChoice.Default;

    /// <summary>The person estimator, a name of <see cref="Models.PersonEstimators"/>. It is always named, so that results do not depend
    /// on the machine.</summary>
    public string Estimator { get; init; } = Models.PersonEstimators.Own;

    /// <summary>The device that runs the networks.</summary>
    public ComputeDevice Device { get; init; }

    public CameraStrategy Camera { get; init; }

    /// <summary>The share of the target's surface that the source must show for a row to be acceptable.</summary>
    public float MinimumShown { get; init; }

    /// <summary>Whether rows that are not acceptable are refused.</summary>
    public bool RefusePoor { get; init; }

    /// <summary>Whether the result table is also written as Parquet.</summary>
    public bool Parquet { get; init; }

    /// <summary>The part of the table that this run processes; null for the whole table.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Whether the pictures' metadata record how they were made.</summary>
    public bool Provenance { get; init; } = true;
}
