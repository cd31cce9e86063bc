namespace Lwg.MLNet.Cluster;

/// <summary>A job: its finished ranges, and the silo of each assigned range. The key is the job's name.</summary>
internal interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Starts the job, or resumes a cancelled one. A running or finished job does not change.</summary>
    /// <param name="again">Whether a finished job is processed again; rows whose results are in the store are kept.</param>
    Task<JobStatus> StartAsync(bool again);

    /// <summary>Stops the job after the current rows; finished rows are kept.</summary>
    Task<JobStatus> CancelAsync();

    Task<JobStatus> StatusAsync();

    /// <summary>Forgets the job. Nothing changes if it or any of its rows are running.</summary>
    Task<JobStatus> ForgetAsync();

    /// <summary>Reports how a range ended.</summary>
    /// <param name="range">The range.</param>
    /// <param name="attempt">The number of the range's assignment.</param>
    /// <param name="answer">The answer of the range's grain.</param>
    Task ReportAsync(int range, int attempt, RangeAnswer answer);
}

/// <summary>One assignment of a range. Its key is job/range/attempt: a lost range is assigned to a new grain, so that nothing waits for a
/// dead one.</summary>
internal interface IRangeGrain : IGrainWithStringKey
{
    /// <summary>Starts the range, or returns its progress.</summary>
    Task<RangeAnswer> RunAsync(RangeOrder order);

    /// <summary>Stops the work after the current row.</summary>
    Task StopAsync();
}

/// <summary>Processes rows; always on the calling silo.</summary>
internal interface IRowWorker : IGrainWithIntegerKey
{
    /// <summary>Processes a row, unless the store has its result.</summary>
    [ResponseTimeout("01:00:00")]
    Task<RowOutcome> MakeAsync(RowOrder order);
}

/// <summary>A row for a worker.</summary>
/// <param name="Job">The job.</param>
/// <param name="Line">The row's line: see <see cref="RowLine"/>.</param>
/// <param name="Careful">Whether attempts are counted in the store.</param>
[GenerateSerializer, Immutable]
internal sealed record RowOrder([property: Id(0)] string Job, [property: Id(1)] byte[] Line, [property: Id(2)] bool Careful);
