using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;
using Lwg.MLNet.Training.Generator;

namespace Lwg.MLNet.Training;

/// <summary>
/// Trains a Liquid Warping GAN generator, on a CPU or a GPU. The state after a number of samples depends on options and data only, so a
/// training that was stopped and resumed ends where one that was not stopped does (on one processor and with as many threads; sums on a GPU
/// have no fixed order).
/// </summary>
internal sealed class GeneratorTrainer : IDisposable
{
    private readonly GeneratorTrainingOptions _options;
    private readonly BodyModel _body;
    private readonly GeneratorStep _step;

    /// <summary>Begins a training.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="body">The body whose maps the generator will read; null for our own.</param>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="TrainingException">libtorch has no such device.</exception>
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

    /// <summary>Begins a training with what a model has learned; Adam and the discriminator begin anew.</summary>
    /// <param name="model">A generator that a <see cref="GeneratorTrainer"/> made.</param>
    /// <param name="options">How to train; sizes and erosion are the model's, whatever the options say.</param>
    /// <param name="body">The body; null for our own.</param>
    /// <exception cref="ModelFileException">It is no generator, or damaged.</exception>
    /// <exception cref="TrainingException">The generator makes its background in another way than ours: published ones cannot be trained
    /// here. Or libtorch has no such device.</exception>
    /// <exception cref="BodyMismatchException">It reads maps of another body.</exception>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public static GeneratorTrainer FromModel(ModelPackage model, GeneratorTrainingOptions options, BodyModel? body = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        model.Require(ModelKind.Generator);
        ModelManifest manifest = model.Manifest;
        if (manifest.Background != BackgroundComposition.RefinedFill)
            throw new TrainingException($"{model.Source} makes its background by {manifest.Background}; only generators of this trainer "
                + $"({BackgroundComposition.RefinedFill}) can be trained on.");
        string hash = (body ?? BodyModel.Default).Hash;
        if (manifest.BodyHash != hash)
            throw new BodyMismatchException(
                $"{model.Source} reads maps of the body with the hash {manifest.BodyHash}, but the body given has {hash}.");
        return new GeneratorTrainer(Fitting(model, options), body, LiquidWarpingGenerator.ReadWeights(model));
    }

    /// <summary>Options with a model's sizes and erosion: those that <see cref="FromModel"/> trains by.</summary>
    internal static GeneratorTrainingOptions Fitting(ModelPackage model, GeneratorTrainingOptions options)
    {
        model.Require(ModelKind.Generator);
        return options with { Shape = model.Manifest.Generator!,
            BackgroundKernel = GeneratorTrainingOptions.KernelOf(model.Manifest.BackgroundKernel, model.Manifest.ImageSize) };
    }

    /// <summary>Goes on with a training.</summary>
    /// <param name="checkpoint">The file that <see cref="SaveCheckpoint"/> wrote.</param>
    /// <param name="options">How to train; null for what the checkpoint says, and a CPU. Only what lies ahead in the schedule may differ,
    /// and what checkpoints do not keep: device and sample threads.</param>
    /// <param name="body">The body; null for our own.</param>
    /// <exception cref="ModelFileException">The file is missing, damaged or no checkpoint.</exception>
    /// <exception cref="TrainingException">Options differ, or libtorch has no such device.</exception>
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

    /// <summary>How it is trained.</summary>
    public GeneratorTrainingOptions Options => _options;

    /// <summary>Samples seen so far.</summary>
    public long Samples { get; private set; }

    /// <summary>Whether the schedule is through.</summary>
    public bool IsFinished => Samples >= _options.SampleCount;

    /// <summary>Trains to the end of the schedule, or until cancelled; then what was learned is still there.</summary>
    /// <param name="data">The samples.</param>
    /// <param name="progress">Called after each step, in order.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <exception cref="TrainingException">libtorch computes a convolution wrong on this machine, in every way that there is. Or a loss is
    /// not a number, or the data cannot be learned from, or appearance transfer cannot; the message says which. What was learned since the
    /// last checkpoint is lost.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(ITrainingData data, Action<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var dressed = data as IAppearanceTrainingData;
        if (_options.AppearanceShare > 0 && dressed is null)
            throw new TrainingException($"A share of {_options.AppearanceShare} of the steps is to learn appearance transfer, but the "
                + $"data do not know its truth: only {nameof(IAppearanceTrainingData)} do.");
        if (!IsFinished)
            _step.CheckConvolutions(Samples, cancellationToken);
        // Whoever cannot be asked by several threads is asked by one, in order.
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

    /// <summary>Writes everything that is needed to go on.</summary>
    /// <param name="path">The file to make or replace.</param>
    public void SaveCheckpoint(string path) => new TrainingCheckpoint<GeneratorTrainingOptions>
    {
        Options = _options,
        Samples = Samples,
        Steps = [_step.Generator.Steps, _step.Discriminator.Steps],
        State = [.. _step.Generator.Save(), .. _step.Discriminator.Save()],
    }.Write(path);

    /// <summary>The learned weights (their running average), by the names of the published checkpoints.</summary>
    public INamedWeights Weights() => _step.Generator.Average();

    /// <summary>The generator as it stands, as a model.</summary>
    /// <param name="notes">What there is to say about it.</param>
    /// <param name="storage">How weights are stored.</param>
    /// <param name="licence">The licence of the weights; null for <see cref="ModelManifest.LicenceNotNamed"/>.</param>
    /// <param name="redistributable">Whether anybody may pass the weights on, which takes a licence.</param>
    /// <exception cref="ArgumentException">The weights are redistributable, and no licence is named.</exception>
    public ModelPackage ToPackage(string? notes = null, WeightStorage storage = WeightStorage.Half, string? licence = null,
        bool redistributable = false)
    {
        CheckLicence(licence, redistributable);
        var manifest = new ModelManifest
        {
            Kind = ModelKind.Generator,
            ImageSize = _options.Schedule[^1].Size,
            BodyHash = _body.Hash,
            Generator = _options.Shape,
            Background = BackgroundComposition.RefinedFill,
            BackgroundKernel = GeneratorTrainingOptions.KernelAt(_options.BackgroundKernel, _options.Schedule[^1].Size),
            Licence = licence ?? ModelManifest.LicenceNotNamed,
            Redistributable = redistributable,
            Notes = notes,
        };
        return LiquidWarpingGenerator.Write(manifest, Weights(), storage);
    }

    internal static void CheckLicence(string? licence, bool redistributable)
    {
        if (licence is not null && string.IsNullOrWhiteSpace(licence))
            throw new ArgumentException("A licence is a name or a sentence, or null where none is named.", nameof(licence));
        if (redistributable && licence is null)
            throw new ArgumentException("Weights that may be passed on need a licence; name it, or leave them not redistributable.",
                nameof(redistributable));
    }

    /// <inheritdoc/>
    public void Dispose() => _step.Dispose();

    private void Load(TrainingCheckpoint<GeneratorTrainingOptions> saved, string file)
    {
        int[] wanted = [.. new[] { _step.Generator, _step.Discriminator }.SelectMany(w =>
            Enumerable.Repeat((int)w.Count, LearnedWeightsStateCount))];
        if (saved.Steps.Count != 2 || !saved.State.Select(s => s.Length).SequenceEqual(wanted))
            throw new ModelFileException(file, null, "its numbers do not fit the networks of its options.");
        _step.Generator.Load([.. saved.State.Take(LearnedWeightsStateCount)], saved.Steps[0]);
        _step.Discriminator.Load([.. saved.State.Skip(LearnedWeightsStateCount)], saved.Steps[1]);
        Samples = saved.Samples;
    }

    private const int LearnedWeightsStateCount = Torch.LearnedWeights.StateCount;
}

/// <summary>What happened in a step; valid during the call only.</summary>
public sealed class TrainingProgress
{
    private readonly GeneratorTrainer _trainer;
    private readonly PreparedSample[] _batch;
    private Func<float[]>? _targets;

    internal TrainingProgress(GeneratorTrainer trainer, PreparedSample[] batch) => (_trainer, _batch, Losses) = (trainer, batch, null!);

    /// <summary>The losses.</summary>
    public LossValues Losses { get; private set; }

    /// <summary>All samples of the schedule.</summary>
    public long SampleCount => _trainer.Options.SampleCount;

    /// <summary>Four pictures [3,S,S] of a sample of the step: source, warped source, what was made, what should be.</summary>
    /// <param name="index">Which sample of the batch.</param>
    public IReadOnlyList<float[]> Pictures(int index = 0)
    {
        PreparedSample sample = _batch[index];
        int length = 3 * sample.Size * sample.Size;
        return [sample.SourceImage, sample.TransferInput[..length], _targets!()[(index * length)..((index + 1) * length)],
            sample.TargetImage];
    }

    internal void Complete(LossValues losses, Func<float[]> targets) => (Losses, _targets) = (losses, targets);
}
