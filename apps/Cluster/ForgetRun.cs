namespace Lwg.MLNet.Cluster;

/// <summary>Removes a job that the cluster has forgotten from the store. The order of removal always leaves a complete job or none, so
/// that an interrupted run can be repeated.</summary>
internal sealed class ForgetRun(IStore store, string id, TextWriter output)
{
    private const int AtATime = 16;

    /// <summary>Removes the job.</summary>
    /// <param name="status">The job's status in the cluster.</param>
    /// <param name="results">Whether results and inputs that no other job uses are removed too.</param>
    /// <param name="cancellationToken">Stops the removal.</param>
    /// <exception cref="LwgException">The job is running, or is not in the store.</exception>
    public async Task RunAsync(JobStatus status, bool results, CancellationToken cancellationToken)
    {
        if (status.Phase == JobPhase.Running)
            throw new LwgException($"The job '{id}' runs; 'cancel' stops it.");
        if (status.Phase != JobPhase.Unknown)
            throw new LwgException($"Rows of the job '{id}' are still running; try again when they are finished.");
        string folder = JobFile.NameOf(id, "")[..^1], file = JobFile.NameOf(id, JobFile.Name);
        string[] own = await store.ListAsync(folder).ToArrayAsync(cancellationToken);
        if (own.Length == 0)
            throw new LwgException($"The store has no job '{id}'.");
        int removed = results && own.Contains(file)
            ? await RemoveAsync(await NamedByThisJobAloneAsync(cancellationToken), cancellationToken) : 0;
        await store.DeleteAsync(file);
        await RemoveAsync(own.Where(name => name != file), cancellationToken);
        await output.WriteLineAsync($"The job '{id}' is forgotten.{(results ? $" {removed} results, pictures and inputs that no other "
            + $"job names are removed." : "")}");
    }

    private async Task<HashSet<string>> NamedByThisJobAloneAsync(CancellationToken cancellationToken)
    {
        var names = new HashSet<string>();
        await foreach (RowLine row in RangeIndex.ReadRowsAsync(store, await JobFile.ReadAsync(store, id))
            .WithCancellation(cancellationToken))
            names.UnionWith(NamesOf(row));
        await foreach (string other in OtherJobsAsync().WithCancellation(cancellationToken))
        {
            await foreach (RowLine row in RangeIndex.ReadRowsAsync(store, await JobFile.ReadAsync(store, other))
                .WithCancellation(cancellationToken))
                names.ExceptWith(NamesOf(row));
        }
        return names;
    }

    private IAsyncEnumerable<string> OtherJobsAsync() =>
        store.ListAsync("jobs").Select(name => name.Split('/'))
        .Where(parts => parts is [_, { } job, JobFile.Name] && JobFile.IsId(job) && job != id).Select(parts => parts[1]);

    private static IEnumerable<string> NamesOf(RowLine row) =>
        [row.ResultName, row.PictureName, .. row.Files.Values.Where(sha256 => sha256 != Batch.IPictures.Missing).Select(RowLine.InputName)];

    // Rows that are refused, or not finished, have no picture.
    private async Task<int> RemoveAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        int removed = 0;
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
            async (name, _) =>
        {
            if (!await store.ExistsAsync(name))
                return;
            await store.DeleteAsync(name);
            Interlocked.Increment(ref removed);
        });
        return removed;
    }
}
