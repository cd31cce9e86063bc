using Lwg.MLNet.Body;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Metrics;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training;

/// <summary>
/// Goes on training a generator on the people whom it will have to show: on their own pictures, and on their fitted, textured bodies in
/// other poses, which give exact pairs. What was learned is kept only where their own pictures come out better. Deterministic on one
/// machine, as <see cref="GeneratorTrainer"/> is.
/// </summary>
/// <param name="options">How to tune; null for the defaults, which take minutes on a CPU.</param>
public sealed class SubjectTuner(SubjectTuningOptions? options = null) : ISubjectTuner
{
    private readonly SubjectTuningOptions _options = Checked(options ?? new SubjectTuningOptions());

    ModelPackage ISubjectTuner.Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects,
        CancellationToken cancellationToken) => Tune(generator, body, subjects, cancellationToken);

    ModelPackage ISubjectTuner.Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects, Action<string> report,
        CancellationToken cancellationToken) =>
        Tune(generator, body, subjects, report, cancellationToken);

    /// <summary>As <see cref="ISubjectTuner"/> says.</summary>
    /// <exception cref="ModelFileException">The generator's weights are damaged.</exception>
    /// <exception cref="TrainingException">The generator is not of a kind that can be trained on, libtorch computes a convolution wrong on
    /// this machine in every way that there is, or a loss is not a number.</exception>
    /// <exception cref="BodyMismatchException">The generator reads maps of another body.</exception>
    /// <exception cref="ArgumentException">There are no people, or the generator cannot halve pictures of the size often
    /// enough.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing has changed.</exception>
    internal ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects,
        CancellationToken cancellationToken) => Tune(generator, body, subjects, _ => { }, cancellationToken);

    /// <summary>As <see cref="ISubjectTuner"/> says.</summary>
    /// <exception cref="ModelFileException">The generator's weights are damaged.</exception>
    /// <exception cref="TrainingException">The generator is not of a kind that can be trained on, libtorch computes a convolution wrong on
    /// this machine in every way that there is, or a loss is not a number.</exception>
    /// <exception cref="BodyMismatchException">The generator reads maps of another body.</exception>
    /// <exception cref="ArgumentException">There are no people, or the generator cannot halve pictures of the size often
    /// enough.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; nothing has changed.</exception>
    internal ModelPackage Tune(ModelPackage generator, BodyModel body, IReadOnlyList<Subject> subjects, Action<string> report,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(subjects);
        if (subjects.Count == 0)
            throw new ArgumentException("A generator is tuned on one person or more, but none was given.", nameof(subjects));
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

    /// <summary>The mean absolute difference, within the person, of each picture made from itself, at the size at which it will be
    /// shown.</summary>
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
        return LiquidWarpingGenerator.Write(generator.Manifest with { Notes = notes }, weights, storage);
    }

    private static SubjectTuningOptions Checked(SubjectTuningOptions options)
    {
        options.Check();
        return options;
    }
}
