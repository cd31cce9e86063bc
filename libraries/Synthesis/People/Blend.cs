using System.Numerics;
using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Smooth transitions between colours, and periods of patterns.</summary>
internal static class Blend
{
    /// <summary>Returns 0 up to <paramref name="from"/>, 1 from <paramref name="to"/> on, smooth between; falling if from is larger than
    /// to.</summary>
    public static float Step(float from, float to, float x) => Ramp.Smooth(from, to, x);

    /// <summary>Returns 1 at the centre, 0 beyond the radius, smooth between.</summary>
    public static float Spot(float distance, float radius) => 1 - Step(0, radius, distance);

    /// <summary>Returns a bell of height 1 and deviation 0.7: exp(-x^2).</summary>
    public static float Bell(float x) => MathF.Exp(-x * x);

    /// <summary>Returns the position within a period of length 1, 0 to 1.</summary>
    public static float Fraction(float x) => x - MathF.Floor(x);

    /// <summary>Blends a colour towards another.</summary>
    public static void Over(ref Vector3 color, Vector3 other, float share) => color = Vector3.Lerp(color, other, Math.Clamp(share, 0, 1));
}
