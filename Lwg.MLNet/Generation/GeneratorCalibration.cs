using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Watches a generator at work, in full precision, and notes between which values its convolutions read and make: after some pictures of
/// the kind that the generator is for, it can compute in 8 bits (<see cref="NetworkPrecision.Quantized"/>; Jacob et al. 2018, section 3).
/// Any pipeline will do that has <see cref="Generator"/> in it.
/// </summary>
public sealed class GeneratorCalibration : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string[] _convolutions;
    private readonly double[] _sums;

    /// <summary>Opens a generator to be watched.</summary>
    /// <param name="package">A model of kind <see cref="ModelKind.Generator"/>; ranges that it has already are put aside.</param>
    /// <param name="runtime">How its networks run, in full precision; null for the defaults.</param>
    /// <exception cref="ModelFileException">It is another model, or a network is damaged or not of the sizes that the manifest
    /// says.</exception>
    public GeneratorCalibration(ModelPackage package, NetworkRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        package.Require(ModelKind.Generator);
        _convolutions = [.. QuantizedGraph.Convolutions(GeneratorNetwork.BuildTransferOfWarped(package.Manifest.Generator!))];
        _sums = new double[Ends.Count()];
        Generator = new LiquidWarpingGenerator(package, (runtime ?? new NetworkRuntimeOptions()) with { Precision = NetworkPrecision.Full },
            this);
    }

    /// <summary>The generator; what it makes is what it makes without being watched.</summary>
    public LiquidWarpingGenerator Generator { get; }

    /// <summary>How many pictures it has made.</summary>
    public int Pictures { get; private set; }

    internal IEnumerable<string> Ends => _convolutions.SelectMany(QuantizedGraph.EndsOf);

    /// <summary>The model with the ranges that were seen.</summary>
    /// <exception cref="InvalidOperationException">The generator has made no picture.</exception>
    /// <exception cref="LwgException">A convolution made what is no number.</exception>
    public ModelPackage ToPackage()
    {
        lock (_lock)
        {
            if (Pictures == 0)
                throw new InvalidOperationException("The generator has made no picture yet, so there are no ranges.");
            ActivationRange[] ranges = [.. _convolutions.Select((_, i) =>
                new ActivationRange(Mean(4 * i), Mean(4 * i + 1), Mean(4 * i + 2), Mean(4 * i + 3)))];
            if (Array.FindIndex(ranges, r => !r.IsValid) is >= 0 and var wrong)
                throw new LwgException($"Convolution '{_convolutions[wrong]}' of '{Generator.Package.Source}' made values that are not "
                    + $"finite; the model cannot be calibrated.");
            return Generator.Package.With(Generator.Package.Manifest with { ActivationRanges = _convolutions.Zip(ranges)
                .ToDictionary(r => r.First, r => r.Second) });
        }

        float Mean(int end) => (float)(_sums[end] / Pictures);
    }

    /// <summary>Lets go of the generator; workers that exist go on.</summary>
    public void Dispose() => Generator.Dispose();

    // Four scalars for each convolution: lows, which are at most 0, and highs, which are at least 0, in turn. Their means leave out what a
    // single picture drives to extremes.
    internal void Saw(float[][] ends)
    {
        lock (_lock)
        {
            Pictures++;
            for (int i = 0; i < _sums.Length; i++)
                _sums[i] += i % 2 == 0 ? MathF.Min(ends[i][0], 0) : MathF.Max(ends[i][0], 0);
        }
    }
}
