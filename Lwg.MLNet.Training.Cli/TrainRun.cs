using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Cli;

/// <summary>A training in a folder: checkpoint, a log of the losses, pictures to look at.</summary>
internal sealed class TrainRun(GeneratorTrainingOptions options, ITrainingData data, string folder, TimeSpan saveEvery, TextWriter output)
{
    /// <summary>The checkpoint's file name.</summary>
    public const string CheckpointName = "checkpoint.lwgtrain";

    private const int LogEvery = 50, PictureRows = 8;

    private readonly List<IReadOnlyList<float[]>> _pictures = [];
    private readonly List<double> _sums = [];
    private int _count;

    public void Run(CancellationToken cancellationToken)
    {
        options.Check();
        Directory.CreateDirectory(folder);
        string checkpoint = Path.Combine(folder, CheckpointName);
        using GeneratorTrainer trainer = File.Exists(checkpoint) ? GeneratorTrainer.Resume(checkpoint, options) : new GeneratorTrainer(options);
        output.WriteLine($"Training from sample {trainer.Samples} to {options.SampleCount}");
        var clock = Stopwatch.StartNew();
        TimeSpan saved = TimeSpan.Zero, logged = TimeSpan.Zero;
        long loggedSamples = trainer.Samples;
        try
        {
            trainer.Run(data, progress =>
            {
                Add(progress.Losses);
                if (_count == LogEvery)
                {
                    Keep(progress);
                    double rate = (progress.Losses.Samples - loggedSamples) / (clock.Elapsed - logged).TotalSeconds;
                    (logged, loggedSamples) = (clock.Elapsed, progress.Losses.Samples);
                    Log(progress, rate);
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

    private void Add(LossValues losses)
    {
        double[] values = [losses.Source, losses.Target, losses.Structure, losses.Perceptual, losses.Face, losses.Background, losses.Mask, losses.Smooth, losses.Adversarial, losses.Discriminator, losses.Gradient];
        if (_count++ == 0)
        {
            _sums.Clear();
            _sums.AddRange(values);
            return;
        }
        for (int i = 0; i < values.Length; i++)
            _sums[i] += values[i];
    }

    private void Log(TrainingProgress progress, double rate)
    {
        string[] names = ["source", "target", "structure", "perceptual", "face", "background", "mask", "smooth", "adversarial", "discriminator", "gradient"];
        double[] means = [.. _sums.Select(s => s / _count)];
        _count = 0;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Losses.Samples,7} {progress.Losses.Size,4} px {rate:0.00}/s  ") + string.Join("  ", names.Select((name, i) => string.Create(CultureInfo.InvariantCulture, $"{name} {means[i]:0.0000}"))));
        var line = new Dictionary<string, object> { ["samples"] = progress.Losses.Samples, ["size"] = progress.Losses.Size };
        for (int i = 0; i < names.Length; i++)
            line[names[i]] = means[i];
        File.AppendAllText(Path.Combine(folder, "losses.jsonl"), JsonSerializer.Serialize(line) + "\n");
    }

    // Source, warped source, result and truth of a sample, the latest rows on one sheet.
    private void Keep(TrainingProgress progress)
    {
        _pictures.Add([.. progress.Pictures().Select(p => (float[])p.Clone())]);
        _pictures.RemoveAll(row => row[0].Length != _pictures[^1][0].Length);
        if (_pictures.Count > 2 * PictureRows)
            _pictures.RemoveAt(0);
        PictureSheet.Save([.. _pictures.SelectMany(row => row)], 8, progress.Losses.Size, Path.Combine(folder, "pictures.png"));
    }
}
