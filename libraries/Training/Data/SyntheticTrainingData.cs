using System.Collections.Concurrent;
using Lwg.MLNet.Body;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Imaging;
using Lwg.MLNet.Synthesis.People;

namespace Lwg.MLNet.Training.Data;

/// <summary>An endless sequence of synthetic people: every sample is a different person, with a number below the held-out ones.</summary>
/// <param name="body">The body.</param>
/// <param name="seed">Offsets the people; another seed gives other people.</param>
/// <param name="estimator">
/// Estimates bodies and masks in source pictures as at inference, so that the networks learn from its errors; null for exact bodies. Its
/// actual errors are used because they are correlated: a wrong limb comes with a wrong mask. Pictures that it rejects keep their exact
/// bodies.
/// </param>
/// <param name="estimatedShare">The share of source pictures whose body is estimated, 0 to 1.</param>
/// <param name="photographs">Used as the background of half of the people; null for painted backdrops only.</param>
/// <param name="version">The version of the painter; see <see cref="SyntheticPeople.Version"/>.</param>
internal sealed class SyntheticTrainingData(BodyModel body, int seed = 0, SmplEstimator? estimator = null,
    double estimatedShare = 0.75, BackdropPhotographs? photographs = null,
    int version = SyntheticPeople.LastVersion) : IAppearanceTrainingData, IDisposable
{
    private const long HeldOut = 1_000_000, Stride = 7919, Dresser = 500_009;

    private readonly ConcurrentBag<Painter> _painters = [];

    /// <summary>The data in words, as in <see cref="TrainingOptions.Data"/>.</summary>
    public string Description { get; } = FormattableString.Invariant($"synthetic people of version {version}, ")
        + FormattableString.Invariant($"{photographs?.Count ?? 0} photographs behind them, ")
        + FormattableString.Invariant($"estimated bodies in {(estimator is null ? 0 : estimatedShare)} of the sources");

    /// <inheritdoc/>
    public bool IsThreadSafe => true;

    /// <inheritdoc/>
    public void Fill(long number, TrainingSample sample) =>
        Fill(number, sample, (painter, identity) => painter.People.Fill(identity, (int)(number / HeldOut), painter.Pair), estimates: true);

    /// <inheritdoc/>
    public void FillAppearance(long number, TrainingSample sample) => Fill(number, sample, (painter, identity) =>
        painter.People.FillDressed(identity, (identity + Dresser) % HeldOut, (int)(number / HeldOut), painter.Pair, sample.ReferenceImage,
        sample.ReferenceSmpl), estimates: false);

    // Appearance transfer is trained with exact bodies.
    private void Fill(long number, TrainingSample sample, Action<Painter, long> paint, bool estimates)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (!_painters.TryTake(out Painter? painter) || painter.Pair.Size != sample.Size)
            painter = new Painter(new SyntheticPeople(body, sample.Size) { Version = version, Photographs = photographs },
                new SyntheticPair(sample.Size), painter?.Finder ?? (estimator is null ? null : new PersonFinder(estimator, body)));
        long identity = ((number + seed * Stride) % HeldOut + HeldOut) % HeldOut;
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
        sample.HasEstimate = false;
        if (estimates)
            Estimate(painter, identity, sample);
        _painters.Add(painter);
    }

    private void Estimate(Painter painter, long identity, TrainingSample sample)
    {
        if (painter.Finder is not { } finder || new Dice(unchecked((ulong)identity * 0x9E3779B97F4A7C15)).Share() >= estimatedShare)
            return;
        var picture = PixelBuffer.FromTensor(sample.SourceImage, sample.Size, sample.Size);
        sample.HasEstimate = finder.TryFind(picture, sample.EstimatedSmpl, sample.EstimatedMask, sample.Size);
    }

    /// <summary>Releases the estimator's workers.</summary>
    public void Dispose()
    {
        while (_painters.TryTake(out Painter? painter))
            painter.Finder?.Dispose();
    }

    private sealed record Painter(SyntheticPeople People, SyntheticPair Pair, PersonFinder? Finder);
}
