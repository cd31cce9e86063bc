using System.Collections.Concurrent;

namespace Lwg.MLNet.Training.Data;

/// <summary>Prepares batches ahead on a thread of its own, in order.</summary>
/// <typeparam name="T">A sample, as the networks read it.</typeparam>
internal sealed class SampleQueue<T> : IDisposable
{
    private const int Ahead = 4;

    private readonly BlockingCollection<Batch> _batches = new(Ahead);
    private readonly ConcurrentQueue<Batch> _used = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    /// <summary>Begins to work.</summary>
    /// <param name="options">Sizes and counts.</param>
    /// <param name="from">The first sample's number.</param>
    /// <param name="filler">Makes what fills samples of a size.</param>
    public SampleQueue(TrainingOptions options, long from, Func<int, SampleFiller<T>> filler)
    {
        _work = Task.Factory.StartNew(() => Fill(options, from, filler), _stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The next batch; null at the end.</summary>
    /// <exception cref="TrainingException">The data cannot be learned from.</exception>
    public Batch? Take(CancellationToken cancellationToken)
    {
        if (_batches.TryTake(out Batch? batch, Timeout.Infinite, cancellationToken))
            return batch;
        _work.GetAwaiter().GetResult();
        return null;
    }

    /// <summary>Gives a batch back to be filled again.</summary>
    public void Return(Batch batch) => _used.Enqueue(batch);

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

    private void Fill(TrainingOptions options, long from, Func<int, SampleFiller<T>> filler)
    {
        try
        {
            int filled = 0;
            SampleFiller<T>? current = null;
            for (long number = from; number < options.SampleCount;)
            {
                (int size, long left) = options.StageAt(number);
                if (filled != size)
                    (filled, current) = (size, filler(size));
                int count = (int)Math.Min(options.BatchSize, left);
                if (!_used.TryDequeue(out Batch? batch) || batch.Size != size || batch.Samples.Length != count)
                    batch = new Batch(size, [.. Enumerable.Range(0, count).Select(_ => current!.Make())]);
                for (int i = 0; i < count; i++)
                    current!.Fill(number + i, batch.Samples[i]);
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

    /// <summary>Samples of one size that are learned from together.</summary>
    internal sealed record Batch(int Size, T[] Samples);
}

/// <summary>Fills samples of one size.</summary>
/// <param name="Make">Makes room for a sample.</param>
/// <param name="Fill">Fills one with the sample of a number.</param>
internal sealed record SampleFiller<T>(Func<T> Make, Action<long, T> Fill);
