namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>Smooth minima and maxima.</summary>
internal static class Smooth
{
    /// <summary>Returns the minimum, rounded where both differ by less than <paramref name="blend"/>.</summary>
    public static double Min(double a, double b, double blend)
    {
        double h = Math.Max(blend - Math.Abs(a - b), 0) / blend;
        return Math.Min(a, b) - h * h * blend / 4;
    }

    /// <summary>Returns the maximum, rounded where both differ by less than <paramref name="blend"/>.</summary>
    public static double Max(double a, double b, double blend) => -Min(-a, -b, blend);
}
