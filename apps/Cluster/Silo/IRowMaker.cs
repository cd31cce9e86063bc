using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>Processes rows on a silo.</summary>
internal interface IRowMaker
{
    /// <summary>Returns the text of everything that a job's results depend on, except the rows, for this silo's models.</summary>
    /// <exception cref="LwgException">A model that the job needs is not on this machine.</exception>
    Task<string> IdentityAsync(JobFile job);

    /// <summary>Processes a row.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    Task<MadeRow> MakeAsync(JobFile job, RowLine row);
}

/// <summary>A row that was made or refused.</summary>
/// <param name="Result">The row's result.</param>
/// <param name="Png">The picture's PNG file; null for a refused row.</param>
/// <param name="Measure">The duration until the quality was measured.</param>
/// <param name="Picture">The duration from then until the picture was encoded.</param>
internal sealed record MadeRow(ResultRow Result, byte[]? Png, TimeSpan Measure, TimeSpan Picture);
