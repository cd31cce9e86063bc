namespace Lwg.MLNet.Training;

/// <summary>Options of <see cref="SubjectTuner"/>.</summary>
public sealed record SubjectTuningOptions
{
    /// <summary>The number of training samples, over all people; 1 to 1,000,000.</summary>
    public int SampleCount { get; init; } = 200;

    /// <summary>
    /// The side of the training pictures, 32 to 1024 pixels and a multiple of the generator's size multiple; null for the size
    /// that the generator was trained for. Colours learned at another size do not match those at the size of inference.
    /// </summary>
    public int? Size { get; init; }

    /// <summary>Adam's learning rate, 1e-8 to 1; it falls to a tenth over the last half of the samples.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>Samples per step, 1 to 64.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>The streams to train. The background of a learned person is a plate, so the background network has no effect.</summary>
    public GeneratorStreams Streams { get; init; } = GeneratorStreams.Transfer;

    /// <summary>
    /// The share of samples whose source is the fitted, textured body in another pose, 0 to 1. The target of half of these is a picture
    /// of the person (source, pose, source; Liu et al. 2019, section 3.3, with the rendered body between), of the other half a third
    /// pose. The remaining samples lead from picture to picture.
    /// </summary>
    public double RenderedShare { get; init; } = 0.5;

    /// <summary>Seed of poses and simulated pose errors.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Called after each step, in order; may be null.</summary>
    public Action<TrainingProgress>? Progress { get; init; }

    /// <summary>Receives, line by line, the result of the convolution check before the training (<see cref="TrainingOptions.Report"/>);
    /// may be null. The lines also go to mlContext.Log.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>Called at the end with the result; may be null.</summary>
    public Action<SubjectTuningResult>? Finished { get; init; }

    /// <summary>Validates the options.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public void Check()
    {
        if (SampleCount is < 1 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(SampleCount), SampleCount, "1 to 1,000,000 are allowed.");
        if (!(RenderedShare is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(RenderedShare), RenderedShare, "0 to 1 are allowed.");
        Training(Size ?? 256).Check();
    }

    /// <summary>Returns the options for the trainer. There is no discriminator: it would start from scratch, and a few samples do not
    /// train it.</summary>
    internal GeneratorTrainingOptions Training(int size) => new()
    {
        Schedule = [new(size, SampleCount)],
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        FinalLearningRate = LearningRate / 10,
        DecayShare = 0.5,
        TrainedStreams = Streams,
        BackgroundWeight = 0,
        AdversarialWeight = 0,
        Seed = Seed,
    };
}

/// <summary>The effect of a tuning on the reconstruction of the person's own pictures.</summary>
/// <param name="Before">Mean absolute difference inside the person before the tuning, in units of [-1,1].</param>
/// <param name="After">Mean absolute difference after the tuning.</param>
public sealed record SubjectTuningResult(double Before, double After)
{
    /// <summary>Whether the tuned weights were kept: only if they improve the person's own pictures.</summary>
    public bool IsKept => After < Before;

    /// <summary>Returns the result as a sentence.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"The person's own pictures have a mean difference of {After:0.0000} instead of {Before:0.0000}: "
        + $"{(IsKept ? "the tuned weights are kept" : "the generator is unchanged")}.");
}
