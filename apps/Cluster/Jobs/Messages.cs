namespace Lwg.MLNet.Cluster;

/// <summary>The phase of a job.</summary>
internal enum JobPhase
{
    /// <summary>The job has not been submitted.</summary>
    Unknown,

    Running,

    Done,

    Cancelled,
}

/// <summary>Counts of rows.</summary>
[GenerateSerializer, Immutable]
internal sealed record RowCounts
{
    /// <summary>Rows with a picture.</summary>
    [Id(0)]
    public int Made { get; init; }

    /// <summary>Rows that were refused because of their content.</summary>
    [Id(1)]
    public int Refused { get; init; }

    /// <summary>Rows that failed three times because of a silo.</summary>
    [Id(2)]
    public int Failed { get; init; }

    /// <summary>Rows, among those above, whose results were already in the store.</summary>
    [Id(3)]
    public int Kept { get; init; }

    /// <summary>Failed attempts that were followed by another one.</summary>
    [Id(4)]
    public int Retries { get; init; }

    public int Rows => Made + Refused + Failed;

    public static RowCounts operator +(RowCounts a, RowCounts b) =>
        new() { Made = a.Made + b.Made, Refused = a.Refused + b.Refused, Failed = a.Failed + b.Failed, Kept = a.Kept + b.Kept,
        Retries = a.Retries + b.Retries };
}

/// <summary>The order to a range's grain.</summary>
/// <param name="Job">The job.</param>
/// <param name="Range">The number of the range.</param>
/// <param name="Careful">Whether a silo has died with this range. If so, the store records the current row, so that a row that kills
/// silos is found.</param>
[GenerateSerializer, Immutable]
internal sealed record RangeOrder([property: Id(0)] string Job, [property: Id(1)] int Range, [property: Id(2)] bool Careful);

/// <summary>The result of the work on a range.</summary>
internal enum RangeEnd
{
    /// <summary>All rows are finished.</summary>
    Through,

    /// <summary>The silo drains, or the job is cancelled: unfinished rows are returned.</summary>
    GivenBack,

    /// <summary>The store could not be used.</summary>
    StoreTrouble,

    /// <summary>This silo must not process the job: its models or version differ, or something that the job needs is missing.</summary>
    SiloRefused,
}

/// <summary>The final report of a range's grain.</summary>
[GenerateSerializer, Immutable]
internal sealed record RangeReport
{
    [Id(0)]
    public required RangeEnd End { get; init; }

    [Id(1)]
    public RowCounts Counts { get; init; } = new();

    /// <summary>The problem, in one sentence; empty for none.</summary>
    [Id(2)]
    public string Reason { get; init; } = "";

    /// <summary>Failed rows, in one sentence each.</summary>
    [Id(3)]
    public IReadOnlyList<string> Failures { get; init; } = [];
}

/// <summary>The state of a silo, which is part of every answer.</summary>
/// <param name="Address">The silo's address.</param>
/// <param name="Name">The silo's name.</param>
/// <param name="Room">The number of ranges that it can process at a time.</param>
/// <param name="Draining">Whether it is shutting down and accepts no more ranges.</param>
[GenerateSerializer, Immutable]
internal sealed record SiloWord([property: Id(0)] SiloAddress Address, [property: Id(1)] string Name, [property: Id(2)] int Room,
[property: Id(3)] bool Draining);

/// <summary>The answer of a range's grain.</summary>
/// <param name="Silo">The silo of the grain.</param>
/// <param name="RowsThrough">The number of finished rows.</param>
/// <param name="Report">The final report; null while the grain is working.</param>
[GenerateSerializer, Immutable]
internal sealed record RangeAnswer([property: Id(0)] SiloWord Silo, [property: Id(1)] int RowsThrough,
[property: Id(2)] RangeReport? Report);

/// <summary>The result of a row.</summary>
[GenerateSerializer, Immutable]
internal sealed record RowOutcome
{
    [Id(0)]
    public RowCounts Counts { get; init; } = new();

    /// <summary>The message about a failed row.</summary>
    [Id(1)]
    public string Failure { get; init; } = "";

    /// <summary>The problem with the store; if there is one, the row is not finished.</summary>
    [Id(2)]
    public string StoreTrouble { get; init; } = "";
}

/// <summary>The status of a job.</summary>
[GenerateSerializer, Immutable]
internal sealed record JobStatus
{
    [Id(0)]
    public required JobPhase Phase { get; init; }

    [Id(1)]
    public int Rows { get; init; }

    [Id(2)]
    public int Ranges { get; init; }

    [Id(3)]
    public int RangesDone { get; init; }

    /// <summary>Counts of the finished ranges.</summary>
    [Id(4)]
    public RowCounts Counts { get; init; } = new();

    /// <summary>Finished rows of running ranges.</summary>
    [Id(5)]
    public int RowsAtWork { get; init; }

    /// <summary>Silos and the number of their ranges.</summary>
    [Id(6)]
    public IReadOnlyList<string> Silos { get; init; } = [];

    /// <summary>Silos that must not process the job, in one sentence each.</summary>
    [Id(7)]
    public IReadOnlyList<string> RefusedSilos { get; init; } = [];

    /// <summary>The problem with the store; empty for none.</summary>
    [Id(8)]
    public string Trouble { get; init; } = "";

    /// <summary>The first failed rows, in one sentence each.</summary>
    [Id(9)]
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>The number of ranges that were lost with a silo and processed again.</summary>
    [Id(10)]
    public int RangesLost { get; init; }

    /// <summary>The size of the job's saved state, in bytes.</summary>
    [Id(11)]
    public int StateBytes { get; init; }

    /// <summary>How many times the state was saved since the grain was activated.</summary>
    [Id(12)]
    public int Saves { get; init; }
}
