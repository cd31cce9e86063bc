namespace Lwg.MLNet.Benchmarks;

/// <summary>A stage and the peers it is compared with, if there are any.</summary>
/// <param name="Name">The stage's name in the table.</param>
/// <param name="Run">Processes one frame.</param>
/// <param name="DependsOnSize">Whether its time depends on the picture's size.</param>
/// <param name="FewestSamples">The smallest number of measurements.</param>
/// <param name="Peers">The peers.</param>
internal sealed record Benchmark(string Name, Action Run, bool DependsOnSize = true, int FewestSamples = 5,
    params IReadOnlyList<Peer> Peers);

/// <summary>Another implementation of a stage.</summary>
/// <param name="Name">Its description.</param>
/// <param name="Run">Processes one frame.</param>
internal sealed record Peer(string Name, Action Run);
