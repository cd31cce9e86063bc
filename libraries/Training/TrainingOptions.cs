using System.Text.Json.Serialization;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training;

/// <summary>What computes a training.</summary>
public enum TrainingDevice
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The first CUDA GPU; libtorch must be a build for CUDA, which the application brings.</summary>
    Cuda,
}

/// <summary>A part of a training: pictures of one size.</summary>
/// <param name="Size">S, pixels; a multiple of what the network halves.</param>
/// <param name="Samples">How many samples.</param>
public sealed record TrainingStage(int Size, long Samples);

/// <summary>How a network is trained, whichever it is.</summary>
public abstract record TrainingOptions
{
    /// <summary>The parts of the training, one after another.</summary>
    public IReadOnlyList<TrainingStage> Schedule { get; init; } = [];

    /// <summary>Samples a step, 1 to 64.</summary>
    public int BatchSize { get; init; }

    /// <summary>Adam's step size.</summary>
    public double LearningRate { get; init; }

    /// <summary>The step size at the end, reached linearly over the last <see cref="DecayShare"/> of the schedule.</summary>
    public double FinalLearningRate { get; init; }

    /// <summary>Over how many first samples the step size grows linearly to its height: softens the start where
    /// <see cref="GeneratorTrainer.FromModel"/> goes on without Adam's moments.</summary>
    public long WarmupSamples { get; init; }

    /// <summary>Over which last share of the schedule the step size falls, 0 to 1.</summary>
    public double DecayShare { get; init; } = 0.3;

    /// <summary>Longest gradient, Euclidean; longer ones are shortened.</summary>
    public double GradientLimit { get; init; } = 10;

    /// <summary>How slowly the averaged weights follow, which are what is exported: 0 (not at all slowly) to below 1.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Seeds weights, and what is random in the data.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads that prepare samples ahead, 1 to 256; how many does not change what is learned, and checkpoints do not keep it.
    /// Data that are not safe to share between threads have one.</summary>
    [JsonIgnore]
    public int SampleThreads { get; init; } = 1;

    /// <summary>
    /// Told, line by line, what the check before a training found: which convolutions libtorch computes wrong on this machine, and how they
    /// are computed instead. Null for nothing; checkpoints do not keep it.
    /// </summary>
    [JsonIgnore]
    public Action<string>? Report { get; init; }

    /// <summary>How convolutions are computed, in the order in which ways are tried; null for all that there are. Tests put in wrong
    /// ones.</summary>
    [JsonIgnore]
    internal IReadOnlyList<ConvolutionWay>? ConvolutionWays { get; init; }

    /// <summary>What computes the convolutions of a training.</summary>
    internal CheckedConvolutions Convolutions(Device device) =>
        new(ConvolutionWays is null ? ConvolutionChoices.Shared(device) : new ConvolutionChoices(device, ConvolutionWays), Report);

    /// <summary>The sizes and batches that are still to come after so many samples.</summary>
    internal IEnumerable<(int Size, int Count)> BatchesAfter(long samples)
    {
        var seen = new HashSet<(int, int)>();
        foreach (TrainingStage stage in Schedule)
        {
            long left = stage.Samples - Math.Clamp(samples, 0, stage.Samples);
            samples -= stage.Samples;
            foreach (int count in new[] { (int)Math.Min(BatchSize, left), (int)(left % BatchSize) })
            {
                if (count > 0 && seen.Add((stage.Size, count)))
                    yield return (stage.Size, count);
            }
        }
    }

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
        double share = (double)number / SampleCount, falling = DecayShare > 0 ? Math.Clamp((share - (1 - DecayShare)) / DecayShare, 0, 1)
            : 0;
        double risen = number < WarmupSamples ? (number + 1.0) / (WarmupSamples + 1) : 1;
        return risen * (LearningRate + falling * (FinalLearningRate - LearningRate));
    }

    /// <summary>Says what is wrong with the options.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public virtual void Check()
    {
        if (Schedule.Count == 0)
            throw new ArgumentException("A training has at least one stage.", nameof(Schedule));
        foreach (TrainingStage stage in Schedule)
        {
            if (stage.Size < 32 || stage.Size > 1024 || stage.Size % SizeMultiple != 0)
                throw new ArgumentException($"A stage has pictures of {stage.Size} pixels; 32 to 1024 and multiples of "
                    + $"{SizeMultiple} are allowed.", nameof(Schedule));
            if (stage.Samples < 1)
                throw new ArgumentException($"A stage has {stage.Samples} samples; it needs at least 1.", nameof(Schedule));
        }
        Range(BatchSize, 1, 64, nameof(BatchSize));
        Range(LearningRate, 1e-8, 1, nameof(LearningRate));
        Range(FinalLearningRate, 0, LearningRate, nameof(FinalLearningRate));
        Range(DecayShare, 0, 1, nameof(DecayShare));
        Range(WarmupSamples, 0, SampleCount, nameof(WarmupSamples));
        Range(SampleThreads, 1, 256, nameof(SampleThreads));
        Range(GradientLimit, 1e-6, 1e6, nameof(GradientLimit));
        Range(AverageDecay, 0, 0.999999, nameof(AverageDecay));
    }

    /// <summary>Of what the pictures' sides must be multiples.</summary>
    private protected abstract int SizeMultiple { get; }

    private protected static void Range(double value, double low, double high, string name)
    {
        if (!(value >= low && value <= high))
            throw new ArgumentOutOfRangeException(name, value, $"{low} to {high} are allowed.");
    }
}
