using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training.Generator;

/// <summary>
/// The weighted mean of the weights of two generators, one trained from the other. It often keeps what the first training learned better
/// than the last weights do, and has most of what the second one added (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
/// </summary>
internal static class GeneratorAverage
{
    /// <summary>Returns the mean.</summary>
    /// <param name="trained">The generator after the training.</param>
    /// <param name="start">The generator from which the training started.</param>
    /// <param name="share">The weight of <paramref name="trained"/>, 0 to 1.</param>
    /// <returns>A generator with the manifest of <paramref name="trained"/>, in half precision, not calibrated.</returns>
    /// <exception cref="TrainingException">The two have different networks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is not from 0 to 1.</exception>
    public static ModelPackage Of(ModelPackage trained, ModelPackage start, double share)
    {
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share must be from 0 to 1.");
        start.Require(ModelKind.Generator);
        if (trained.Manifest.Generator != start.Manifest.Generator || trained.Manifest.Background != start.Manifest.Background)
            throw new TrainingException($"{start.Source} and {trained.Source} have different networks; only equal ones can be averaged.");
        ArrayWeights of = LiquidWarpingGenerator.ReadWeights(trained), with = LiquidWarpingGenerator.ReadWeights(start), mean = new();
        foreach (string name in of.Names)
        {
            of.TryGetShape(name, out int[] shape);
            float[] values = new float[shape.Aggregate(1, (product, side) => product * side)], other = new float[values.Length];
            of.Read(name, values);
            with.Read(name, other);
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)(share * values[i] + (1 - share) * other[i]);
            mean.Set(name, shape, values);
        }
        return LiquidWarpingGenerator.Write(trained.Manifest with { ActivationRanges = null }, mean, WeightStorage.Half);
    }
}
