using System.Diagnostics;

namespace Lwg.MLNet.Cluster;

/// <summary>The load of a silo's machine over a period.</summary>
/// <param name="Busy">The share of all processors that the process used, 0 to 1.</param>
/// <param name="Used">The process's memory, in bytes.</param>
/// <param name="Available">The memory available to the process, in bytes.</param>
internal readonly record struct RoomSample(double Busy, long Used, long Available);

/// <summary>
/// Adapts the number of ranges that a silo processes at a time: one more while all places are taken, processors are idle and memory
/// suffices for another one, up to the number of processors; one less when memory gets short.
/// </summary>
internal sealed class RoomKeeper(SiloWork work, ILogger<RoomKeeper> log) : BackgroundService
{
    private const double BusyEnough = 0.85;
    private const double MemoryShort = 0.9;

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    private readonly long _atFirst = Environment.WorkingSet;

    /// <summary>Returns the suitable number of places.</summary>
    /// <param name="places">The current number of places.</param>
    /// <param name="taken">The number of places that are taken.</param>
    /// <param name="most">The maximum number of places.</param>
    /// <param name="atFirst">The process's memory before the work started, in bytes.</param>
    /// <param name="sample">The measured load.</param>
    public static int Decide(int places, int taken, int most, long atFirst, RoomSample sample)
    {
        if (sample.Used > MemoryShort * sample.Available)
            return Math.Max(1, places - 1);
        long each = Math.Max(0, sample.Used - atFirst) / places;
        bool room = sample.Used + 2 * each < MemoryShort * sample.Available;
        return taken >= places && places < most && sample.Busy < BusyEnough && room ? places + 1 : places;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_period);
        (TimeSpan cpu, long at) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            double busy = (Environment.CpuUsage.TotalTime - cpu) / Stopwatch.GetElapsedTime(at) / Environment.ProcessorCount;
            (cpu, at) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            int had = work.Places, now = Decide(had, work.Taken, Environment.ProcessorCount, _atFirst,
                new RoomSample(busy, Environment.WorkingSet, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
            if (now == had)
                continue;
            work.Resize(now);
            log.LogInformation("Room for {Places} ranges at a time, after {Had}: processors are {Busy:P0} busy, the process has {Used} "
                + "of {Available} MB.", now, had, busy, Environment.WorkingSet >> 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20);
        }
    }
}
