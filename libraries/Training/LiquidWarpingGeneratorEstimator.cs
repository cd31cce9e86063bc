using System.Diagnostics;
using System.Globalization;
using Lwg.MLNet.Body;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Transforms;
using Lwg.MLNet.Transforms.Stages;
using Microsoft.ML;

namespace Lwg.MLNet.Training;

/// <summary>
/// Trains a Liquid Warping GAN generator (Liu et al. 2019) on pairs of pictures and returns the stage GenerateTransfer with it. Training
/// computes the networks' inputs from pictures and bodies, so Fit needs no other stage; the returned stage reads the columns of the
/// stages before it.
/// </summary>
internal sealed class LiquidWarpingGeneratorEstimator : IEstimator<StageTransformer<GenerateTransferOptions>>
{
    private const int ReportEvery = 100;

    private readonly TransformsCatalog _catalog;
    private readonly TrainLiquidWarpingGeneratorOptions _options;
    private readonly BodyModel _body;

    internal LiquidWarpingGeneratorEstimator(TransformsCatalog catalog, TrainLiquidWarpingGeneratorOptions options, BodyModel body)
    {
        options.Check();
        (_catalog, _options, _body) = (catalog, options, body);
    }

    /// <summary>Trains the generator.</summary>
    /// <param name="input">The pairs.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    /// <exception cref="TrainingException">The data have no rows, a row cannot be used for training, or a loss is not a number: the
    /// message names the row. Or the checkpoint belongs to a training with other options, or the device is not available in
    /// libtorch.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the checkpoint, if requested, was written.</exception>
    public StageTransformer<GenerateTransferOptions> Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var data = new RowTrainingData(input, _options);
        StageTransformer<GenerateTransferOptions> log = Stage(new UntrainedGenerator(Shape, _body.Hash)).Transformer;
        GeneratorTrainingOptions training = _options.StartFrom is { } begun ? GeneratorTrainer.Fitting(begun, _options.Training)
            : _options.Training;
        GeneratorTrainingOptions told = training with { Report = line => Tell(line, log) };
        bool goesOn = File.Exists(_options.CheckpointPath);
        using GeneratorTrainer trainer = goesOn ? GeneratorTrainer.Resume(_options.CheckpointPath!, told, _body)
            : _options.StartFrom is { } model ? GeneratorTrainer.FromModel(model, told, _body)
            : new GeneratorTrainer(told, _body);
        if (trainer.IsFinished)
            Tell($"'{_options.CheckpointPath}' contains the finished training of {trainer.Samples} samples; the data are not read.", log);
        Run(trainer, data, log);
        var generator = new LiquidWarpingGenerator(
            trainer.ToPackage($"trained on {trainer.Samples} samples", _options.Storage, _options.Licence, _options.Redistributable),
            _options.Runtime);
        return Stage(generator).Transformer;
    }

    /// <summary>Returns the output columns; the stages that compute the networks' inputs must come before.</summary>
    /// <param name="inputSchema">The input columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        Stage(new UntrainedGenerator(Shape, _body.Hash)).GetOutputSchema(inputSchema);

    private GeneratorShape Shape => _options.StartFrom?.Manifest.Generator ?? _options.Training.Shape;

    private void Tell(string line, StageTransformer<GenerateTransferOptions> log)
    {
        _options.Training.Report?.Invoke(line);
        log.Report(line);
    }

    private void Run(GeneratorTrainer trainer, RowTrainingData data, StageTransformer<GenerateTransferOptions> log)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan saved = TimeSpan.Zero;
        int steps = 0;
        try
        {
            trainer.Run(data, progress =>
            {
                _options.Progress?.Invoke(progress);
                if (++steps % ReportEvery == 0)
                    log.Report(string.Create(CultureInfo.InvariantCulture,
                        $"{progress.Losses.Samples} of {progress.SampleCount} samples: {progress.Losses}"));
                if (_options.CheckpointPath is null || clock.Elapsed - saved < _options.CheckpointInterval)
                    return;
                saved = clock.Elapsed;
                trainer.SaveCheckpoint(_options.CheckpointPath);
            }, _options.CancellationToken);
        }
        finally
        {
            // After an error the last checkpoint is kept.
            if (_options.CheckpointPath is not null && (trainer.IsFinished || _options.CancellationToken.IsCancellationRequested))
                trainer.SaveCheckpoint(_options.CheckpointPath);
        }
    }

    private StageEstimator<GenerateTransferOptions> Stage(TransferGenerator generator) =>
        _catalog.GenerateTransfer(generator, _options.Transfer);
}
