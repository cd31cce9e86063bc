using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Random weights of networks, the same in every run; the scale of He et al. 2015 preserves the scale of activations.</summary>
internal sealed class RandomWeights : INamedWeights
{
    private readonly Dictionary<string, int[]> _shapes;

    public RandomWeights(params IEnumerable<NetworkGraph> graphs) =>
        _shapes = graphs.SelectMany(g => g.Weights).DistinctBy(w => w.Name).ToDictionary(w => w.Name, w => w.Shape);

    public IReadOnlyCollection<string> Names => _shapes.Keys;

    public bool TryGetShape(string name, out int[] shape)
    {
        bool found = _shapes.TryGetValue(name, out int[]? known);
        shape = known ?? [];
        return found;
    }

    public void Read(string name, Span<float> destination)
    {
        int[] shape = _shapes[name];
        float scale = MathF.Sqrt(6f / shape.Skip(1).Aggregate(1, (product, side) => product * side));
        var random = new Random(name.Aggregate(17, (hash, c) => unchecked(31 * hash + c)));
        for (int i = 0; i < destination.Length; i++)
            destination[i] = scale * (2 * random.NextSingle() - 1);
        if (name.EndsWith(".running_var", StringComparison.Ordinal))
            destination.Fill(1);
    }
}
