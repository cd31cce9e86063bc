using System.Globalization;

namespace Lwg.MLNet.Cli;

/// <summary>Watches how much memory the program holds while it makes frames: beyond the first frames it shall not grow.</summary>
internal sealed class MemoryWatch
{
    private const int SettledAt = 200;

    private long _settled, _most, _last;
    private int _count;

    /// <summary>Looks, after each frame.</summary>
    public void Look()
    {
        if (++_count < SettledAt)
            return;
        _last = Environment.WorkingSet;
        _most = Math.Max(_most, _last);
        if (_count == SettledAt)
            _settled = _last;
    }

    /// <summary>What was seen; null where there were too few frames.</summary>
    public string? Explain() => _settled == 0 ? null : string.Create(CultureInfo.InvariantCulture,
        $"Memory: {Megabytes(_settled)} MB after {SettledAt} frames, from there on {Megabytes(_most)} MB at most "
        + $"({(double)_most / _settled - 1:+0.0 %;-0.0 %}), {Megabytes(_last)} MB after the last of {_count}, "
        + $"{Megabytes(Environment.WorkingSet)} MB now that all is written");

    private static long Megabytes(long bytes) => bytes >> 20;
}
