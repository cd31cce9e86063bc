using System.Text.Json;
using Lwg.MLNet.Checkpoints;
using Lwg.MLNet.Estimation;
using Lwg.MLNet.Models;
using Lwg.MLNet.Networks;

namespace Lwg.MLNet.Tests.Networks;

/// <summary>The weights of the fixtures' networks: names and shapes from state_dicts.json, values by formula (see the fixtures'
/// README).</summary>
/// <param name="shapes">The shapes by name.</param>
/// <param name="gain">The factor of weights with more than one dimension.</param>
internal sealed class FormulaWeights(IReadOnlyDictionary<string, int[]> shapes, double gain = 1) : INamedWeights
{
    private static readonly Lazy<Dictionary<string, Dictionary<string, int[]>>> s_dictionaries = new(
        () => JsonSerializer.Deserialize<Dictionary<string, Dictionary<string,
        int[]>>>(File.ReadAllBytes(Fixture.PathOf("networks/state_dicts.json")))!);

    public static FormulaWeights Generator => Of("generator d=4");

    public static FormulaWeights Hmr => Of("hmr");

    /// <summary>The complete HMR as a model, made once.</summary>
    public static ModelPackage HmrPackage => s_hmr.Value;

    private static readonly Lazy<ModelPackage> s_hmr = new(() => LearnedSmplEstimator.FromHmr(Hmr, "none", []));

    public static FormulaWeights Discriminator => Of("patch_discriminator 6,16,4");

    /// <summary>The inpainter's weights, doubled, because its outputs would otherwise be too small to show an error.</summary>
    public static FormulaWeights Inpainter => new(s_dictionaries.Value["inpaint c_dim=4"], gain: 2);

    /// <summary>Creates weights for any network.</summary>
    public static FormulaWeights For(params IEnumerable<NetworkGraph> graphs) =>
        new(graphs.SelectMany(g => g.Weights).DistinctBy(w => w.Name).ToDictionary(w => w.Name, w => w.Shape));

    public IReadOnlyCollection<string> Names => [.. shapes.Keys];

    public bool TryGetShape(string name, out int[] shape)
    {
        bool found = shapes.TryGetValue(name, out int[]? known);
        shape = known ?? [];
        return found;
    }

    public void Read(string name, Span<float> destination)
    {
        int[] shape = shapes[name];
        double scale = Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1L, (product, side) => product * side)) * gain;
        (double offset, double factor) = name[(name.LastIndexOf('.') + 1)..] switch
        {
            "running_var" => (1, 0.2),
            "running_mean" or "bias" => (0, 0.1),
            "mean_theta" => (0, 0.3),
            "gamma" => (0.5, 0.1),
            _ => shape.Length == 1 ? (1, 0.1) : (0, scale),
        };
        ulong hash = Hash(name);
        for (int i = 0; i < destination.Length; i++)
            destination[i] = (float)(offset + factor * (2 * Uniform(hash, i) - 1));
    }

    /// <summary>Computes an input of the fixtures, in [-1,1].</summary>
    public static float[] Input(string name, int length)
    {
        ulong hash = Hash("input:" + name);
        return [.. Enumerable.Range(0, length).Select(i => (float)(-1 + 2 * Uniform(hash, i)))];
    }

    /// <summary>Returns a value in [0,1), by SplitMix64.</summary>
    private static double Uniform(ulong hash, int element)
    {
        ulong z = hash + (ulong)(element + 1L) * 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (z >> 40) / 16777216.0;
    }

    /// <summary>Computes the FNV-1a hash.</summary>
    private static ulong Hash(string name) => name.Aggregate(0xcbf29ce484222325, (hash, c) => (hash ^ c) * 0x100000001b3);

    private static FormulaWeights Of(string network) => new(s_dictionaries.Value[network]);
}
