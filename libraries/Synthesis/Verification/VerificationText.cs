using System.Globalization;
using System.Text;

namespace Lwg.MLNet.Synthesis.Verification;

/// <summary>Formats verdicts as a readable table.</summary>
internal static class VerificationText
{
    /// <summary>Returns the table: a line for each tensor, the stages that were not checked, and the outcome.</summary>
    /// <param name="verdicts">The verdicts of <see cref="DumpVerification.Run"/>.</param>
    public static string Of(IReadOnlyList<StageVerdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        var text = new StringBuilder();
        Line($"{"stage",-20}{"tensor",-20}{"largest",10}{"mean",10}{"allowed",10}{"outside",10}  verdict");
        foreach (StageVerdict verdict in verdicts)
        {
            foreach (TensorDifference d in verdict.Differences)
            {
                string found = d.Agrees ? "agrees" : "DIFFERS";
                FormattableString errors = $"{d.Largest,10:0.0e+0}{d.Mean,10:0.0e+0}{d.Tolerance,10:0.0e+0}{d.OutsideShare,10:P2}";
                Line($"{verdict.Stage,-20}{d.Tensor,-20}{FormattableString.Invariant(errors)}  {found}");
            }
            if (verdict.Hint is not null)
                Line($"{"",-20}{verdict.Hint}");
        }
        foreach (StageVerdict verdict in verdicts.Where(v => !v.Checked))
            Line($"{verdict.Stage,-20}not checked: {verdict.Missing} is missing");
        StageVerdict[] differing = [.. verdicts.Where(v => !v.Agrees)];
        int checkedStages = verdicts.Count(v => v.Checked);
        Line(differing.Length == 0 ? (FormattableString)$"All {checkedStages} stages that were checked agree."
            : $"{differing.Length} of {checkedStages} stages differ: {string.Join(", ", differing.Select(v => v.Stage))}.");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
