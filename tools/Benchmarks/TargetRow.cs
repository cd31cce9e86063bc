using System.Globalization;

namespace Lwg.MLNet.Benchmarks;

/// <summary>A line of the table of targets, in Markdown.</summary>
/// <param name="What">The subject of the measurement.</param>
/// <param name="At">Sizes and threads.</param>
/// <param name="Target">The target.</param>
/// <param name="Measured">The result.</param>
/// <param name="Peer">The peer and its time; empty if there is none.</param>
/// <param name="Met">Whether the target is met; null for a measurement without a target.</param>
internal sealed record TargetRow(string What, string At, string Target, string Measured, string Peer, bool? Met)
{
    public const string Header =
        "| what | at | target | measured | peer in the same run | met |\n" +
        "|---|---|---|---|---|---|";

    public override string ToString() =>
        $"| {What} | {At} | {Target} | {Measured} | {Peer} | {(Met is bool met ? met ? "yes" : "**no**" : "")} |";

    /// <summary>Returns a line whose target is a time.</summary>
    public static TargetRow Time(string what, string at, double most, Measurement own, string peer = "", Measurement? its = null) =>
        new(what, at, $"{Number(most)} ms or less", $"{Milliseconds(own)}{Allocated(own)}", its is { } p
        ? $"{peer}: {Milliseconds(p)}, {Number(p.Milliseconds / own.Milliseconds)} times" : "", own.Milliseconds <= most);

    /// <summary>Returns a line whose target is a share of the peer's time.</summary>
    public static TargetRow Share(string what, string at, double most, Measurement own, string peer, Measurement its, double parts = 1) =>
        new(what, at, $"{Number(most)} of the peer's time or less",
        $"{Milliseconds(own)}{Allocated(own)}: {Number(own.Milliseconds / parts / its.Milliseconds)}", $"{peer}: {Milliseconds(its)}",
        own.Milliseconds / parts / its.Milliseconds <= most);

    public static string Number(double value) =>
        value.ToString(Math.Abs(value) < 10 ? "0.00" : Math.Abs(value) < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Milliseconds(Measurement m) =>
        $"{m.Milliseconds.ToString(m.Milliseconds < 10 ? "0.000" : "0.0", CultureInfo.InvariantCulture)} ms";

    private static string Allocated(Measurement m) => m.Bytes == 0 ? "" : $", {m.Bytes} bytes";
}
