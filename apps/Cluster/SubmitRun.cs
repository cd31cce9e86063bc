using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>Submits a table. If it is interrupted, there is no job, and files that are already written are used by the next
/// submission.</summary>
internal sealed class SubmitRun(BatchSettings settings, string store, ClusterPlace place, TextWriter output)
{
    /// <summary>Submits the job, and waits for its end if requested.</summary>
    /// <param name="range">The maximum number of rows of a range; 0 to choose it automatically.</param>
    /// <param name="again">Whether a finished job is processed again.</param>
    /// <param name="wait">Whether to wait for the job's end.</param>
    /// <param name="cancellationToken">Stops submitting or waiting; a started job continues.</param>
    /// <exception cref="LwgException">The table, a folder or the cluster cannot be used.</exception>
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
