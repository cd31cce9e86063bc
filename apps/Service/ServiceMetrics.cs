using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Lwg.MLNet.Service;

/// <summary>Counts, and tells in Prometheus' text format (0.0.4).</summary>
internal sealed class ServiceMetrics(EnginePool pool)
{
    private static readonly double[] s_bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ConcurrentDictionary<(string Endpoint, int Code), long> _answers = [];
    private readonly long[] _buckets = new long[s_bounds.Length + 1];
    private long _milliseconds;

    /// <summary>Counts an answer.</summary>
    public void Answered(string endpoint, int code) => _answers.AddOrUpdate((endpoint, code), 1, (_, count) => count + 1);

    /// <summary>Counts a request for which an engine has worked.</summary>
    public void Worked(TimeSpan time)
    {
        int bucket = Array.FindIndex(s_bounds, bound => time.TotalSeconds <= bound);
        Interlocked.Increment(ref _buckets[bucket < 0 ? s_bounds.Length : bucket]);
        Interlocked.Add(ref _milliseconds, (long)time.TotalMilliseconds);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Family("lwg_requests_total", "counter", "Answers by endpoint and status code; 499 is a client that had gone.");
        foreach (((string endpoint, int code), long count) in _answers.OrderBy(a => a.Key))
            Line($"lwg_requests_total{{endpoint=\"{endpoint}\",code=\"{code}\"}} {count}");
        Family("lwg_work_seconds", "histogram", "How long engines worked on a request, waiting for one included.");
        long sum = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            sum += Interlocked.Read(ref _buckets[i]);
            Line($"lwg_work_seconds_bucket{{le=\"{(i < s_bounds.Length ? s_bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf")}\"}} {sum}");
        }
        Line($"lwg_work_seconds_sum {Interlocked.Read(ref _milliseconds) / 1000.0}");
        Line($"lwg_work_seconds_count {sum}");
        Gauge("lwg_engines", "Engines.", pool.Count);
        Gauge("lwg_engines_busy", "Engines at work.", pool.Busy);
        Gauge("lwg_places", "Requests that may be inside, those that wait included.", pool.Places);
        Gauge("lwg_places_taken", "Requests that are inside.", pool.Taken);
        Gauge("process_working_set_bytes", "Memory of the process.", Environment.WorkingSet);
        return text.ToString();

        void Family(string name, string type, string help)
        {
            Line($"# HELP {name} {help}");
            Line($"# TYPE {name} {type}");
        }

        void Gauge(string name, string help, long value)
        {
            Family(name, "gauge", help);
            Line($"{name} {value}");
        }

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
