using System.Text.Json.Serialization;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training;

/// <summary>The networks of a generator.</summary>
[Flags]
public enum GeneratorStreams
{
    /// <summary>The background network.</summary>
    Background = 1,

    /// <summary>The source stream.</summary>
    Source = 2,

    /// <summary>The transfer stream.</summary>
    Transfer = 4,

    /// <summary>All three.</summary>
    All = Background | Source | Transfer,
}

/// <summary>Options for the training of a generator. Losses and their weights follow Liu et al. 2019, section 3.3; differences are
/// documented. Weights of the losses are 0 to 1e6.</summary>
public sealed record GeneratorTrainingOptions : TrainingOptions
{
    // At least one pixel must remain after four halvings and two more convolutions of 4 x 4.
    private const int SmallestJudged = 48;

    /// <summary>Creates the default options; Adam's betas are 0.5 and 0.999.</summary>
    public GeneratorTrainingOptions() =>
        (Schedule, BatchSize, LearningRate, FinalLearningRate) = ([new(128, 20_000), new(256, 5_000)], 2, 2e-4, 2e-6);

    /// <summary>The generator's sizes.</summary>
    public GeneratorShape Shape { get; init; } = new() { Width = 16, AlignCorners = true };

    /// <summary>
    /// The side of the square that erodes the background mask, on pictures of 256 pixels; odd, 1 to 255. Smaller than the paper's 15,
    /// since the person's own mask widens the hole where clothes and hair extend beyond the body.
    /// </summary>
    public int BackgroundKernel { get; init; } = 9;

    /// <summary>The streams to train; the weights of the others do not change.</summary>
    public GeneratorStreams TrainedStreams { get; init; } = GeneratorStreams.All;

    /// <summary>The strength of the simulated error of the source's body in pictures without an estimate, 0 (exact bodies) to 10;
    /// 1 for a typical fit.</summary>
    public float SourceMisfit { get; init; } = 1;

    /// <summary>
    /// Whether the networks read the source as at inference: with the person's colours on the whole body, and a hole that includes hair
    /// and clothes beyond the body. False for the inputs of the paper.
    /// </summary>
    public bool DressesSource { get; init; } = true;

    /// <summary>The share of samples whose target is the source itself, in its own pose, 0 to 1. They teach the generator to preserve
    /// identity.</summary>
    public double OwnPoseShare { get; init; } = 0.1;

    /// <summary>For comparison: the transfer stream reads the unwarped source.</summary>
    public bool UnwarpedInput { get; init; }

    /// <summary>
    /// The share of steps that train appearance transfer, with the features of two people at once, 0 to 1; the data must implement
    /// <see cref="Data.IAppearanceTrainingData"/>. The paper trains with one person at a time only.
    /// </summary>
    public double AppearanceShare { get; init; }

    /// <summary>The device that computes the networks; checkpoints do not store it. Results on different devices differ by
    /// rounding.</summary>
    [JsonIgnore]
    public TrainingDevice Device { get; init; }

    /// <summary>Weight of the source's reconstruction, L1.</summary>
    public float SourceWeight { get; init; } = 5;

    /// <summary>Weight of the target, L1; a pixel inside the person counts five times.</summary>
    public float TargetWeight { get; init; } = 10;

    /// <summary>Weight of the structural term, 1 - SSIM at two scales. It replaces the perceptual loss and needs no pretrained
    /// network.</summary>
    public float StructureWeight { get; init; } = 3;

    /// <summary>Weight of the perceptual term; used if <see cref="PerceptualNetwork"/> is set.</summary>
    public float PerceptualWeight { get; init; } = 4;

    /// <summary>
    /// The weights of ResNet-18 for the perceptual term: ResNet18.onnx of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, or the
    /// extract that the training console writes from it. Null for a training without that term. Picture sizes must be multiples of 16.
    /// </summary>
    public string? PerceptualNetwork { get; init; }

    /// <summary>Weight of the face term; used if <see cref="FaceNetwork"/> is set.</summary>
    public float FaceWeight { get; init; } = 5;

    /// <summary>A PyTorch checkpoint of the 20-layer SphereFace network (<see cref="Networks.FaceNetwork"/> lists the weights), for the
    /// face term; null for none.</summary>
    public string? FaceNetwork { get; init; }

    /// <summary>Weight of the background in the hole, L1 against the true one.</summary>
    public float BackgroundWeight { get; init; } = 5;

    /// <summary>Weight of the masks, binary cross-entropy.</summary>
    public float MaskWeight { get; init; } = 2;

    /// <summary>Weight of the masks' total variation.</summary>
    public float SmoothWeight { get; init; } = 0.1f;

