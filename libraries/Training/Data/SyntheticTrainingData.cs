using System.Collections.Concurrent;
using Lwg.MLNet.Body;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Training.Data;

/// <summary>Synthetic people without end: every sample is another person below the held-out ones.</summary>
/// <param name="body">The body.</param>
/// <param name="seed">Shifts the people: other seeds, other people.</param>
internal sealed class SyntheticTrainingData(BodyModel body, int seed = 0) : IAppearanceTrainingData
{
    private const long HeldOut = 1_000_000, Stride = 7919, Dresser = 500_009;

    private readonly ConcurrentBag<Painter> _painters = [];

    /// <inheritdoc/>
    public bool IsThreadSafe => true;

    /// <inheritdoc/>
    public void Fill(long number, TrainingSample sample) => Fill(number, sample, (painter, identity) => painter.People.Fill(identity, (int)(number / HeldOut), painter.Pair));

    /// <inheritdoc/>
    public void FillAppearance(long number, TrainingSample sample) => Fill(number, sample, (painter, identity) =>
        painter.People.FillDressed(identity, (identity + Dresser) % HeldOut, (int)(number / HeldOut), painter.Pair, sample.ReferenceImage, sample.ReferenceSmpl));

    private void Fill(long number, TrainingSample sample, Action<Painter, long> paint)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (!_painters.TryTake(out Painter? painter) || painter.Pair.Size != sample.Size)
            painter = new Painter(new SyntheticPeople(body, sample.Size), new SyntheticPair(sample.Size));
        long identity = (number + seed * Stride) % HeldOut;
        paint(painter, identity);
        sample.Name = $"synthetic person {identity}";
        sample.HasTruth = true;
        SyntheticPair pair = painter.Pair;
        pair.SourceImage.CopyTo(sample.SourceImage, 0);
        pair.TargetImage.CopyTo(sample.TargetImage, 0);
        pair.SourceSmpl.CopyTo(sample.SourceSmpl, 0);
        pair.TargetSmpl.CopyTo(sample.TargetSmpl, 0);
        pair.SourceMask.CopyTo(sample.SourceMask, 0);
        pair.TargetMask.CopyTo(sample.TargetMask, 0);
        pair.Background.CopyTo(sample.Background, 0);
        _painters.Add(painter);
    }

    private sealed record Painter(SyntheticPeople People, SyntheticPair Pair);
}
