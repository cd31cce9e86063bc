using Lwg.MLNet.Body;
using Lwg.MLNet.People;

namespace Lwg.MLNet.Training.Data;

/// <summary>Synthetic people without end: every sample is another person below the held-out ones.</summary>
/// <param name="body">The body.</param>
/// <param name="seed">Shifts the people: other seeds, other people.</param>
public sealed class SyntheticTrainingData(BodyModel body, int seed = 0) : ITrainingData
{
    private const long HeldOut = 1_000_000, Stride = 7919;

    private SyntheticPeople? _people;
    private SyntheticPair? _pair;

    /// <inheritdoc/>
    public void Fill(long number, TrainingSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (_pair?.Size != sample.Size)
            (_people, _pair) = (new SyntheticPeople(body, sample.Size), new SyntheticPair(sample.Size));
        long identity = (number + seed * Stride) % HeldOut;
        _people!.Fill(identity, (int)(number / HeldOut), _pair);
        sample.Name = $"synthetic person {identity}";
        sample.HasTruth = true;
        _pair.SourceImage.CopyTo(sample.SourceImage, 0);
        _pair.TargetImage.CopyTo(sample.TargetImage, 0);
        _pair.SourceSmpl.CopyTo(sample.SourceSmpl, 0);
        _pair.TargetSmpl.CopyTo(sample.TargetSmpl, 0);
        _pair.SourceMask.CopyTo(sample.SourceMask, 0);
        _pair.TargetMask.CopyTo(sample.TargetMask, 0);
        _pair.Background.CopyTo(sample.Background, 0);
    }
}
