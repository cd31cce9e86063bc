using Microsoft.ML;
using Microsoft.ML.Data;

namespace Lwg.MLNet.Transforms.Stages;

/// <summary>A stage that may become part of a chain: what it reads and makes, before there are data.</summary>
internal interface IStage
{
    /// <summary>What it reads and makes.</summary>
    StageSignature Signature { get; }

    /// <summary>The stage.</summary>
    IEstimator<ITransformer> Estimator { get; }
}

/// <summary>Leaves out of a chain the stages whose results no later stage reads, so that nothing is computed or saved for no
/// reader.</summary>
internal static class NeededStages
{
    /// <summary>Makes a chain.</summary>
    /// <param name="all">Whether all are kept, for users who want to see what every stage makes.</param>
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
