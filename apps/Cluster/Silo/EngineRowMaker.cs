using System.Collections.Concurrent;
using Lwg.MLNet.Batch;

namespace Lwg.MLNet.Cluster;

/// <summary>Processes rows with the batch app's engines. Models are opened once for each silo. A free engine that has the row's source in
/// memory is preferred.</summary>
internal sealed class EngineRowMaker(IStore store, SiloWork work, ILogger<EngineRowMaker> log) : IRowMaker, IDisposable
{
    private readonly ConcurrentDictionary<(string Estimator, string Generator, ComputeDevice Device), Lazy<BatchModels>> _models = [];
    private readonly List<Engine> _free = [];

    public Task<string> IdentityAsync(JobFile job) => Task.Run(() => BatchIdentity.Of(job.Settings, Models(job).Estimator.Package!.Hash));

    public async Task<MadeRow> MakeAsync(JobFile job, RowLine row)
    {
        var files = new Dictionary<string, string?>();
        foreach ((string name, string sha256) in row.Files)
            files[name] = sha256 == IPictures.Missing ? null : await store.LocalFileAsync(RowLine.InputName(sha256));
        return await Task.Run(() => Make(job, row, files));
    }

    public void Dispose()
    {
        foreach (Engine engine in _free)
            engine.Dispose();
        foreach (Lazy<BatchModels> models in _models.Values.Where(m => m.IsValueCreated))
            models.Value.Dispose();
    }

    private MadeRow Make(JobFile job, RowLine row, Dictionary<string, string?> files)
    {
        Engine engine = Take(job, row.Request.Source);
        MadeRow made;
        try
        {
            made = engine.Make(row, files);
        }
        catch
        {
            // Its cached values are no longer reliable.
            engine.Dispose();
            throw;
        }
        Engine[] surplus;
        lock (_free)
        {
            _free.Add(engine);
            surplus = [.. _free.SkipLast(Math.Max(1, work.Places))];
            _free.RemoveRange(0, surplus.Length);
        }
        foreach (Engine old in surplus)
            old.Dispose();
        return made;
    }

    private Engine Take(JobFile job, string source)
    {
        lock (_free)
        {
            int at = _free.FindLastIndex(e => e.Job == job.Id && e.Source == source);
            if (at < 0)
                at = _free.FindIndex(e => e.Job == job.Id);
            if (at >= 0)
            {
                Engine engine = _free[at];
                _free.RemoveAt(at);
                return engine;
            }
        }
        return new Engine(job, Models(job), log);
    }

    private BatchModels Models(JobFile job) =>
        _models.GetOrAdd((job.Settings.Estimator, job.Settings.Generator, job.Settings.Device), _ =>
        new Lazy<BatchModels>(() => new BatchModels(job.Settings, new LogWriter(log, job.Id)))).Value;

    /// <summary>An engine of the batch app that reads the store's files.</summary>
    private sealed class Engine : IDisposable
    {
        private readonly RowPictures _pictures = new();
        private readonly RowEngine _engine;

        public Engine(JobFile job, BatchModels models, ILogger log)
        {
            Job = job.Id;
            _engine = new RowEngine(job.Settings, job.Marked, models, _pictures, new LogWriter(log, job.Id));
        }

        public string Job { get; }

        public string Source { get; private set; } = "";

        public MadeRow Make(RowLine row, Dictionary<string, string?> files)
        {
            _pictures.Set(row.Files, files);
            Source = row.Request.Source;
            (ResultRow result, byte[]? png) = _engine.Make(row.Request);
            return new MadeRow(result, png, _engine.Times.Measure, _engine.Times.Picture);
        }

        public void Dispose() => _engine.Dispose();
    }
}
