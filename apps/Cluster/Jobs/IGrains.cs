namespace Lwg.MLNet.Cluster;

/// <summary>A job: which ranges are done, and which silo each lent range is at. Its key is the job's name.</summary>
internal interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Starts the job, or goes on with it where it was cancelled; of a job that runs or is done nothing changes.</summary>
    /// <param name="again">Whether a job that is done is gone through again; rows whose results the store has are kept.</param>
    Task<JobStatus> StartAsync(bool again);

    /// <summary>Stops the job after the rows at hand; what is done is kept.</summary>
    Task<JobStatus> CancelAsync();

    Task<JobStatus> StatusAsync();

    /// <summary>Forgets the job, unless it runs or rows of it are at hand; then nothing changes.</summary>
    Task<JobStatus> ForgetAsync();

    /// <summary>Hears how a range ended.</summary>
    /// <param name="range">The range.</param>
    /// <param name="attempt">Which lending of it.</param>
    /// <param name="answer">What its grain says.</param>
    Task ReportAsync(int range, int attempt, RangeAnswer answer);
}

/// <summary>One lending of a range. Its key is job/range/attempt: a range that was lost is lent to a new grain, so that nothing waits for
/// what is dead.</summary>
internal interface IRangeGrain : IGrainWithStringKey
{
    /// <summary>Begins with the range, or says how far it is.</summary>
    Task<RangeAnswer> RunAsync(RangeOrder order);

    /// <summary>Ends the work after the row at hand.</summary>
    Task StopAsync();
}

/// <summary>Makes rows; always on the silo that asks.</summary>
internal interface IRowWorker : IGrainWithIntegerKey
{
    /// <summary>Makes a row, unless the store has its result.</summary>
    [ResponseTimeout("01:00:00")]
    Task<RowOutcome> MakeAsync(RowOrder order);
}

/// <summary>A row for a worker.</summary>
/// <param name="Job">The job.</param>
/// <param name="Line">The row's line: see <see cref="RowLine"/>.</param>
/// <param name="Careful">Whether tries are counted in the store.</param>
[GenerateSerializer, Immutable]
internal sealed record RowOrder([property: Id(0)] string Job, [property: Id(1)] byte[] Line, [property: Id(2)] bool Careful);
