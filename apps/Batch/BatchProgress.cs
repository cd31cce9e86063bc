using System.Diagnostics;

namespace Lwg.MLNet.Batch;

/// <summary>Reports the progress of a run: after each tenth of the rows, and at least every ten seconds.</summary>
internal sealed class BatchProgress(TextWriter output, int total)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _told;
    private int _done;
    private int _refused;

    /// <summary>Counts a row.</summary>
    public void Add(bool refused)
    {
        _done++;
        if (refused)
            _refused++;
        bool tenth = 10 * _done / total != 10 * (_done - 1) / total;
        if (!tenth && _watch.Elapsed - _told < s_patience)
            return;
        _told = _watch.Elapsed;
        double rate = _done / _watch.Elapsed.TotalSeconds;
        string rest = _done < total ? $", some {TimeSpan.FromSeconds((total - _done) / rate):h\\:mm\\:ss} left" : "";
        output.WriteLine($"Row {_done} of {total}: {_refused} refused, {rate:0.0} rows a second{rest}");
    }
}
