using System.Globalization;

namespace Lwg.MLNet.Cli;

/// <summary>Measures the program's memory while it makes frames. It should not grow after the first frames.</summary>
internal sealed class MemoryWatch
{
    private const int SettledAt = 200;

    private long _settled, _most, _last;
    private int _count;

    /// <summary>Measures the memory; called after each frame.</summary>
    public void Look()
    {
        if (++_count < SettledAt)
            return;
        _last = Environment.WorkingSet;
        _most = Math.Max(_most, _last);
        if (_count == SettledAt)
            _settled = _last;
    }

    /// <summary>Returns a summary of the measurements; null if there were too few frames.</summary>
    public string? Explain() => _settled == 0 ? null : string.Create(CultureInfo.InvariantCulture,
        $"Memory: {Megabytes(_settled)} MB after {SettledAt} frames, then at most {Megabytes(_most)} MB "
        + $"({(double)_most / _settled - 1:+0.0 %;-0.0 %}), {Megabytes(_last)} MB after the last of {_count}, "
        + $"{Megabytes(Environment.WorkingSet)} MB after writing all results");

    private static long Megabytes(long bytes) => bytes >> 20;
}
