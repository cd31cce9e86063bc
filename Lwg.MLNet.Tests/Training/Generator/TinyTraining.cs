using Lwg.MLNet.Body;
using Lwg.MLNet.Networks;
using Lwg.MLNet.Training.Data;

namespace Lwg.MLNet.Training.Tests.Generator;

/// <summary>A training that takes seconds: a small generator on small pictures.</summary>
internal static class TinyTraining
{
    /// <summary>The smallest picture size that the discriminator supports.</summary>
    public const int Size = 48;

    public static GeneratorTrainingOptions Options { get; } = new()
    {
        Shape = new GeneratorShape { Width = 4, Levels = 2, Blocks = 1, AlignCorners = true },
        Schedule = [new(Size, 6), new(56, 4)],
        BatchSize = 2,
        LearningRate = 1e-3,
        DiscriminatorFrom = 3,
        DiscriminatorWidth = 4,
        Seed = 3,
    };

    public static SyntheticTrainingData Data() => new(BodyModel.Default, seed: 1);

    /// <summary>Creates samples in the form that the networks read.</summary>
    public static PreparedSample[] Batch(GeneratorTrainingOptions options, int first, int count = 2)
    {
        var preparer = new SamplePreparer(BodyModel.Default, options, Size);
        var sample = new TrainingSample(Size);
        PreparedSample[] batch = [.. Enumerable.Range(0, count).Select(_ => new PreparedSample(Size))];
        SyntheticTrainingData data = Data();
        for (int i = 0; i < count; i++)
        {
            data.Fill(first + i, sample);
            preparer.Prepare(sample, first + i, batch[i]);
        }
        return batch;
    }
}
