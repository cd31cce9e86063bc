using System.Collections.Concurrent;

namespace Lwg.MLNet.Training.Data;

/// <summary>Prepares batches ahead, on one or more threads, and returns them in order.</summary>
/// <typeparam name="T">A sample in the form that the networks read.</typeparam>
internal sealed class SampleQueue<T> : IDisposable
{
    private const int Ahead = 4;

    private readonly Func<int, SampleFiller<T>> _makeFiller;
    private readonly int _threads;
    private readonly BlockingCollection<Task<Batch>> _batches;
    private readonly SemaphoreSlim _idle;
    private readonly ConcurrentQueue<Batch> _used = [];
    private readonly ConcurrentBag<Batch> _made = [];
    private readonly ConcurrentBag<(int Size, SampleFiller<T> Filler)> _fillers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private volatile bool _failed;

    /// <summary>Starts the preparation.</summary>
    /// <param name="options">Sizes and counts.</param>
    /// <param name="from">The first sample's number.</param>
    /// <param name="filler">Creates a filler for samples of a size; each thread has its own.</param>
    public SampleQueue(TrainingOptions options, long from, Func<int, SampleFiller<T>> filler)
    {
        (_makeFiller, _threads, _idle) = (filler, options.SampleThreads, new SemaphoreSlim(options.SampleThreads));
        _batches = new BlockingCollection<Task<Batch>>(Math.Max(Ahead, 2 * _threads));
        _work = Task.Factory.StartNew(() => HandOut(options, from), _stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Returns the next batch; null at the end.</summary>
    /// <exception cref="TrainingException">The data cannot be used for training.</exception>
    public Batch? Take(CancellationToken cancellationToken)
    {
        if (_batches.TryTake(out Task<Batch>? batch, Timeout.Infinite, cancellationToken))
            return batch.WaitAsync(cancellationToken).GetAwaiter().GetResult();
        _work.GetAwaiter().GetResult();
        return null;
    }

    /// <summary>Returns a batch to the queue to be filled again.</summary>
    public void Return(Batch batch)
    {
        batch.Uploaded?.Dispose();
        batch.Uploaded = null;
        _used.Enqueue(batch);
    }

    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _work.Wait();
        }
        catch (AggregateException)
        {
            // The exception was already passed to the consumer.
        }
        // No filler runs once all threads are idle; then every uploaded batch is disposed.
        for (int i = 0; i < _threads; i++)
            _idle.Wait();
        foreach (Batch batch in _made)
            batch.Uploaded?.Dispose();
        _batches.Dispose();
        _idle.Dispose();
        _stop.Dispose();
    }

    private void HandOut(TrainingOptions options, long from)
    {
        try
        {
            for (long number = from; number < options.SampleCount && !_failed;)
            {
                (int size, long left) = options.StageAt(number);
                int count = (int)Math.Min(options.BatchSize, left);
                long first = number;
                _idle.Wait(_stop.Token);
                Task<Batch> filling = Task.Run(() => Fill(size, first, count));
                // The consumer receives the exception of the first batch that failed; exceptions of later batches are ignored.
                _ = filling.ContinueWith(failed => failed.Exception, TaskContinuationOptions.OnlyOnFaulted);
                _batches.Add(filling, _stop.Token);
                number += count;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The training ended before its data.
        }
        finally
        {
            _batches.CompleteAdding();
        }
    }

    private Batch Fill(int size, long first, int count)
    {
        try
        {
            SampleFiller<T> filler = _fillers.TryTake(out (int Size, SampleFiller<T> Filler) idle) && idle.Size == size ? idle.Filler
                : _makeFiller(size);
            if (!_used.TryDequeue(out Batch? batch) || batch.Size != size || batch.Samples.Length != count)
                _made.Add(batch = new Batch(size, [.. Enumerable.Range(0, count).Select(_ => filler.Make())]));
            batch.Uploaded = filler.Fill(first, batch.Samples);
            _fillers.Add((size, filler));
            return batch;
        }
        catch
        {
            _failed = true;
            throw;
        }
        finally
        {
            _idle.Release();
        }
    }

    /// <summary>Samples of one size for one training step.</summary>
    internal sealed record Batch(int Size, T[] Samples)
    {
        /// <summary>The networks' tensors of the samples.</summary>
        public IDisposable? Uploaded { get; set; }
    }
}

/// <summary>Fills samples of one size.</summary>
/// <param name="Make">Allocates a sample.</param>
/// <param name="Fill">Fills an array with the samples from a number on; may return the networks' tensors of them.</param>
internal sealed record SampleFiller<T>(Func<T> Make, Func<long, T[], IDisposable?> Fill);
