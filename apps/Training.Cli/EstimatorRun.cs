using System.Diagnostics;
using Lwg.MLNet.Keypoints;
using Lwg.MLNet.Models;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Trains an estimator in a folder: checkpoint, a log of the losses, pictures with the estimated key points.</summary>
/// <param name="options">The options.</param>
/// <param name="folder">The folder; a checkpoint in it is resumed.</param>
/// <param name="saveEvery">The time between two checkpoints.</param>
/// <param name="output">Receives the progress.</param>
/// <param name="from">The folder of a model with the initial weights of a new training; null for none.</param>
internal sealed class EstimatorRun(EstimatorTrainingOptions options, string folder, TimeSpan saveEvery, TextWriter output,
    string? from = null)
{
    private const int LogEvery = 25, Shown = 32;

    private readonly List<float[]> _pictures = [];

    public void Run(CancellationToken cancellationToken)
    {
        options.Check();
        Directory.CreateDirectory(folder);
        EstimatorTrainingOptions told = options with { Report = output.WriteLine };
        string checkpoint = Path.Combine(folder, TrainRun.CheckpointName);
        using EstimatorTrainer trainer = File.Exists(checkpoint) ? EstimatorTrainer.Resume(checkpoint, told)
            : from is null ? new EstimatorTrainer(told) : EstimatorTrainer.FromModel(ModelPackage.LoadFolder(from), told);
        if (from is not null && trainer.Samples > 0)
            output.WriteLine($"{checkpoint} is resumed; {from} is not read again.");
        output.WriteLine($"Training from sample {trainer.Samples} to {options.SampleCount}");
        var log = new TrainingLog(folder, LogEvery, trainer.Samples, output);
        var sinceSaved = Stopwatch.StartNew();
        try
        {
            trainer.Run((losses, pictures, keypoints) =>
            {
                if (log.Add(losses.Samples, losses.Size, losses.Named))
                    Keep(pictures, keypoints, losses.Size);
                if (sinceSaved.Elapsed < saveEvery)
                    return;
                trainer.SaveCheckpoint(checkpoint);
                sinceSaved.Restart();
            }, cancellationToken);
        }
        finally
        {
            // After an error, the last checkpoint is kept.
            if (trainer.IsFinished || cancellationToken.IsCancellationRequested)
                trainer.SaveCheckpoint(checkpoint);
        }
        output.WriteLine($"Finished: {checkpoint}");
    }

    // Saves the last pictures, with a square on each key point that is estimated as visible: left ones green, right ones red.
    private void Keep(IReadOnlyList<Snapshot> pictures, float[] keypoints, int size)
    {
        _pictures.RemoveAll(p => p.Length != 3 * size * size);
        for (int i = 0; i < Math.Min(pictures.Count, 8); i++)
        {
            float[] picture = (float[])pictures[i].Image.Clone();
            for (int k = 0; k < CocoSkeleton.KeypointCount; k++)
                Mark(picture, size, keypoints.AsSpan(3 * (i * CocoSkeleton.KeypointCount + k), 3), left: k % 2 == 1);
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
