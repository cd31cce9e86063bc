using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training;

/// <summary>
/// Fine-tunes a generator on the people to show: on their own pictures, and on their fitted, textured bodies in other poses, which give
/// exact pairs. The result is kept only if it improves the reconstruction of their own pictures. Deterministic on one machine, as
/// <see cref="GeneratorTrainer"/> is.
/// </summary>
/// <param name="options">The tuning options; null for the defaults, which take minutes on a CPU.</param>
public sealed class SubjectTuner(SubjectTuningOptions? options = null) : ISubjectTuner
{
    private readonly SubjectTuningOptions _options = Checked(options ?? new SubjectTuningOptions());

    ModelPackage ISubjectTuner.Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects,
        CancellationToken cancellationToken) => Tune(generator, body, subjects, cancellationToken);

    ModelPackage ISubjectTuner.Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects, Action<string> report,
        CancellationToken cancellationToken) =>
        Tune(generator, body, subjects, report, cancellationToken);

    /// <summary>Tunes a generator, see <see cref="ISubjectTuner"/>.</summary>
    /// <exception cref="ModelFileException">The generator's weights are corrupt.</exception>
    /// <exception cref="TrainingException">The generator is not of a kind that can be trained further, every implementation of a
    /// convolution in libtorch is wrong on this machine, or a loss is not a number.</exception>
    /// <exception cref="BodyMismatchException">The generator reads maps of another body.</exception>
    /// <exception cref="ArgumentException">There are no people, or the generator does not support the picture size.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing was changed.</exception>
    internal ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects,
        CancellationToken cancellationToken) => Tune(generator, body, subjects, _ => { }, cancellationToken);

    /// <summary>Tunes a generator, see <see cref="ISubjectTuner"/>.</summary>
    /// <exception cref="ModelFileException">The generator's weights are corrupt.</exception>
    /// <exception cref="TrainingException">The generator is not of a kind that can be trained further, every implementation of a
    /// convolution in libtorch is wrong on this machine, or a loss is not a number.</exception>
    /// <exception cref="BodyMismatchException">The generator reads maps of another body.</exception>
    /// <exception cref="ArgumentException">There are no people, or the generator does not support the picture size.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing was changed.</exception>
    internal ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects, Action<string> report,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(subjects);
        if (subjects.Count == 0)
            throw new ArgumentException("Tuning needs at least one person, but none was given.", nameof(subjects));
        cancellationToken.ThrowIfCancellationRequested();
        int size = _options.Size ?? generator.Manifest.ImageSize;
        using GeneratorTrainer trainer =
            GeneratorTrainer.FromModel(generator, _options.Training(size) with { Report = line => Tell(line, report) }, body);
        SubjectPictures[] people = [.. subjects.Select(s => new SubjectPictures(body, s, size))];
        try
        {
            double before = SelfReconstruction(generator, body, subjects);
            trainer.Run(new SubjectTrainingData(people, _options.RenderedShare, _options.Seed), _options.Progress, cancellationToken);
            ModelPackage tuned = Written(generator, trainer.Weights(), subjects.Count);
            var result = new SubjectTuningResult(before, SelfReconstruction(tuned, body, subjects));
            _options.Finished?.Invoke(result);
            return result.IsKept ? tuned : generator;
        }
        finally
        {
            foreach (SubjectPictures person in people)
                person.Dispose();
        }
    }

    private void Tell(string line, Action<string> report)
    {
        _options.Report?.Invoke(line);
        report(line);
    }

    /// <summary>Computes the mean absolute difference, inside the person, between each picture and its reconstruction from itself, at the
    /// size at which it will be shown.</summary>
    private static double SelfReconstruction(ModelPackage package, BodyModel body, IReadOnlyList<Subject> subjects)
    {
        using var network = new LiquidWarpingGenerator(package);
        var metrics = new TransferMetrics();
        foreach (Subject subject in subjects)
        {
            using var pictures = new SubjectPictures(body, subject, subject.Size);
            pictures.Reconstruct(network, metrics);
        }
        return metrics.Mean(TransferRegion.Person, TransferMeasure.L1);
    }

    private ModelPackage Written(ModelPackage generator, INamedWeights weights, int people)
    {
        WeightStorage storage = OnnxWeights.Read(generator.Get(LiquidWarpingGenerator.TransferFile), generator.Source).Storage;
        string notes = ($"{generator.Manifest.Notes} Tuned on {_options.SampleCount} samples of {people} "
                + $"{(people == 1 ? "person" : "people")}.").TrimStart();
        return LiquidWarpingGenerator.Write(generator.Manifest with { Notes = notes, ActivationRanges = null }, weights, storage);
    }

    private static SubjectTuningOptions Checked(SubjectTuningOptions options)
    {
        options.Check();
        return options;
    }
}
