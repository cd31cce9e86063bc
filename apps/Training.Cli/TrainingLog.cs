using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Writes mean losses at fixed intervals to the console and to losses.jsonl.</summary>
/// <param name="folder">The training's folder.</param>
/// <param name="every">The number of steps per line.</param>
/// <param name="samples">The number of samples processed before.</param>
/// <param name="output">The console.</param>
internal sealed class TrainingLog(string folder, int every, long samples, TextWriter output)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double[] _sums = [];
    private int _count;

    /// <summary>Adds the losses of a step.</summary>
    /// <returns>Whether a line was written.</returns>
    public bool Add(long seen, int size, IReadOnlyList<(string Name, double Value)> losses)
    {
        if (_count == 0)
            _sums = new double[losses.Count];
        for (int i = 0; i < _sums.Length; i++)
            _sums[i] += losses[i].Value;
        if (++_count < every)
            return false;
        double rate = (seen - samples) / _clock.Elapsed.TotalSeconds;
        string text = string.Create(CultureInfo.InvariantCulture, $"{seen,7} {size,4} px {rate:0.00}/s");
        var line = new Dictionary<string, object> { ["samples"] = seen, ["size"] = size };
        for (int i = 0; i < _sums.Length; i++)
        {
            (string name, double mean) = (losses[i].Name, _sums[i] / _count);
            line[name] = mean;
            text += string.Create(CultureInfo.InvariantCulture, $"  {name} {mean:0.0000}");
        }
        output.WriteLine(text);
        File.AppendAllText(Path.Combine(folder, "losses.jsonl"), JsonSerializer.Serialize(line) + "\n");
        (samples, _count) = (seen, 0);
        _clock.Restart();
        return true;
    }
}
