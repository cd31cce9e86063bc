using System.Diagnostics;

namespace Lwg.MLNet.Cluster;

/// <summary>Counts grain calls: those of workers, which stay on their silo, and all others of this project except status
/// queries.</summary>
internal sealed class CallCounter : IIncomingGrainCallFilter
{
    private long _local;
    private long _others;
    private long _worked;

    public long Local => Interlocked.Read(ref _local);

    public long Others => Interlocked.Read(ref _others);

    /// <summary>The total time of worker calls.</summary>
    public TimeSpan Worked => TimeSpan.FromTicks(Interlocked.Read(ref _worked));

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not IRowWorker)
        {
            if (context.Grain is IRangeGrain || context.Grain is IJobGrain && context.MethodName != nameof(IJobGrain.StatusAsync))
                Interlocked.Increment(ref _others);
            await context.Invoke();
            return;
        }
        Interlocked.Increment(ref _local);
        long start = Stopwatch.GetTimestamp();
        await context.Invoke();
        Interlocked.Add(ref _worked, Stopwatch.GetElapsedTime(start).Ticks);
    }
}
