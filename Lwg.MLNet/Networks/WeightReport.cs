using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Models;

namespace Lwg.MLNet.Networks;

/// <summary>How named weights match networks: missing weights, weights of a different shape, and unused weights.</summary>
/// <param name="Missing">Weights that the networks need and that are missing.</param>
/// <param name="Misshaped">Weights of a different shape, with both shapes.</param>
/// <param name="Unexpected">Weights that no network uses, except counters of batch normalisation, which only training reads.</param>
/// <param name="BodyBuffers">The number of a body's arrays among the weights, which their network does not need: see
/// <see cref="PublishedNetwork.BodyPrefix"/>.</param>
internal sealed record WeightReport(IReadOnlyList<string> Missing, IReadOnlyList<string> Misshaped, IReadOnlyList<string> Unexpected,
    int BodyBuffers = 0)
{
    private const int Listed = 8;
    private const string Counter = ".num_batches_tracked";

    /// <summary>Whether every required weight is present in the right shape.</summary>
    public bool IsComplete => Missing.Count == 0 && Misshaped.Count == 0;

    /// <summary>Compares weights with the requirements of networks.</summary>
    /// <param name="graphs">The networks.</param>
    /// <param name="weights">The weights.</param>
    public static WeightReport Compare(IReadOnlyList<NetworkGraph> graphs, INamedWeights weights)
    {
        ArgumentNullException.ThrowIfNull(graphs);
        ArgumentNullException.ThrowIfNull(weights);
        List<string> missing = [], misshaped = [];
        var used = new HashSet<string>();
        foreach (GraphTensor weight in graphs.SelectMany(g => g.Weights).Where(w => used.Add(w.Name)))
        {
            if (!weights.TryGetShape(weight.Name, out int[] shape))
                missing.Add(weight.Name);
            else if (!shape.SequenceEqual(weight.Shape))
                misshaped.Add($"{weight.Name} is {Text(shape)}, not {Text(weight.Shape)}");
        }
        return new WeightReport(missing, misshaped,
            [.. weights.Names.Where(n => !used.Contains(n) && !n.EndsWith(Counter, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)]);
    }

    /// <summary>Rejects weights that do not match.</summary>
    /// <param name="file">The file's name, for the error message.</param>
    /// <exception cref="ModelFileException">Weights are missing or have a different shape.</exception>
    public void ThrowUnlessComplete(string file)
    {
        if (!IsComplete)
            throw new ModelFileException(file, null, "its weights do not fit the network. " + this);
    }

    /// <summary>Returns the report in sentences.</summary>
    public override string ToString()
    {
        var sentences = new List<string>();
        if (Missing.Count > 0)
            sentences.Add($"{Missing.Count} missing: {List(Missing)}.");
        if (Misshaped.Count > 0)
            sentences.Add($"{Misshaped.Count} of another shape: {List(Misshaped)}.");
        if (Unexpected.Count > 0)
            sentences.Add($"{Unexpected.Count} unexpected: {List(Unexpected)}.");
        if (sentences.Count == 0)
            sentences.Add("All weights fit.");
        if (BodyBuffers > 0)
            sentences.Add($"{BodyBuffers} body buffers ({PublishedNetwork.BodyPrefix}*), not needed.");
        return string.Join(' ', sentences);
    }

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Listed)) + (names.Count > Listed ? $" and {names.Count - Listed} more" : "");

    private static string Text(int[] shape) => $"[{string.Join(",", shape)}]";
}
