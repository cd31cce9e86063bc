namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>Smooth steps and smooth minima.</summary>
internal static class Smooth
{
    /// <summary>Returns 0 below <paramref name="from"/>, 1 above <paramref name="to"/>, a cubic between; falling if from exceeds
    /// to.</summary>
    public static double Step(double from, double to, double x)
    {
        double t = Math.Clamp((x - from) / (to - from), 0, 1);
        return t * t * (3 - 2 * t);
    }

    /// <summary>Returns the minimum, rounded where both differ by less than <paramref name="blend"/>.</summary>
    public static double Min(double a, double b, double blend)
    {
        double h = Math.Max(blend - Math.Abs(a - b), 0) / blend;
        return Math.Min(a, b) - h * h * blend / 4;
    }

    /// <summary>Returns the maximum, rounded where both differ by less than <paramref name="blend"/>.</summary>
    public static double Max(double a, double b, double blend) => -Min(-a, -b, blend);
}
