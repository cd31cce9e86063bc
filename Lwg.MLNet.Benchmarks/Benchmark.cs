namespace Lwg.MLNet.Benchmarks;

/// <summary>One stage, and what else would do its work, where there is such a thing.</summary>
/// <param name="Name">The stage's name in the table.</param>
/// <param name="Run">One frame of it.</param>
/// <param name="DependsOnSize">Whether the picture's size matters to it.</param>
/// <param name="PeerName">What it is compared with; null for nothing.</param>
/// <param name="Peer">One frame of that.</param>
/// <param name="FewestSamples">How often it is measured at least.</param>
internal sealed record Benchmark(string Name, Action Run, bool DependsOnSize = true, string? PeerName = null, Action? Peer = null, int FewestSamples = 5);
