using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training;

/// <summary>A part of a training: pictures of one size.</summary>
/// <param name="Size">S, pixels; a multiple of what the generator halves.</param>
/// <param name="Samples">How many samples.</param>
public sealed record TrainingStage(int Size, long Samples);

/// <summary>How a generator is trained. Losses and their weights after Liu et al. 2019, section 3.3; what differs is said.</summary>
public sealed record GeneratorTrainingOptions
{
    // Four halvings and two more convolutions of 4 x 4 must leave a pixel.
    private const int SmallestJudged = 48;

    /// <summary>The generator's sizes.</summary>
    public GeneratorShape Shape { get; init; } = new() { Width = 16, AlignCorners = true };

    /// <summary>The parts of the training, one after another.</summary>
    public IReadOnlyList<TrainingStage> Schedule { get; init; } = [new(128, 20_000), new(256, 5_000)];

    /// <summary>Samples a step, 1 to 64.</summary>
    public int BatchSize { get; init; } = 2;

    /// <summary>Adam's step size; its betas are 0.5 and 0.999.</summary>
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>The step size at the end, reached linearly over the last <see cref="DecayShare"/> of the schedule.</summary>
    public double FinalLearningRate { get; init; } = 2e-6;

    /// <summary>Over which last share of the schedule the step size falls, 0 to 1.</summary>
    public double DecayShare { get; init; } = 0.3;

    /// <summary>Longest gradient, Euclidean; longer ones are shortened.</summary>
    public double GradientLimit { get; init; } = 10;

    /// <summary>How slowly the averaged weights follow, which are what is exported: 0 (not at all slowly) to below 1.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>
    /// The side of the square by which the background mask is eroded, on pictures of 256 pixels; smaller than the paper's 15, since the person's own mask widens
    /// the hole where clothes and hair stand off. Odd.
    /// </summary>
    public int BackgroundKernel { get; init; } = 9;

    /// <summary>How far the source's body is off, 1 being a usual fit; 0 for exact bodies.</summary>
    public float SourceMisfit { get; init; } = 1;

    /// <summary>For comparison: the transfer stream sees the source as it is, not warped.</summary>
    public bool UnwarpedInput { get; init; }

    /// <summary>Weight of the source's reconstruction, L1.</summary>
    public float SourceWeight { get; init; } = 5;

    /// <summary>Weight of the target, L1; within the person a pixel counts five times.</summary>
    public float TargetWeight { get; init; } = 10;

    /// <summary>Weight of the structural term, 1 - SSIM at two scales: what stands here for the perceptual loss and needs no pretrained network.</summary>
    public float StructureWeight { get; init; } = 3;

    /// <summary>Weight of the perceptual term; it counts where <see cref="PerceptualNetwork"/> is given.</summary>
    public float PerceptualWeight { get; init; } = 10;

    /// <summary>A PyTorch checkpoint of VGG-19 with torchvision's names, for the perceptual term; null for none.</summary>
    public string? PerceptualNetwork { get; init; }

    /// <summary>Weight of the background in the hole, L1 against the true one.</summary>
    public float BackgroundWeight { get; init; } = 5;

    /// <summary>Weight of the masks, binary cross-entropy.</summary>
    public float MaskWeight { get; init; } = 2;

    /// <summary>Weight of the masks' total variation.</summary>
    public float SmoothWeight { get; init; } = 0.1f;

    /// <summary>Weight of the adversarial term; 0 for a training without discriminator.</summary>
    public float AdversarialWeight { get; init; } = 0.5f;

    /// <summary>The sample from which the discriminator takes part.</summary>
    public long DiscriminatorFrom { get; init; } = 10_000;

    /// <summary>The discriminator's channels.</summary>
    public int DiscriminatorWidth { get; init; } = 32;

    /// <summary>
    /// Whether convolutions are computed in bfloat16, weights staying single: about 1.5 times faster where the processor has it (avx512_bf16, amx_bf16), slower
    /// elsewhere.
    /// </summary>
    public bool Bfloat16 { get; init; }

