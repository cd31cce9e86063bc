using System.Globalization;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Lines of the table, in Markdown.</summary>
internal static class Row
{
    public const string Header =
        "| stage | body | px | ms | bytes | peer in the same run | its ms | times faster |\n" +
        "|---|---|---:|---:|---:|---|---:|---:|";

    /// <summary>Measures a stage and its peers; returns a line for each peer.</summary>
    public static string Measure(Benchmark benchmark, string body, int size)
    {
        IReadOnlyList<Measurement> all = Measurement.Of([benchmark.Run, .. benchmark.Peers.Select(p => p.Run)], benchmark.FewestSamples);
        return Of(benchmark.Name, body, benchmark.DependsOnSize ? size : null, all, [.. benchmark.Peers.Select(p => p.Name)]);
    }

    /// <summary>Formats the measurements of a stage and its peers; a line for each peer.</summary>
    public static string Of(string name, string body, int? size, IReadOnlyList<Measurement> all, IReadOnlyList<string> peers)
    {
        string own = string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {body} | {size} | {Milliseconds(all[0])} | {all[0].Bytes} | ");
        return peers.Count == 0 ? own + "| | |"
            : string.Join('\n', peers.Zip(all.Skip(1)).Select(p => own + Compared(p.First, p.Second, all[0])));
    }

    private static string Compared(string peer, Measurement its, Measurement own) =>
        $"{peer} | {Milliseconds(its)} | {Ratio(its.Milliseconds / own.Milliseconds)} |";

    private static string Ratio(double ratio) => ratio.ToString(ratio < 2 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    private static string Milliseconds(Measurement m) =>
        m.Milliseconds < 0.001 ? "< 0.001" : m.Milliseconds.ToString("0.000", CultureInfo.InvariantCulture);
}
