using System.Text.Json.Serialization;
using Lwg.MLNet.Training.Torch.Convolutions;
using static TorchSharp.torch;

namespace Lwg.MLNet.Training;

/// <summary>The device of a training.</summary>
public enum TrainingDevice
{
    /// <summary>The CPU.</summary>
    Cpu,

    /// <summary>The first CUDA GPU; requires a libtorch build for CUDA, which the application provides.</summary>
    Cuda,
}

/// <summary>A stage of a training with pictures of one size.</summary>
/// <param name="Size">S, 32 to 1024 pixels; a multiple of the network's size multiple.</param>
/// <param name="Samples">The number of samples, 1 or more.</param>
public sealed record TrainingStage(int Size, long Samples);

/// <summary>Options that all trainings share.</summary>
public abstract record TrainingOptions
{
    /// <summary>The stages of the training, in order; at least one.</summary>
    public IReadOnlyList<TrainingStage> Schedule { get; init; } = [];

    /// <summary>Samples per step, 1 to 64.</summary>
    public int BatchSize { get; init; }

    /// <summary>Adam's learning rate, 1e-8 to 1.</summary>
    public double LearningRate { get; init; }

    /// <summary>The final learning rate, 0 to <see cref="LearningRate"/>, reached linearly over the last <see cref="DecayShare"/> of the
    /// schedule.</summary>
    public double FinalLearningRate { get; init; }

    /// <summary>The number of samples over which the learning rate grows linearly at the start, 0 to <see cref="SampleCount"/>. Stabilises
    /// a training that <see cref="GeneratorTrainer.FromModel"/> starts without Adam's moments.</summary>
    public long WarmupSamples { get; init; }

    /// <summary>The last share of the schedule over which the learning rate falls, 0 to 1.</summary>
    public double DecayShare { get; init; } = 0.3;

    /// <summary>The largest Euclidean norm of the gradient, 1e-6 to 1e6; larger gradients are scaled down.</summary>
    public double GradientLimit { get; init; } = 10;

    /// <summary>The decay of the averaged weights, which are exported: 0 (no averaging) to 0.999999.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Seed of the weights and of random choices in the data.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The number of threads that prepare samples ahead, 1 to 256. It does not affect the result, and checkpoints do not store
    /// it. Data that are not thread-safe are read by one thread.</summary>
    [JsonIgnore]
    public int SampleThreads { get; init; } = 1;

    /// <summary>
    /// Receives, line by line, the result of the check before a training: which convolutions libtorch computes wrong on this machine, and
    /// how they are computed instead. May be null; checkpoints do not store it.
    /// </summary>
    [JsonIgnore]
    public Action<string>? Report { get; init; }

    /// <summary>The training data in words; null for unknown data. Checkpoints store it, and a training is resumed with the same data
    /// only.</summary>
    [JsonInclude]
    internal string? Data { get; init; }

    /// <summary>The implementations of convolutions, in the order in which they are tried; null for all. Tests set wrong ones.</summary>
    [JsonIgnore]
    internal IReadOnlyList<ConvolutionWay>? ConvolutionWays { get; init; }

    /// <summary>Returns the object that computes the convolutions of a training.</summary>
    internal CheckedConvolutions Convolutions(Device device) =>
        new(ConvolutionWays is null ? ConvolutionChoices.Shared(device) : new ConvolutionChoices(device, ConvolutionWays), Report);

    /// <summary>The size that the trained model is made for: that of the last stage; if its size recurs, because sizes are mixed, the size
    /// with most samples.</summary>
    [JsonIgnore]
    internal int MainSize => Schedule.Count(stage => stage.Size == Schedule[^1].Size) == 1 ? Schedule[^1].Size
        : Schedule.GroupBy(stage => stage.Size).MaxBy(stages => stages.Sum(stage => stage.Samples))!.Key;

    /// <summary>Returns the sizes and batches that are still to come after a number of samples.</summary>
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

    /// <summary>The number of samples in the schedule.</summary>
    public long SampleCount => Schedule.Sum(s => s.Samples);

    /// <summary>Returns the picture size at a sample, and the number of samples left in its stage.</summary>
    internal (int Size, long Left) StageAt(long number)
    {
        foreach (TrainingStage stage in Schedule)
        {
            if (number < stage.Samples)
                return (stage.Size, stage.Samples - number);
            number -= stage.Samples;
        }
        throw new ArgumentOutOfRangeException(nameof(number), number, "The schedule is complete.");
    }

    /// <summary>Returns the learning rate at a sample.</summary>
    internal double RateAt(long number)
    {
        double share = (double)number / SampleCount, falling = DecayShare > 0 ? Math.Clamp((share - (1 - DecayShare)) / DecayShare, 0, 1)
            : 0;
        double risen = number < WarmupSamples ? (number + 1.0) / (WarmupSamples + 1) : 1;
        return risen * (LearningRate + falling * (FinalLearningRate - LearningRate));
    }

    /// <summary>Validates the options.</summary>
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

    /// <summary>The required divisor of the pictures' sides.</summary>
    private protected abstract int SizeMultiple { get; }

    private protected static void Range(double value, double low, double high, string name)
    {
        if (!(value >= low && value <= high))
            throw new ArgumentOutOfRangeException(name, value, $"{low} to {high} are allowed.");
    }
}