    /// <summary>Seeds weights, and the misfit.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>All samples of the schedule.</summary>
    public long SampleCount => Schedule.Sum(s => s.Samples);

    /// <summary>The picture size at a sample, and how many samples are left of its stage.</summary>
    internal (int Size, long Left) StageAt(long number)
    {
        foreach (TrainingStage stage in Schedule)
        {
            if (number < stage.Samples)
                return (stage.Size, stage.Samples - number);
            number -= stage.Samples;
        }
        throw new ArgumentOutOfRangeException(nameof(number), number, "The schedule is through.");
    }

    /// <summary>The step size at a sample.</summary>
    internal double RateAt(long number)
    {
        double share = (double)number / SampleCount, falling = DecayShare > 0 ? Math.Clamp((share - (1 - DecayShare)) / DecayShare, 0, 1) : 0;
        return LearningRate + falling * (FinalLearningRate - LearningRate);
    }

    /// <summary>Says what is wrong with the options.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public void Check()
    {
        Shape.Check();
        if (Schedule.Count == 0)
            throw new ArgumentException("A training has at least one stage.", nameof(Schedule));
        foreach (TrainingStage stage in Schedule)
        {
            if (stage.Size < 32 || stage.Size > 1024 || stage.Size % Shape.Multiple != 0)
                throw new ArgumentException($"A stage has pictures of {stage.Size} pixels; 32 to 1024 and multiples of {Shape.Multiple} are allowed.", nameof(Schedule));
            if (stage.Size < SmallestJudged && AdversarialWeight > 0)
                throw new ArgumentException($"A stage has pictures of {stage.Size} pixels; the discriminator judges pictures of {SmallestJudged} pixels and more.", nameof(Schedule));
            if (stage.Samples < 1)
                throw new ArgumentException($"A stage has {stage.Samples} samples; it needs at least 1.", nameof(Schedule));
        }
        Range(BatchSize, 1, 64, nameof(BatchSize));
        Range(LearningRate, 1e-8, 1, nameof(LearningRate));
        Range(FinalLearningRate, 0, LearningRate, nameof(FinalLearningRate));
        Range(DecayShare, 0, 1, nameof(DecayShare));
        Range(GradientLimit, 1e-6, 1e6, nameof(GradientLimit));
        Range(AverageDecay, 0, 0.999999, nameof(AverageDecay));
        Range(SourceMisfit, 0, 10, nameof(SourceMisfit));
        Range(DiscriminatorWidth, 1, 256, nameof(DiscriminatorWidth));
        if (BackgroundKernel is < 1 or > 255 || BackgroundKernel % 2 == 0)
            throw new ArgumentException($"The erosion's square is {BackgroundKernel} pixels wide; odd numbers from 1 to 255 are allowed.", nameof(BackgroundKernel));
        foreach ((float weight, string name) in new[] { (SourceWeight, nameof(SourceWeight)), (TargetWeight, nameof(TargetWeight)), (StructureWeight, nameof(StructureWeight)), (PerceptualWeight, nameof(PerceptualWeight)), (BackgroundWeight, nameof(BackgroundWeight)), (MaskWeight, nameof(MaskWeight)), (SmoothWeight, nameof(SmoothWeight)), (AdversarialWeight, nameof(AdversarialWeight)) })
            Range(weight, 0, 1e6, name);
    }

    /// <summary>The erosion's square on pictures of another size.</summary>
    /// <param name="kernel">The square on pictures of 256 pixels.</param>
    /// <param name="size">S.</param>
    internal static int KernelAt(int kernel, int size) => Math.Clamp(kernel * size / 256 | 1, 1, 255);

    private static void Range(double value, double low, double high, string name)
    {
        if (!(value >= low && value <= high))
            throw new ArgumentOutOfRangeException(name, value, $"{low} to {high} are allowed.");
    }
}
