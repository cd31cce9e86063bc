using System.Diagnostics;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Milliseconds and bytes per call: the median of many samples, each long enough for the clock's resolution.</summary>
internal readonly record struct Measurement(double Milliseconds, long Bytes)
{
    private const double WarmUpSeconds = 0.6;
    private const double Seconds = 0.3;
    private const double SampleSeconds = 100e-6;

    /// <summary>Measures alternatives with one sample of each in turn, so that other load on the machine affects all of them.</summary>
    public static IReadOnlyList<Measurement> Of(IReadOnlyList<Action> runs, int fewestSamples)
    {
        Series[] series = [.. runs.Select(r => new Series(r))];
        var watch = Stopwatch.StartNew();
        for (int count = 0; count < fewestSamples || watch.Elapsed.TotalSeconds < Seconds * series.Length; count++)
        {
            foreach (Series one in series)
                one.Sample();
        }
        return [.. series.Select(s => s.Result)];
    }

    private sealed class Series
    {
        private readonly Action _run;
        private readonly int _batch;
        private readonly long _bytes;
        private readonly List<double> _samples = [];

        public Series(Action run)
        {
            // The warm-up is long enough for the just-in-time compiler to reach its final code.
            var watch = Stopwatch.StartNew();
            int calls = 0;
            do
            {
                run();
                calls++;
            }
            while (watch.Elapsed.TotalSeconds < WarmUpSeconds);
            (_run, _batch) = (run, Math.Max(1, (int)(SampleSeconds * calls / watch.Elapsed.TotalSeconds)));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            run();
            _bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        public Measurement Result => new(_samples.Order().ElementAt(_samples.Count / 2), _bytes);

        public void Sample()
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < _batch; i++)
                _run();
            _samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / _batch);
        }
    }
}
