using Lwg.MLNet.Models;

namespace Lwg.MLNet.Benchmarks;

/// <summary>The networks against the runtimes that compute them.</summary>
internal static class NetworkTargets
{
    private const int Threads = 2, FullSamples = 5, DefaultSamples = 15;

    public static IEnumerable<(string Name, Func<IEnumerable<TargetRow>> Measure)> All =>
    [
        ("transfer stream d = 64", () => [Of("transfer stream d = 64, float32", Networks.Full(), FullSamples)]),
        ("transfer stream of the default generator", () => [Of("transfer stream of the default generator (d = 16)", OwnModels.Generator, DefaultSamples)]),
    ];

    private static TargetRow Of(string what, MLNet.Networks.ModelPackage package, int samples)
    {
        (IReadOnlyList<Measurement> m, IReadOnlyList<string> peers) = Networks.Generator(package, Threads, samples);
        double best = m.Skip(1).Min(p => p.Milliseconds);
        string others = string.Join("; ", peers.Zip(m.Skip(1)).Select(p => $"{p.First}: {TargetRow.Number(p.Second.Milliseconds)} ms, {TargetRow.Number(p.Second.Milliseconds / m[0].Milliseconds)} times"));
        return new TargetRow(what, "256 px, two threads", "no slower than the best peer", $"{TargetRow.Number(m[0].Milliseconds)} ms", others, m[0].Milliseconds <= best);
    }
}
