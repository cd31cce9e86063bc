namespace Lwg.MLNet.Cluster;

/// <summary>Removes what the store has of a job that the cluster has forgotten. What is removed in which order leaves a job that is whole,
/// or none: run again, it goes on.</summary>
internal sealed class ForgetRun(IStore store, string id, TextWriter output)
{
    private const int AtATime = 16;

    /// <summary>Runs.</summary>
    /// <param name="status">What the cluster says of the job.</param>
    /// <param name="results">Whether results and inputs that no other job names are removed, too.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LwgException">The job runs, or the store has nothing of it.</exception>
    public async Task RunAsync(JobStatus status, bool results, CancellationToken cancellationToken)
    {
        if (status.Phase == JobPhase.Running)
            throw new LwgException($"The job '{id}' runs; 'cancel' stops it.");
        if (status.Phase != JobPhase.Unknown)
            throw new LwgException($"Rows of the job '{id}' are still at hand; please try again when they are finished.");
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

    // Rows that were refused, or not made yet, have no picture.
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
