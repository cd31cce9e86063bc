using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Synthesis.People;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Estimator;
using Lwg.MLNet.Transforms.Imaging;

namespace Lwg.MLNet.Training;

/// <summary>
/// Trains the library's person estimator on <see cref="SyntheticSnapshots"/>, on a CPU. As with <see cref="GeneratorTrainer"/>, the state
/// after a number of samples depends only on the options, and a stopped training can be resumed.
/// </summary>
internal sealed class EstimatorTrainer : IDisposable
{
    /// <summary>The first number of <see cref="SyntheticSnapshots"/> that is held out of training.</summary>
    public const long HeldOut = 2_000_000;

    private readonly EstimatorTrainingOptions _options;
    private readonly EstimatorStep _step;
    private readonly BackdropPhotographs? _backdrops;

    /// <summary>Starts a training.</summary>
    /// <param name="options">The training options.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public EstimatorTrainer(EstimatorTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _backdrops = options.Backdrops is { } folder ? BackdropFolder.Load(folder, ImageCodec.Load) : null;
        (_options, _step) = (options, new EstimatorStep(options));
    }

    /// <summary>Starts a training from the weights of a model; Adam starts from scratch.</summary>
    /// <param name="model">An estimator that a training like this one made.</param>
    /// <param name="options">The training options.</param>
    /// <exception cref="ModelFileException">The model is not an estimator, is corrupt, or has another network.</exception>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public static EstimatorTrainer FromModel(ModelPackage model, EstimatorTrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxWeights weights = ReadWeights(model);
        var trainer = new EstimatorTrainer(options);
        try
        {
            trainer._step.Weights.Begin(weights);
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }

    /// <summary>Reads the weights of an estimator with the library's network.</summary>
    /// <exception cref="ModelFileException">The model is not an estimator, is corrupt, or has another network.</exception>
    internal static OnnxWeights ReadWeights(ModelPackage model)
    {
        model.Require(ModelKind.SmplEstimator);
        string source = $"{model.Source}, '{LearnedSmplEstimator.NetworkFile}'";
        OnnxWeights weights = OnnxWeights.Read(model.Get(LearnedSmplEstimator.NetworkFile), source);
        WeightReport.Compare([PersonNetwork.Build()], weights).ThrowUnlessComplete(source);
        return weights;
    }

    /// <summary>Resumes a training.</summary>
    /// <param name="checkpoint">The file that <see cref="SaveCheckpoint"/> wrote.</param>
    /// <param name="options">The training options; null for those of the checkpoint. They may differ only in the part of the schedule
    /// that is still to come, and in the values that checkpoints do not store, such as the sample threads.</param>
    /// <exception cref="ModelFileException">The file is missing, corrupt or not a checkpoint.</exception>
    /// <exception cref="TrainingException">Options differ.</exception>
    public static EstimatorTrainer Resume(string checkpoint, EstimatorTrainingOptions? options = null)
    {
        TrainingCheckpoint<EstimatorTrainingOptions> saved = TrainingCheckpoint<EstimatorTrainingOptions>.Read(checkpoint);
        if (options is not null)
            saved.RequireSame(options);
        var trainer = new EstimatorTrainer(options ?? saved.Options);
        try
        {
            if (saved.Steps.Count != 1 || saved.State.Count != Torch.LearnedWeights.StateCount
                || saved.State.Any(s => s.Length != trainer._step.Weights.Count))
                throw new ModelFileException(checkpoint, null, "its values do not fit the network.");
            trainer._step.Weights.Load(saved.State, saved.Steps[0]);
            trainer.Samples = saved.Samples;
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }

    /// <summary>Reads the options of the training in a checkpoint.</summary>
    internal static EstimatorTrainingOptions OptionsOf(string checkpoint) =>
        TrainingCheckpoint<EstimatorTrainingOptions>.Read(checkpoint).Options;

    /// <summary>The number of samples processed so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Whether the schedule is complete.</summary>
    public bool IsFinished => Samples >= _options.SampleCount;

    /// <summary>Trains to the end of the schedule or until cancelled; a cancelled training keeps its progress.</summary>
    /// <param name="progress">Called after each step, in order, with the losses, the step's pictures and the key points [N,17,3]
    /// estimated in them; the arguments are valid only during the call.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="TrainingException">Every implementation of a convolution in libtorch is wrong on this machine, or a loss is not a
    /// number.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(Action<EstimatorLosses, IReadOnlyList<Snapshot>, float[]>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (!IsFinished)
            _step.CheckConvolutions(Samples, cancellationToken);
        using var queue = new SampleQueue<Snapshot>(_options, Samples, Filler);
        while (queue.Take(cancellationToken) is { } batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long seen = Samples + batch.Samples.Length;
            EstimatorLosses losses = _step.Run(batch.Samples, seen, _options.RateAt(Samples));
            if (!losses.IsFinite)
                throw new TrainingException($"A loss is not a number at samples {Samples} to {seen - 1}: {losses}.");
            Samples = seen;
            progress?.Invoke(losses, batch.Samples, _step.LastKeypoints);
            queue.Return(batch);
        }

        SampleFiller<Snapshot> Filler(int size)
        {
            var snapshots = new SyntheticSnapshots(BodyModel.Default, size, _backdrops, SyntheticPeople.LastVersion);
            return new SampleFiller<Snapshot>(() => new Snapshot(size), (first, batch) => Fill(snapshots, first, batch));
        }
    }

    /// <summary>
    /// Trains only the regressor of pose, camera and presence, in many passes over its inputs for new pictures; the rest of the network
    /// is frozen. This is the last step of an estimator's training; the pictures have the size of the schedule's last stage.
    /// </summary>
    /// <param name="pictures">The number of pictures, at least 64.</param>
    /// <param name="passes">The number of passes over all of them, at least 1.</param>
    /// <param name="progress">Called at intervals with the step completed and the losses of rotations, camera and presence on held-out
    /// pictures.</param>
    /// <param name="cancellationToken">Stops between two steps; then nothing is changed.</param>
    /// <exception cref="TrainingException">Every implementation of a convolution in libtorch is wrong on this machine.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void TrainRegressor(int pictures, int passes, Action<string, double, double, double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        const int Batch = 16, StepBatch = 128, HeldBackShare = 16;
        const double Rate = 1e-3;
        ArgumentOutOfRangeException.ThrowIfLessThan(pictures, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        using var step = new RegressorStep(_options, _step.Weights);
        EstimatorTrainingOptions once = _options with { Schedule = [new(_options.Schedule[^1].Size, pictures)], BatchSize = Batch };
        step.CheckConvolutions(once, cancellationToken);
        using (var queue = new SampleQueue<Snapshot>(once, 0, Filler))
        {
            while (queue.Take(cancellationToken) is { } batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                step.Remember(batch.Samples);
                queue.Return(batch);
                if (step.Count % 2048 < Batch)
                    progress?.Invoke($"{step.Count} pictures remembered", 0, 0, 0);
            }
        }
        int[] heldBack = [.. Enumerable.Range(0, pictures / HeldBackShare)],
            order = [.. Enumerable.Range(heldBack.Length, pictures - heldBack.Length)];
        var random = new Random(_options.Seed);
        long steps = 0, all = (long)passes * ((order.Length + StepBatch - 1) / StepBatch);
        for (int pass = 0; pass < passes; pass++)
        {
            random.Shuffle(order);
            foreach (int[] which in order.Chunk(StepBatch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                step.Run(which, Rate * Math.Max(1 - (double)steps++ / all, 1e-3));
            }
            if (pass % 10 == 9 || pass == passes - 1)
            {
                (double rotation, double camera, double presence) = step.Run(heldBack, 0);
                progress?.Invoke($"pass {pass + 1} of {passes}", rotation, camera, presence);
            }
        }
        _step.Weights.Take(step.Weights);

        SampleFiller<Snapshot> Filler(int size)
        {
            var snapshots = new SyntheticSnapshots(BodyModel.Default, size, _backdrops, SyntheticPeople.LastVersion);
            return new SampleFiller<Snapshot>(() => new Snapshot(size), (first, batch) => Fill(snapshots, Samples + first, batch));
        }
    }

    private IDisposable? Fill(SyntheticSnapshots snapshots, long first, Snapshot[] batch)
    {
        for (int i = 0; i < batch.Length; i++)
            snapshots.Fill(((first + i + _options.Seed * 2L * 7919) % HeldOut + HeldOut) % HeldOut, batch[i]);
        return null;
    }

    /// <summary>Writes a checkpoint from which the training can be resumed.</summary>
    /// <param name="path">The file to make or replace.</param>
    public void SaveCheckpoint(string path) => new TrainingCheckpoint<EstimatorTrainingOptions>
    {
        Options = _options,
        Samples = Samples,
        Steps = [_step.Weights.Steps],
        State = _step.Weights.Save(),
    }.Write(path);

    /// <summary>Returns the current estimator as a model.</summary>
    /// <param name="notes">Notes for the manifest.</param>
    /// <param name="storage">The number format of the weights.</param>
    public ModelPackage ToPackage(string? notes = null, WeightStorage storage = WeightStorage.Half) => LearnedSmplEstimator.Write(
        new ModelManifest
        {
            Kind = ModelKind.SmplEstimator,
            ImageSize = PersonNetwork.ImageSize,
            PersonMargin = LearnedSmplEstimator.PersonMargin,
            Licence = "MIT",
            Redistributable = true,
            Notes = notes,
        },
        PersonNetwork.Build(),
        _step.Weights.Average(),
        storage);

    /// <inheritdoc/>
    public void Dispose() => _step.Dispose();
}
