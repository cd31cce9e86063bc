using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Random weights for any network, small enough that nothing overflows; the same every time.</summary>
internal sealed class NoiseWeights(IEnumerable<NetworkGraph> graphs) : INamedWeights
{
    private readonly Dictionary<string, int[]> _shapes = graphs.SelectMany(g => g.Weights).DistinctBy(w => w.Name).ToDictionary(w => w.Name, w => w.Shape);

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
        float scale = shape.Length == 1 ? 0.1f : MathF.Sqrt(3f / shape.Skip(1).Aggregate(1, (product, side) => product * side));
        var random = new Random(name.Length);
        for (int i = 0; i < destination.Length; i++)
            destination[i] = scale * (2 * random.NextSingle() - 1);
    }
}
