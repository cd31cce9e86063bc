namespace Lwg.MLNet.Benchmarks;

/// <summary>One stage, and what else would do its work, where there is such a thing.</summary>
/// <param name="Name">The stage's name in the table.</param>
/// <param name="Run">One frame of it.</param>
/// <param name="DependsOnSize">Whether the picture's size matters to it.</param>
/// <param name="FewestSamples">How often it is measured at least.</param>
/// <param name="Peers">What it is compared with.</param>
internal sealed record Benchmark(string Name, Action Run, bool DependsOnSize = true, int FewestSamples = 5,
    params IReadOnlyList<Peer> Peers);

/// <summary>Something else that does a stage's work.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Run">One frame of it.</param>
internal sealed record Peer(string Name, Action Run);