    /// <summary>Weight of the adversarial term; 0 for a training without a discriminator, which needs pictures of at least 48
    /// pixels.</summary>
    public float AdversarialWeight { get; init; } = 0.05f;

    /// <summary>The sample from which the discriminator takes part.</summary>
    public long DiscriminatorFrom { get; init; } = 10_000;

    /// <summary>The number of channels of the discriminator's first layer, 1 to 256.</summary>
    public int DiscriminatorWidth { get; init; } = 32;

    /// <summary>
    /// Whether convolutions are computed in bfloat16, with weights in single precision: about 1.5 times faster on processors that support
    /// it (avx512_bf16, amx_bf16), slower on others.
    /// </summary>
    public bool Bfloat16 { get; init; }

    private protected override int SizeMultiple => Shape.Multiple;

    /// <inheritdoc/>
    public override void Check()
    {
        Shape.Check();
        base.Check();
        if (AdversarialWeight > 0 && Schedule.FirstOrDefault(stage => stage.Size < SmallestJudged) is { } small)
            throw new ArgumentException($"A stage has pictures of {small.Size} pixels; the discriminator needs at least "
                + $"{SmallestJudged} pixels.", nameof(Schedule));
        if (TrainedStreams == 0 || (TrainedStreams & ~GeneratorStreams.All) != 0)
            throw new ArgumentOutOfRangeException(nameof(TrainedStreams), TrainedStreams,
                "At least one of Background, Source and Transfer is required.");
        Range(SourceMisfit, 0, 10, nameof(SourceMisfit));
        Range(OwnPoseShare, 0, 1, nameof(OwnPoseShare));
        if (PerceptualNetwork is not null && Schedule.FirstOrDefault(stage => stage.Size % ResNetNetwork.SizeMultiple != 0) is { } odd)
            throw new ArgumentException($"A stage has pictures of {odd.Size} pixels; the perceptual term requires multiples of "
                + $"{ResNetNetwork.SizeMultiple}.", nameof(Schedule));
        if (!Enum.IsDefined(Device))
            throw new ArgumentOutOfRangeException(nameof(Device), Device,
                $"It must be one of {string.Join(", ", Enum.GetNames<TrainingDevice>())}.");
        Range(AppearanceShare, 0, 1, nameof(AppearanceShare));
        if (AppearanceShare > 0 && UnwarpedInput)
            throw new ArgumentException("Appearance transfer combines the warped pictures of two people, which is not possible with "
                + "UnwarpedInput.", nameof(AppearanceShare));
        Range(DiscriminatorWidth, 1, 256, nameof(DiscriminatorWidth));
        if (BackgroundKernel is < 1 or > 255 || BackgroundKernel % 2 == 0)
            throw new ArgumentException($"The erosion's square is {BackgroundKernel} pixels wide; odd numbers from 1 to 255 are allowed.",
                nameof(BackgroundKernel));
        foreach ((float weight, string name) in new[] { (SourceWeight, nameof(SourceWeight)), (TargetWeight, nameof(TargetWeight)),
            (StructureWeight, nameof(StructureWeight)), (PerceptualWeight, nameof(PerceptualWeight)), (FaceWeight, nameof(FaceWeight)),
            (BackgroundWeight, nameof(BackgroundWeight)), (MaskWeight, nameof(MaskWeight)), (SmoothWeight, nameof(SmoothWeight)),
            (AdversarialWeight, nameof(AdversarialWeight)) })
            Range(weight, 0, 1e6, name);
    }

    /// <summary>Returns whether the step that starts at a sample trains appearance transfer.</summary>
    internal bool IsAppearance(long first) => IsAmong(first / BatchSize + Seed, AppearanceShare);

    /// <summary>Returns whether the target of a sample is its source.</summary>
    internal bool IsOwnPose(long number) => IsAmong(number + Seed, OwnPoseShare);

    // Multiples of the golden ratio are evenly distributed.
    private static bool IsAmong(long number, double share) => unchecked((uint)(number * 2654435761)) < share * 4294967296.0;

    /// <summary>Returns the side of the erosion's square on pictures of another size.</summary>
    /// <param name="kernel">The side on pictures of 256 pixels.</param>
    /// <param name="size">S.</param>
    internal static int KernelAt(int kernel, int size) => Math.Clamp(kernel * size / 256 | 1, 1, 255);

    /// <summary>Returns the smallest side on pictures of 256 pixels that <see cref="KernelAt"/> maps to a given side or more.</summary>
    /// <param name="kernel">The side on pictures of the size; odd, 1 to 255.</param>
    /// <param name="size">S.</param>
    internal static int KernelOf(int kernel, int size)
    {
        int found = 1;
        while (found < 255 && KernelAt(found, size) < kernel)
            found += 2;
        return found;
    }
}
