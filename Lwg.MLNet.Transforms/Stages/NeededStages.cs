using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>A stage that can become part of a chain, with its columns known before there are data.</summary>
internal interface IStage
{
    /// <summary>The input and output columns.</summary>
    StageSignature Signature { get; }

    /// <summary>The stage.</summary>
    IEstimator<ITransformer> Estimator { get; }
}

/// <summary>Removes the stages from a chain whose results are not read by a later stage.</summary>
internal static class NeededStages
{
    /// <summary>Creates a chain.</summary>
    /// <param name="all">Whether all stages are kept, to inspect the results of each.</param>
    /// <param name="last">The last stage, which is always kept.</param>
    /// <param name="before">The stages before it, in order.</param>
    public static IEstimator<ITransformer> Chain(bool all, IStage last, params ReadOnlySpan<IStage> before)
    {
        HashSet<string> read = [.. last.Signature.Inputs.Select(column => column.Name)];
        var kept = new Stack<IStage>([last]);
        for (int i = before.Length - 1; i >= 0; i--)
        {
            if (!all && !before[i].Signature.Outputs.Any(column => read.Contains(column.Name)))
                continue;
            kept.Push(before[i]);
            read.UnionWith(before[i].Signature.Inputs.Select(column => column.Name));
        }
        return kept.Aggregate(new EstimatorChain<ITransformer>(), (chain, stage) => chain.Append(stage.Estimator));
    }
}
