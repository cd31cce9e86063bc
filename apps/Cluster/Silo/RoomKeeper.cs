using System.Diagnostics;

namespace Lwg.MLNet.Cluster;

/// <summary>What a silo's machine had to spare over a while.</summary>
/// <param name="Busy">How much of all processors the process used, 0 to 1.</param>
/// <param name="Used">The process's memory, bytes.</param>
/// <param name="Available">The memory that it may have, bytes.</param>
internal readonly record struct RoomSample(double Busy, long Used, long Available);

/// <summary>
/// Measures how many ranges a silo has room for: one more at a time while all places are taken, processors idle and memory holds another
/// one, up to as many as there are processors; one less where memory gets short.
/// </summary>
internal sealed class RoomKeeper(SiloWork work, ILogger<RoomKeeper> log) : BackgroundService
{
    private const double BusyEnough = 0.85;
    private const double MemoryShort = 0.9;

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    private readonly long _atFirst = Environment.WorkingSet;

    /// <summary>How many places are good.</summary>
    /// <param name="places">How many there are.</param>
    /// <param name="taken">How many are taken.</param>
    /// <param name="most">How many there may be.</param>
    /// <param name="atFirst">The process's memory before it began, bytes.</param>
    /// <param name="sample">What was measured.</param>
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
