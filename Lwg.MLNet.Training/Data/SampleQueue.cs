using System.Collections.Concurrent;
using Lwg.MLNet.Body;

namespace Lwg.MLNet.Training.Data;

/// <summary>Prepares batches ahead on a thread of its own, in order.</summary>
internal sealed class SampleQueue : IDisposable
{
    private const int Ahead = 4;

    private readonly BlockingCollection<PreparedSample[]> _batches = new(Ahead);
    private readonly ConcurrentQueue<PreparedSample[]> _used = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public SampleQueue(ITrainingData data, BodyModel body, GeneratorTrainingOptions options, long from)
    {
        _work = Task.Factory.StartNew(() => Fill(data, body, options, from), _stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The next batch; null at the end.</summary>
    /// <exception cref="TrainingException">The data cannot be learned from.</exception>
    public PreparedSample[]? Take(CancellationToken cancellationToken)
    {
        if (_batches.TryTake(out PreparedSample[]? batch, Timeout.Infinite, cancellationToken))
            return batch;
        _work.GetAwaiter().GetResult();
        return null;
    }

    /// <summary>Gives a batch back to be filled again.</summary>
    public void Return(PreparedSample[] batch) => _used.Enqueue(batch);

    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _work.Wait();
        }
        catch (AggregateException)
        {
            // Whoever took batches has been told.
        }
        _batches.Dispose();
        _stop.Dispose();
    }

    private void Fill(ITrainingData data, BodyModel body, GeneratorTrainingOptions options, long from)
    {
        try
        {
            SamplePreparer? preparer = null;
            TrainingSample? sample = null;
            for (long number = from; number < options.SampleCount;)
            {
                (int size, long left) = options.StageAt(number);
                if (sample?.Size != size)
                    (preparer, sample) = (new SamplePreparer(body, options, size), new TrainingSample(size));
                int count = (int)Math.Min(options.BatchSize, left);
                if (!_used.TryDequeue(out PreparedSample[]? batch) || batch.Length != count || batch[0].Size != size)
                    batch = [.. Enumerable.Range(0, count).Select(_ => new PreparedSample(size))];
                for (int i = 0; i < count; i++)
                {
                    data.Fill(number + i, sample!);
                    preparer!.Prepare(sample!, number + i, batch[i]);
                }
                _batches.Add(batch, _stop.Token);
                number += count;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The training has ended before its data.
        }
        finally
        {
            _batches.CompleteAdding();
        }
    }
}
