using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Generator;

namespace Lwg.MLNet.Training;

/// <summary>
/// Trains a Liquid Warping GAN generator, on a CPU or a GPU. The state after a number of samples depends only on options and data, so a
/// training that was stopped and resumed ends with the same result as one that was not (on the same processor with the same number of
/// threads; sums on a GPU have no fixed order).
/// </summary>
internal sealed class GeneratorTrainer : IDisposable
{
    private readonly GeneratorTrainingOptions _options;
    private readonly BodyModel _body;
    private readonly GeneratorStep _step;

    /// <summary>Starts a training.</summary>
    /// <param name="options">The training options.</param>
    /// <param name="body">The body whose maps the generator reads; null for the default body.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="TrainingException">The device is not available in libtorch.</exception>
    public GeneratorTrainer(GeneratorTrainingOptions options, BodyModel? body = null)
        : this(options, body, learned: null)
    {
    }

    private GeneratorTrainer(GeneratorTrainingOptions options, BodyModel? body, INamedWeights? learned)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        (_options, _body) = (options, body ?? BodyModel.Default);
        _step = new GeneratorStep(options, learned);
    }

    /// <summary>Starts a training from the weights of a model; Adam and the discriminator start from scratch.</summary>
    /// <param name="model">A generator that a <see cref="GeneratorTrainer"/> made.</param>
    /// <param name="options">The training options; sizes and erosion are taken from the model instead.</param>
    /// <param name="body">The body; null for the default body.</param>
    /// <exception cref="ModelFileException">The model is not a generator, or is corrupt.</exception>
    /// <exception cref="TrainingException">The generator composes its background in another way: published generators cannot be trained
    /// here. Or the device is not available in libtorch.</exception>
    /// <exception cref="BodyMismatchException">The generator reads maps of another body.</exception>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public static GeneratorTrainer FromModel(ModelPackage model, GeneratorTrainingOptions options, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        model.Require(ModelKind.Generator);
        ModelManifest manifest = model.Manifest;
        if (manifest.Background != BackgroundComposition.RefinedFill)
            throw new TrainingException($"{model.Source} creates its background by {manifest.Background}; only generators of this trainer "
                + $"({BackgroundComposition.RefinedFill}) can be trained further.");
        string hash = (body ?? BodyModel.Default).Hash;
        if (manifest.BodyHash != hash)
            throw new BodyMismatchException(
                $"{model.Source} reads maps of the body with the hash {manifest.BodyHash}, but the body given has {hash}.");
        return new GeneratorTrainer(Fitting(model, options), body, LiquidWarpingGenerator.ReadWeights(model));
    }

    /// <summary>Returns options with a model's sizes and erosion, as <see cref="FromModel"/> uses them.</summary>
    internal static GeneratorTrainingOptions Fitting(ModelPackage model, GeneratorTrainingOptions options)
    {
        model.Require(ModelKind.Generator);
        return options with { Shape = model.Manifest.Generator!,
            BackgroundKernel = GeneratorTrainingOptions.KernelOf(model.Manifest.BackgroundKernel, model.Manifest.ImageSize) };
    }

    /// <summary>Resumes a training.</summary>
    /// <param name="checkpoint">The file that <see cref="SaveCheckpoint"/> wrote.</param>
    /// <param name="options">The training options; null for those of the checkpoint, on a CPU. They may differ only in the part of the
    /// schedule that is still to come, and in the values that checkpoints do not store: device and sample threads.</param>
    /// <param name="body">The body; null for the default body.</param>
    /// <exception cref="ModelFileException">The file is missing, corrupt or not a checkpoint.</exception>
    /// <exception cref="TrainingException">The options differ, or the device is not available in libtorch.</exception>
    public static GeneratorTrainer Resume(string checkpoint, GeneratorTrainingOptions? options = null, BodyModel? body = null)
    {
        TrainingCheckpoint<GeneratorTrainingOptions> saved = TrainingCheckpoint<GeneratorTrainingOptions>.Read(checkpoint);
        if (options is not null)
            saved.RequireSame(options);
        var trainer = new GeneratorTrainer(options ?? saved.Options, body);
        try
        {
            trainer.Load(saved, checkpoint);
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }

    /// <summary>The training options.</summary>
    public GeneratorTrainingOptions Options => _options;

    /// <summary>The number of samples processed so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Whether the schedule is complete.</summary>
    public bool IsFinished => Samples >= _options.SampleCount;

    /// <summary>Trains to the end of the schedule or until cancelled; a cancelled training keeps its progress.</summary>
    /// <param name="data">The samples.</param>
    /// <param name="progress">Called after each step, in order.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="TrainingException">Every implementation of a convolution in libtorch is wrong on this machine, a loss is not a
    /// number, or the data do not support training or appearance transfer; the message gives the cause. Progress since the last
    /// checkpoint is lost.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(ITrainingData data, Action<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var dressed = data as IAppearanceTrainingData;
        if (_options.AppearanceShare > 0 && dressed is null)
            throw new TrainingException($"AppearanceShare is {_options.AppearanceShare}, but the data have no ground truth for appearance "
                + $"transfer: they must implement {nameof(IAppearanceTrainingData)}.");
        if (!IsFinished)
            _step.CheckConvolutions(Samples, cancellationToken);
        // Data that are not thread-safe are read by one thread, in order.
        GeneratorTrainingOptions reading = data.IsThreadSafe ? _options : _options with { SampleThreads = 1 };
        using var queue = new SampleQueue<PreparedSample>(reading, Samples, Filler);
        while (queue.Take(cancellationToken) is { } taken)
        {
            PreparedSample[] batch = taken.Samples;
            cancellationToken.ThrowIfCancellationRequested();
            var report = new TrainingProgress(this, batch);
            LossValues losses = _step.Run((BatchTensors)taken.Uploaded!, Samples + batch.Length, _options.RateAt(Samples));
            if (!losses.IsFinite)
                throw new TrainingException($"A loss is not a number at samples {Samples} to "
                    + $"{Samples + batch.Length - 1} ({string.Join(", ", batch.Select(s => s.Name))}): {losses}.");
            Samples += batch.Length;
            report.Complete(losses, _step.LastTargets);
            progress?.Invoke(report);
            queue.Return(taken);
        }

        SampleFiller<PreparedSample> Filler(int size)
        {
            var preparer = new SamplePreparer(_body, _options, size);
            var sample = new TrainingSample(size);
            return new SampleFiller<PreparedSample>(() => new PreparedSample(size), (first, batch) =>
            {
                bool appearance = _options.IsAppearance(first);
                for (int i = 0; i < batch.Length; i++)
                {
                    if (appearance)
                        dressed!.FillAppearance(first + i, sample);
                    else
                        data.Fill(first + i, sample);
                    preparer.Prepare(sample, first + i, batch[i], appearance);
                }
                return new BatchTensors(batch, _step.Device);
            });
        }
    }

    /// <summary>Writes a checkpoint from which the training can be resumed.</summary>
    /// <param name="path">The file to make or replace.</param>
    public void SaveCheckpoint(string path) => new TrainingCheckpoint<GeneratorTrainingOptions>
    {
        Options = _options,
        Samples = Samples,
        Steps = [_step.Generator.Steps, _step.Discriminator.Steps],
        State = [.. _step.Generator.Save(), .. _step.Discriminator.Save()],
    }.Write(path);

    /// <summary>Returns the learned weights (their running average), under the names of the published checkpoints.</summary>
    public INamedWeights Weights() => _step.Generator.Average();

    /// <summary>Returns the current generator as a model.</summary>
    /// <param name="notes">Notes for the manifest.</param>
    /// <param name="storage">The number format of the weights.</param>
    /// <param name="licence">The licence of the weights; null for <see cref="ModelManifest.LicenceNotNamed"/>.</param>
    /// <param name="redistributable">Whether the weights may be redistributed, which requires a licence.</param>
    /// <exception cref="ArgumentException">The weights are redistributable, but no licence is given.</exception>
    public ModelPackage ToPackage(string? notes = null, WeightStorage storage = WeightStorage.Half, string? licence = null,
        bool redistributable = false)
    {
        CheckLicence(licence, redistributable);
        int size = _options.MainSize;
        var manifest = new ModelManifest
        {
            Kind = ModelKind.Generator,
            ImageSize = size,
            BodyHash = _body.Hash,
            Generator = _options.Shape,
            Background = BackgroundComposition.RefinedFill,
            BackgroundKernel = GeneratorTrainingOptions.KernelAt(_options.BackgroundKernel, size),
            Licence = licence ?? ModelManifest.LicenceNotNamed,
            Redistributable = redistributable,
            Notes = notes,
        };
        return LiquidWarpingGenerator.Write(manifest, Weights(), storage);
    }

    internal static void CheckLicence(string? licence, bool redistributable)
    {
        if (licence is not null && string.IsNullOrWhiteSpace(licence))
            throw new ArgumentException("The licence is empty; give a name or a sentence, or null for none.", nameof(licence));
        if (redistributable && licence is null)
            throw new ArgumentException("Redistributable weights need a licence.",
                nameof(redistributable));
    }

    /// <inheritdoc/>
    public void Dispose() => _step.Dispose();

    private void Load(TrainingCheckpoint<GeneratorTrainingOptions> saved, string file)
    {
        int[] wanted = [.. new[] { _step.Generator, _step.Discriminator }.SelectMany(w =>
            Enumerable.Repeat((int)w.Count, LearnedWeightsStateCount))];
        if (saved.Steps.Count != 2 || !saved.State.Select(s => s.Length).SequenceEqual(wanted))
            throw new ModelFileException(file, null, "its values do not fit the networks of its options.");
        _step.Generator.Load([.. saved.State.Take(LearnedWeightsStateCount)], saved.Steps[0]);
        _step.Discriminator.Load([.. saved.State.Skip(LearnedWeightsStateCount)], saved.Steps[1]);
        Samples = saved.Samples;
    }

    private const int LearnedWeightsStateCount = Torch.LearnedWeights.StateCount;
}

/// <summary>The results of a training step; valid only during the call.</summary>
public sealed class TrainingProgress
{
    private readonly GeneratorTrainer _trainer;
    private readonly PreparedSample[] _batch;
    private Func<float[]>? _targets;

    internal TrainingProgress(GeneratorTrainer trainer, PreparedSample[] batch) => (_trainer, _batch, Losses) = (trainer, batch, null!);

    /// <summary>The losses.</summary>
    public LossValues Losses { get; private set; }

    /// <summary>The number of samples in the schedule.</summary>
    public long SampleCount => _trainer.Options.SampleCount;

    /// <summary>Returns four pictures [3,S,S] of a sample of the step: source, warped source, result, ground truth.</summary>
    /// <param name="index">The index of the sample in the batch.</param>
    public IReadOnlyList<float[]> Pictures(int index = 0)
    {
        PreparedSample sample = _batch[index];
        int length = 3 * sample.Size * sample.Size;
        return [sample.SourceImage, sample.TransferInput[..length], _targets!()[(index * length)..((index + 1) * length)],
            sample.TargetImage];
    }

    internal void Complete(LossValues losses, Func<float[]> targets) => (Losses, _targets) = (losses, targets);
}
