using System.Collections.Concurrent;

namespace Lwg.MLNet.Cluster;

/// <summary>The jobs that this silo has opened and accepted.</summary>
internal sealed class SiloJobs(IStore store, IRowMaker maker, ILocalSiloDetails silo)
{
    private const int MostKept = 100;

    private readonly ConcurrentDictionary<string, JobFile> _jobs = [];

    /// <summary>Returns a job if this silo may process it.</summary>
    /// <exception cref="LwgException">The silo must not process it: models or versions differ from those of the submitter.</exception>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task<JobFile> OpenAsync(string id)
    {
        if (_jobs.TryGetValue(id, out JobFile? known))
            return known;
        JobFile job = await JobFile.ReadAsync(store, id);
        string own;
        try
        {
            own = await maker.IdentityAsync(job);
        }
        catch (LwgException e)
        {
            throw new LwgException($"The silo '{silo.Name}' is refused: {e.Message}", e);
        }
        if (own != job.Identity)
            throw new LwgException($"The silo '{silo.Name}' is refused: {Difference(own, job.Identity)}.");
        if (_jobs.Count >= MostKept)
            _jobs.Clear();
        return _jobs[id] = job;
    }

    // Both are lists of 'name value' in the same order.
    private static string Difference(string own, string wanted)
    {
        string[] have = own.Split(", "), want = wanted.Split(", ");
        string[] parts = [.. have.Zip(want).Where(pair => pair.First != pair.Second)
            .Select(pair => $"it has {pair.First}, but the job needs {pair.Second}")];
        return parts.Length > 0 ? string.Join("; ", parts) : $"it has '{own}', but the job needs '{wanted}'";
    }
}
