namespace Lwg.MLNet.Synthesis.Sculpting;

/// <summary>Smooth steps and smooth minima.</summary>
internal static class Smooth
{
    /// <summary>0 below <paramref name="from"/>, 1 above <paramref name="to"/>, a cubic between (also falling, when from exceeds
    /// to).</summary>
    public static double Step(double from, double to, double x)
    {
        double t = Math.Clamp((x - from) / (to - from), 0, 1);
        return t * t * (3 - 2 * t);
    }

    /// <summary>The minimum, rounded off where both differ by less than <paramref name="blend"/>.</summary>
    public static double Min(double a, double b, double blend)
    {
        double h = Math.Max(blend - Math.Abs(a - b), 0) / blend;
        return Math.Min(a, b) - h * h * blend / 4;
    }

    /// <summary>The maximum, rounded off where both differ by less than <paramref name="blend"/>.</summary>
    public static double Max(double a, double b, double blend) => -Min(-a, -b, blend);
}
