using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>Submits a table; what is not whole when it dies is no job, and what it had written serves the next one.</summary>
internal sealed class SubmitRun(BatchSettings settings, string store, ClusterPlace place, TextWriter output)
{
    /// <summary>Runs.</summary>
    /// <param name="range">How many rows a range has at most; 0 for what is good.</param>
    /// <param name="again">Whether a job that is done is gone through again.</param>
    /// <param name="wait">Whether to wait for its end.</param>
    /// <param name="cancellationToken">Ends the submitting, or the waiting; the job goes on.</param>
    /// <exception cref="LwgException">Table, folders or cluster cannot be used.</exception>
    public async Task<int> RunAsync(int range, bool again, bool wait, CancellationToken cancellationToken)
    {
        RequestTable table = await RequestTable.LoadAsync(settings.Requests);
        if (table.Rows.Count == 0)
            throw new LwgException($"'{settings.Requests}': the table has no rows.");
        var pictures = new PictureFolder(settings.Pictures);
        await using ClusterClient client = await ClusterClient.ConnectAsync(place, cancellationToken);
        IStore target = Stores.Open(store, create: false);
        using var owned = target as IDisposable;
        JobFile job = await new JobWriter(target, settings, pictures, Identity()).WriteAsync(table.Rows, table.HasKeypoints, table.Sha256,
            range, cancellationToken);
        JobStatus status = await client.AskAsync(job.Id, grain => grain.StartAsync(again));
        if (status.Phase == JobPhase.Unknown)
            throw new LwgException($"The silos do not find the job in their store: {status.Trouble}");
        await output.WriteLineAsync(job.Id);
        if (!wait)
            return 0;
        while (status.Phase == JobPhase.Running)
        {
            await Task.Delay(500, cancellationToken);
            status = await client.AskAsync(job.Id, grain => grain.StatusAsync());
        }
        StatusText.Write(output, job.Id, status);
        return status.Phase == JobPhase.Done ? 0 : 1;
    }

    private string Identity()
    {
        SmplEstimator estimator = PersonEstimators.Open(settings.Estimator, settings.Device.Runtime(TextWriter.Null));
        using var owned = estimator as IDisposable;
        return BatchIdentity.Of(settings, estimator.Package!.Hash);
    }
}
