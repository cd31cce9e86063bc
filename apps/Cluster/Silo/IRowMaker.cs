using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>What makes rows on a silo.</summary>
internal interface IRowMaker
{
    /// <summary>All but the rows that the results of a job's settings depend on, as this silo's models have it.</summary>
    /// <exception cref="LwgException">A model that the job needs is not on this machine.</exception>
    Task<string> IdentityAsync(JobFile job);

    /// <summary>Makes a row.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    Task<MadeRow> MakeAsync(JobFile job, RowLine row);
}

/// <summary>A row that was made or refused.</summary>
/// <param name="Result">Its result.</param>
/// <param name="Png">The picture's file; null where it was refused.</param>
/// <param name="Measure">How long it took until it was measured.</param>
/// <param name="Picture">How long it took from then on until the picture's file was there.</param>
internal sealed record MadeRow(ResultRow Result, byte[]? Png, TimeSpan Measure, TimeSpan Picture);
