using Lwg.MLNet.Body;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Training.Tests.Estimator;

/// <summary>The estimator's training on small pictures. The network has its full size (13 million weights), so there are few
/// steps.</summary>
internal static class TinySnapshots
{
    public const int Size = 64;

    public static EstimatorTrainingOptions Options { get; } =
        new() { Schedule = [new(32, 4), new(Size, 2)], BatchSize = 2, LearningRate = 1e-3, Seed = 3 };

    /// <summary>Returns the first pictures with the given numbers of people.</summary>
    public static Snapshot[] With(params int[] counts)
    {
        var people = new SyntheticSnapshots(BodyModel.Default, Size);
        long number = 0;
        return [.. counts.Select(count =>
        {
            var snapshot = new Snapshot(Size);
            do
                people.Fill(number++, snapshot);
            while (snapshot.PersonCount != count);
            return snapshot;
        })];
    }
}
