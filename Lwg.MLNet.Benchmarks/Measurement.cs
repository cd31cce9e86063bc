using System.Diagnostics;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Milliseconds and bytes of one call: the median of many samples, each long enough for the clock.</summary>
internal readonly record struct Measurement(double Milliseconds, long Bytes)
{
    private const double WarmUpSeconds = 0.2;
    private const double Seconds = 0.3;
    private const double SampleSeconds = 100e-6;

    public static Measurement Of(Action run, int fewestSamples)
    {
        // Warm: long enough for the just-in-time compiler to come to its last word.
        var watch = Stopwatch.StartNew();
        int calls = 0;
        do
        {
            run();
            calls++;
        }
        while (watch.Elapsed.TotalSeconds < WarmUpSeconds);
        int batch = Math.Max(1, (int)(SampleSeconds * calls / watch.Elapsed.TotalSeconds));

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        run();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;

        var samples = new List<double>();
        watch.Restart();
        while (samples.Count < fewestSamples || watch.Elapsed.TotalSeconds < Seconds)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < batch; i++)
                run();
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / batch);
        }
        samples.Sort();
        return new Measurement(samples[samples.Count / 2], bytes);
    }
}
