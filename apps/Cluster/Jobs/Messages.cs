namespace Lwg.MLNet.Cluster;

/// <summary>How far a job is.</summary>
internal enum JobPhase
{
    /// <summary>It has not been submitted.</summary>
    Unknown,

    Running,

    Done,

    Cancelled,
}

/// <summary>Counts of rows.</summary>
[GenerateSerializer, Immutable]
internal sealed record RowCounts
{
    /// <summary>Rows of which a picture was made.</summary>
    [Id(0)]
    public int Made { get; init; }

    /// <summary>Rows that cannot be served, for their own reasons.</summary>
    [Id(1)]
    public int Refused { get; init; }

    /// <summary>Rows with which silos failed three times.</summary>
    [Id(2)]
    public int Failed { get; init; }

    /// <summary>Of these, the rows whose results the store had already.</summary>
    [Id(3)]
    public int Kept { get; init; }

    /// <summary>Tries that went wrong and were followed by another.</summary>
    [Id(4)]
    public int Retries { get; init; }

    public int Rows => Made + Refused + Failed;

    public static RowCounts operator +(RowCounts a, RowCounts b) =>
        new() { Made = a.Made + b.Made, Refused = a.Refused + b.Refused, Failed = a.Failed + b.Failed, Kept = a.Kept + b.Kept,
        Retries = a.Retries + b.Retries };
}

/// <summary>What is asked of a range's grain.</summary>
/// <param name="Job">The job.</param>
/// <param name="Range">Which of its ranges.</param>
/// <param name="Careful">Whether a silo has died with this range: then it is noted which row is at hand, so that a row that kills silos is
/// found.</param>
[GenerateSerializer, Immutable]
internal sealed record RangeOrder([property: Id(0)] string Job, [property: Id(1)] int Range, [property: Id(2)] bool Careful);

/// <summary>How the work on a range ended.</summary>
internal enum RangeEnd
{
    /// <summary>All its rows are through.</summary>
    Through,

    /// <summary>The silo drains, or the job is cancelled: what is not through is handed back.</summary>
    GivenBack,

    /// <summary>The store could not be used.</summary>
    StoreTrouble,

    /// <summary>This silo must not do the job: it has other models, another version, or lacks what the job needs.</summary>
    SiloRefused,
}

/// <summary>What a range's grain says of it at its end.</summary>
[GenerateSerializer, Immutable]
internal sealed record RangeReport
{
    [Id(0)]
    public required RangeEnd End { get; init; }

    [Id(1)]
    public RowCounts Counts { get; init; } = new();

    /// <summary>What is wrong, in a sentence; empty where nothing is.</summary>
    [Id(2)]
    public string Reason { get; init; } = "";

    /// <summary>Rows that failed, in a sentence each.</summary>
    [Id(3)]
    public IReadOnlyList<string> Failures { get; init; } = [];
}

/// <summary>What a silo says of itself along with everything else.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Name">Its name.</param>
/// <param name="Room">How many ranges it has room for at a time.</param>
/// <param name="Draining">Whether it is about to go, and takes nothing more.</param>
[GenerateSerializer, Immutable]
internal sealed record SiloWord([property: Id(0)] SiloAddress Address, [property: Id(1)] string Name, [property: Id(2)] int Room,
[property: Id(3)] bool Draining);

/// <summary>A range's grain's answer.</summary>
/// <param name="Silo">The silo that it is on.</param>
/// <param name="RowsThrough">How many of its rows are through.</param>
/// <param name="Report">How it ended; null while it is at work.</param>
[GenerateSerializer, Immutable]
internal sealed record RangeAnswer([property: Id(0)] SiloWord Silo, [property: Id(1)] int RowsThrough,
[property: Id(2)] RangeReport? Report);

/// <summary>How a row ended.</summary>
[GenerateSerializer, Immutable]
internal sealed record RowOutcome
{
    [Id(0)]
    public RowCounts Counts { get; init; } = new();

    /// <summary>What is said of a row that failed.</summary>
    [Id(1)]
    public string Failure { get; init; } = "";

    /// <summary>What is wrong with the store; then the row is not through.</summary>
    [Id(2)]
    public string StoreTrouble { get; init; } = "";
}

/// <summary>What a job's grain says of it.</summary>
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

    /// <summary>Counts of the ranges that are done.</summary>
    [Id(4)]
    public RowCounts Counts { get; init; } = new();

    /// <summary>Rows that are through of ranges at work.</summary>
    [Id(5)]
    public int RowsAtWork { get; init; }

    /// <summary>Silos and how many ranges they have.</summary>
    [Id(6)]
    public IReadOnlyList<string> Silos { get; init; } = [];

    /// <summary>Silos that must not do the job, in a sentence each.</summary>
    [Id(7)]
    public IReadOnlyList<string> RefusedSilos { get; init; } = [];

    /// <summary>What is wrong with the store; empty where nothing is.</summary>
    [Id(8)]
    public string Trouble { get; init; } = "";

    /// <summary>The first rows that failed, in a sentence each.</summary>
    [Id(9)]
    public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>How many ranges were lost with a silo, and done again.</summary>
    [Id(10)]
    public int RangesLost { get; init; }

    /// <summary>How large the job's saved state is, bytes.</summary>
    [Id(11)]
    public int StateBytes { get; init; }

    /// <summary>How often the state was saved since the grain is there.</summary>
    [Id(12)]
    public int Saves { get; init; }
}
