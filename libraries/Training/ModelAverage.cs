using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Generation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Training;

/// <summary>
/// The weighted mean of the weights of two models, one trained from the other. It often keeps what the first training learned better
/// than the last weights do, and has most of what the second one added (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
/// </summary>
internal static class ModelAverage
{
    /// <summary>Returns the mean.</summary>
    /// <param name="trained">The generator or estimator after the training.</param>
    /// <param name="start">The model from which the training started.</param>
    /// <param name="share">The weight of <paramref name="trained"/>, 0 to 1.</param>
    /// <returns>A model with the manifest of <paramref name="trained"/>, in half precision, not calibrated.</returns>
    /// <exception cref="TrainingException">The two have different networks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is not from 0 to 1.</exception>
    public static ModelPackage Of(ModelPackage trained, ModelPackage start, double share)
    {
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share must be from 0 to 1.");
        start.Require(trained.Manifest.Kind);
        ModelManifest manifest = trained.Manifest with { ActivationRanges = null };
        if (manifest.Kind == ModelKind.SmplEstimator)
        {
            NetworkGraph graph = PersonNetwork.Build();
            return LearnedSmplEstimator.Write(manifest, graph, Mean(graph.Weights.Select(w => w.Name),
                EstimatorTrainer.ReadWeights(trained), EstimatorTrainer.ReadWeights(start), share), WeightStorage.Half);
        }
        if (manifest.Generator != start.Manifest.Generator || manifest.Background != start.Manifest.Background)
            throw new TrainingException($"{start.Source} and {trained.Source} have different networks; only equal ones can be averaged.");
        ArrayWeights weights = LiquidWarpingGenerator.ReadWeights(trained);
        return LiquidWarpingGenerator.Write(manifest, Mean(weights.Names, weights, LiquidWarpingGenerator.ReadWeights(start), share),
            WeightStorage.Half);
    }

    private static ArrayWeights Mean(IEnumerable<string> names, INamedWeights of, INamedWeights with, double share)
    {
        var mean = new ArrayWeights();
        foreach (string name in names)
        {
            of.TryGetShape(name, out int[] shape);
            float[] values = new float[shape.Aggregate(1, (product, side) => product * side)], other = new float[values.Length];
            of.Read(name, values);
            with.Read(name, other);
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)(share * values[i] + (1 - share) * other[i]);
            mean.Set(name, shape, values);
        }
        return mean;
    }
}
