namespace Lwg.MLNet.Training;

/// <summary>Options of <see cref="SubjectTuner"/>.</summary>
public sealed record SubjectTuningOptions
{
    /// <summary>How many samples are learned from, over all people; 1 to 1,000,000.</summary>
    public int SampleCount { get; init; } = 200;

    /// <summary>
    /// The side of the pictures that are learned from, a multiple of what the generator halves; null for what it was trained for. Colours
    /// learned at another size are not those of the size at which the network works.
    /// </summary>
    public int? Size { get; init; }

    /// <summary>Adam's step size, which falls to a tenth over the last half of the samples.</summary>
    public double LearningRate { get; init; } = 5e-5;

    /// <summary>Samples a step, 1 to 64.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>What learns. The background of a learned person is a plate, so that the background network never matters.</summary>
    public GeneratorStreams Streams { get; init; } = GeneratorStreams.Transfer;

    /// <summary>
    /// How many of the samples have a source that is the fitted, textured body in another pose, 0 to 1: half of these lead back to a
    /// picture of the person (source, pose, source; Liu et al. 2019, section 3.3, with the rendered body between), half to yet another
    /// pose. The others lead from picture to picture.
    /// </summary>
    public double RenderedShare { get; init; } = 0.5;

    /// <summary>Seeds poses and misfits.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Called after each step, in order; null for nothing.</summary>
    public Action<TrainingProgress>? Progress { get; init; }

    /// <summary>Told, line by line, what the check of the convolutions before the training found (<see cref="TrainingOptions.Report"/>);
    /// null for nothing. It also goes to mlContext.Log.</summary>
    public Action<string>? Report { get; init; }

    /// <summary>Called at the end with what came of it; null for nothing.</summary>
    public Action<SubjectTuningResult>? Finished { get; init; }

    /// <summary>Says what is wrong with the options.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public void Check()
    {
        if (SampleCount is < 1 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(SampleCount), SampleCount, "1 to 1,000,000 are allowed.");
        if (!(RenderedShare is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(RenderedShare), RenderedShare, "0 to 1 are allowed.");
        Training(Size ?? 256).Check();
    }

    /// <summary>As the trainer reads them. A discriminator would begin anew, and a few samples teach it nothing.</summary>
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

/// <summary>What a tuning did to the person's own pictures, reconstructed from themselves.</summary>
/// <param name="Before">Mean absolute difference within the person before it, in units of [-1,1].</param>
/// <param name="After">The same after it.</param>
public sealed record SubjectTuningResult(double Before, double After)
{
    /// <summary>Whether what was learned was kept: only where the person's own pictures come out better.</summary>
    public bool IsKept => After < Before;

    /// <summary>The result as a sentence.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"The person's own pictures come out with a mean difference of {After:0.0000} instead of {Before:0.0000}: "
        + $"{(IsKept ? "what was learned is kept" : "the generator stays as it was")}.");
}
