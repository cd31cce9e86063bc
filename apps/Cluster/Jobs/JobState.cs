namespace Lwg.MLNet.Cluster;

/// <summary>A range that is lent, or to be lent again.</summary>
/// <param name="Range">Which range.</param>
/// <param name="Attempt">Which lending of it, from 1.</param>
/// <param name="Deaths">How often a silo died with it.</param>
/// <param name="Silo">The silo that has it; empty where none has.</param>
[GenerateSerializer, Immutable]
internal sealed record LentRange([property: Id(0)] int Range, [property: Id(1)] int Attempt, [property: Id(2)] int Deaths,
[property: Id(3)] string Silo);

/// <summary>What is saved of a job: as much as is lent at a time, however many rows it has.</summary>
[GenerateSerializer, Immutable]
internal sealed record JobState
{
    /// <summary>How many sentences of each kind are kept.</summary>
    public const int MostSentences = 20;

    [Id(0)]
    public JobPhase Phase { get; init; }

    [Id(1)]
    public int Rows { get; init; }

    [Id(2)]
    public int Ranges { get; init; }

    /// <summary>The ranges that are done: see <see cref="RangeSet"/>.</summary>
    [Id(3)]
    public int[] Done { get; init; } = [];

    /// <summary>The ranges that are lent, and those to be lent again.</summary>
    [Id(4)]
    public LentRange[] Lent { get; init; } = [];

    [Id(5)]
    public RowCounts Counts { get; init; } = new();

    [Id(6)]
    public string[] RefusedSilos { get; init; } = [];

    [Id(7)]
    public string[] Failures { get; init; } = [];

    [Id(8)]
    public int RangesLost { get; init; }
}

/// <summary>Holds the state for Orleans's storage, which wants an object that it can make and fill.</summary>
[GenerateSerializer]
internal sealed class SavedJob
{
    /// <summary>The state as JSON, the same in every storage.</summary>
    [Id(0)]
    public string Json { get; set; } = "";
}
