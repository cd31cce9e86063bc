using System.Globalization;

namespace Lwg.MLNet.Benchmarks;

/// <summary>One line of the table, in markdown.</summary>
internal static class Row
{
    public const string Header =
        "| stage | body | px | ms | bytes | peer in the same run | its ms | times faster |\n" +
        "|---|---|---:|---:|---:|---|---:|---:|";

    public static string Measure(Benchmark benchmark, string body, int size)
    {
        Measurement own = Measurement.Of(benchmark.Run);
        string peer = "| | |";
        if (benchmark.Peer is not null)
        {
            Measurement other = Measurement.Of(benchmark.Peer);
            peer = string.Create(CultureInfo.InvariantCulture, $"{benchmark.PeerName} | {Milliseconds(other)} | {other.Milliseconds / own.Milliseconds:0.0#} |");
        }
        string px = benchmark.DependsOnSize ? size.ToString(CultureInfo.InvariantCulture) : "";
        return string.Create(CultureInfo.InvariantCulture, $"| {benchmark.Name} | {body} | {px} | {Milliseconds(own)} | {own.Bytes} | {peer}");
    }

    private static string Milliseconds(Measurement m) => m.Milliseconds < 0.001 ? "< 0.001" : m.Milliseconds.ToString("0.000", CultureInfo.InvariantCulture);
}
