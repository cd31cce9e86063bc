namespace Lwg.MLNet.Cluster;

/// <summary>A range that is assigned, or to be reassigned.</summary>
/// <param name="Range">The number of the range.</param>
/// <param name="Attempt">The number of the assignment, from 1.</param>
/// <param name="Deaths">How many silos died with the range.</param>
/// <param name="Silo">The silo that has the range; empty for none.</param>
[GenerateSerializer, Immutable]
internal sealed record LentRange([property: Id(0)] int Range, [property: Id(1)] int Attempt, [property: Id(2)] int Deaths,
[property: Id(3)] string Silo);

/// <summary>The saved state of a job. Its size depends on the number of assigned ranges, not on the number of rows.</summary>
[GenerateSerializer, Immutable]
internal sealed record JobState
{
    /// <summary>The maximum number of messages of each kind.</summary>
    public const int MostSentences = 20;

    [Id(0)]
    public JobPhase Phase { get; init; }

    [Id(1)]
    public int Rows { get; init; }

    [Id(2)]
    public int Ranges { get; init; }

    /// <summary>The finished ranges: see <see cref="RangeSet"/>.</summary>
    [Id(3)]
    public int[] Done { get; init; } = [];

    /// <summary>The assigned ranges, and those to be reassigned.</summary>
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

/// <summary>The state in the form that Orleans's storage needs: an object that it can create and fill.</summary>
[GenerateSerializer]
internal sealed class SavedJob
{
    /// <summary>The state as JSON, the same in every storage.</summary>
    [Id(0)]
    public string Json { get; set; } = "";
}
