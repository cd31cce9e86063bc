using System.Diagnostics;
using Lwg.MLNet.Models;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Cli;

/// <summary>Trains a generator in a folder: checkpoint, a log of the losses, sample pictures.</summary>
internal sealed class TrainRun(GeneratorTrainingOptions options, ITrainingData data, string folder, TimeSpan saveEvery, TextWriter output,
    string? from = null)
{
    /// <summary>The checkpoint's file name.</summary>
    public const string CheckpointName = "checkpoint.lwgtrain";

    private const int LogEvery = 50, PictureRows = 8;

    private readonly List<IReadOnlyList<float[]>> _pictures = [];

    public void Run(CancellationToken cancellationToken)
    {
        ModelPackage? model = from is null ? null : ModelPackage.LoadFolder(from);
        GeneratorTrainingOptions told = options with { Report = output.WriteLine }, fitting = model is null ? told
            : GeneratorTrainer.Fitting(model, told);
        fitting.Check();
        Directory.CreateDirectory(folder);
        string checkpoint = Path.Combine(folder, CheckpointName);
        using GeneratorTrainer trainer = File.Exists(checkpoint) ? GeneratorTrainer.Resume(checkpoint, fitting) : model is null
            ? new GeneratorTrainer(fitting) : GeneratorTrainer.FromModel(model, fitting);
        if (from is not null && trainer.Samples > 0)
            output.WriteLine($"{checkpoint} is resumed; {from} is not read again.");
        output.WriteLine($"Training from sample {trainer.Samples} to {trainer.Options.SampleCount}");
        var log = new TrainingLog(folder, LogEvery, trainer.Samples, output);
        var sinceSaved = Stopwatch.StartNew();
        try
        {
            trainer.Run(data, progress =>
            {
                if (log.Add(progress.Losses.Samples, progress.Losses.Size, progress.Losses.Named))
                    Keep(progress);
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

    // Saves source, warped source, result and ground truth of a sample, with the latest rows on one sheet.
    private void Keep(TrainingProgress progress)
    {
        _pictures.Add([.. progress.Pictures().Select(p => (float[])p.Clone())]);
        _pictures.RemoveAll(row => row[0].Length != _pictures[^1][0].Length);
        if (_pictures.Count > 2 * PictureRows)
            _pictures.RemoveAt(0);
        PictureSheet.Save([.. _pictures.SelectMany(row => row)], 8, progress.Losses.Size, Path.Combine(folder, "pictures.png"));
    }
}
