using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lwg.MLNet.Body;
using Lwg.MLNet.People;

namespace Lwg.MLNet.Training.Cli;

/// <summary>An estimator's training in a folder: checkpoint, a log of the losses, pictures with the key points that were found.</summary>
internal sealed class EstimatorRun(EstimatorTrainingOptions options, string folder, TimeSpan saveEvery, TextWriter output)
{
    private const int LogEvery = 25, Shown = 32;

    private readonly List<float[]> _pictures = [];
    private readonly List<double> _sums = [];
    private int _count;

    public void Run(CancellationToken cancellationToken)
    {
        options.Check();
        Directory.CreateDirectory(folder);
        string checkpoint = Path.Combine(folder, TrainRun.CheckpointName);
        using EstimatorTrainer trainer = File.Exists(checkpoint) ? EstimatorTrainer.Resume(checkpoint, options) : new EstimatorTrainer(options);
        output.WriteLine($"Training from sample {trainer.Samples} to {options.SampleCount}");
        var clock = Stopwatch.StartNew();
        TimeSpan saved = TimeSpan.Zero, logged = TimeSpan.Zero;
        long loggedSamples = trainer.Samples;
        try
        {
            trainer.Run((losses, pictures, keypoints) =>
            {
                Add(losses);
                if (_count == LogEvery)
                {
                    Keep(pictures, keypoints, losses.Size);
                    Log(losses, (losses.Samples - loggedSamples) / (clock.Elapsed - logged).TotalSeconds);
                    (logged, loggedSamples) = (clock.Elapsed, losses.Samples);
                }
                if (clock.Elapsed - saved < saveEvery)
                    return;
                saved = clock.Elapsed;
                trainer.SaveCheckpoint(checkpoint);
            }, cancellationToken);
        }
        finally
        {
            // A loss that is not a number has spoiled the weights: the last good checkpoint stays.
            if (trainer.IsFinished || cancellationToken.IsCancellationRequested)
                trainer.SaveCheckpoint(checkpoint);
        }
        output.WriteLine($"Finished: {checkpoint}");
    }

    private void Add(EstimatorLosses losses)
    {
        if (_count++ == 0)
        {
            _sums.Clear();
            _sums.AddRange(losses.Named.Select(_ => 0.0));
        }
        for (int i = 0; i < _sums.Count; i++)
            _sums[i] += losses.Named[i].Value;
    }

    private void Log(EstimatorLosses losses, double rate)
    {
        var line = new Dictionary<string, object> { ["samples"] = losses.Samples, ["size"] = losses.Size };
        string text = string.Create(CultureInfo.InvariantCulture, $"{losses.Samples,7} {losses.Size,4} px {rate:0.0}/s");
        for (int i = 0; i < _sums.Count; i++)
        {
            (string name, double mean) = (losses.Named[i].Name, _sums[i] / _count);
            line[name] = mean;
            text += string.Create(CultureInfo.InvariantCulture, $"  {name} {mean:0.0000}");
        }
        _count = 0;
        output.WriteLine(text);
        File.AppendAllText(Path.Combine(folder, "losses.jsonl"), JsonSerializer.Serialize(line) + "\n");
    }

    // The last pictures, with a square on each key point that is thought to be seen: left ones green, right ones red.
    private void Keep(IReadOnlyList<Snapshot> pictures, float[] keypoints, int size)
    {
        _pictures.RemoveAll(p => p.Length != 3 * size * size);
        for (int i = 0; i < Math.Min(pictures.Count, 8); i++)
        {
            float[] picture = (float[])pictures[i].Image.Clone();
            for (int k = 0; k < Skeleton.CocoKeypointCount; k++)
                Mark(picture, size, keypoints.AsSpan(3 * (i * Skeleton.CocoKeypointCount + k), 3), left: k % 2 == 1);
            _pictures.Add(picture);
        }
        _pictures.RemoveRange(0, Math.Max(0, _pictures.Count - Shown));
        PictureSheet.Save(_pictures, 8, size, Path.Combine(folder, "pictures.png"));
    }

    private static void Mark(float[] picture, int size, ReadOnlySpan<float> keypoint, bool left)
    {
        if (keypoint[2] < 0.25f)
            return;
        (int x, int y) = ((int)keypoint[0], (int)keypoint[1]);
        for (int row = Math.Max(y - 1, 0); row <= Math.Min(y + 1, size - 1); row++)
        {
            for (int column = Math.Max(x - 1, 0); column <= Math.Min(x + 1, size - 1); column++)
            {
                int at = row * size + column;
                (picture[at], picture[size * size + at], picture[2 * size * size + at]) = left ? (-1, 1, -1) : (1, -1, -1);
            }
        }
    }
}
