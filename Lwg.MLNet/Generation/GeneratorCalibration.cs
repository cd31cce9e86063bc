using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Generation;

/// <summary>
/// Observes a generator at full precision and records the ranges of the values that its convolutions read and write. After a number of
/// representative pictures, the generator can compute in 8 bits (<see cref="NetworkPrecision.Quantized"/>; Jacob et al. 2018, section 3).
/// Any pipeline that contains <see cref="Generator"/> can be used.
/// </summary>
public sealed class GeneratorCalibration : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string[] _convolutions;
    private readonly double[] _sums;

    /// <summary>Opens a generator for observation.</summary>
    /// <param name="package">A model of kind <see cref="ModelKind.Generator"/>; ranges that it already has are ignored.</param>
    /// <param name="runtime">How its networks run, in full precision; null for the defaults.</param>
    /// <exception cref="ModelFileException">The model is of another kind, or a network is damaged or does not have the sizes in the
    /// manifest.</exception>
    /// <exception cref="LwgException">ONNX Runtime's native library, or the requested device, is missing.</exception>
    public GeneratorCalibration(ModelPackage package, NetworkRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        package.Require(ModelKind.Generator);
        _convolutions = [.. QuantizedGraph.Convolutions(GeneratorNetwork.BuildTransferOfWarped(package.Manifest.Generator!))];
        _sums = new double[Ends.Count()];
        Generator = new LiquidWarpingGenerator(package, (runtime ?? new NetworkRuntimeOptions()) with { Precision = NetworkPrecision.Full },
            this);
    }

    /// <summary>The observed generator; observation does not change its output.</summary>
    public LiquidWarpingGenerator Generator { get; }

    /// <summary>The number of pictures that it has generated.</summary>
    public int Pictures { get; private set; }

    internal IEnumerable<string> Ends => _convolutions.SelectMany(QuantizedGraph.EndsOf);

    /// <summary>Returns the model with the observed ranges.</summary>
    /// <exception cref="InvalidOperationException">The generator has not generated a picture yet.</exception>
    /// <exception cref="LwgException">A convolution wrote values that are not finite.</exception>
    public ModelPackage ToPackage()
    {
        lock (_lock)
        {
            if (Pictures == 0)
                throw new InvalidOperationException("The generator has not generated a picture yet, so there are no ranges.");
            ActivationRange[] ranges = [.. _convolutions.Select((_, i) =>
                new ActivationRange(Mean(4 * i), Mean(4 * i + 1), Mean(4 * i + 2), Mean(4 * i + 3)))];
            if (Array.FindIndex(ranges, r => !r.IsValid) is >= 0 and var wrong)
                throw new LwgException($"Convolution '{_convolutions[wrong]}' of '{Generator.Package.Source}' wrote values that are not "
                    + $"finite; the model cannot be calibrated.");
            return Generator.Package.With(Generator.Package.Manifest with { ActivationRanges = _convolutions.Zip(ranges)
                .ToDictionary(r => r.First, r => r.Second) });
        }

        float Mean(int end) => (float)(_sums[end] / Pictures);
    }

    /// <summary>Releases the generator; existing workers stay valid.</summary>
    public void Dispose() => Generator.Dispose();

    // Four scalars per convolution: minima (at most 0) and maxima (at least 0) in turn. Averaging them limits the influence of extremes
    // in single pictures.
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
