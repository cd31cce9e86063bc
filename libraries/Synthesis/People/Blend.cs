using System.Numerics;

namespace Lwg.MLNet.Synthesis.People;

/// <summary>Soft borders between one colour and the next.</summary>
internal static class Blend
{
    /// <summary>0 up to <paramref name="from"/>, 1 from <paramref name="to"/> on, smooth between; the other way round when from is the
    /// larger.</summary>
    public static float Step(float from, float to, float x)
    {
        float t = Math.Clamp((x - from) / (to - from), 0, 1);
        return t * t * (3 - 2 * t);
    }

    /// <summary>1 at the centre, 0 beyond the radius, smooth between.</summary>
    public static float Spot(float distance, float radius) => 1 - Step(0, radius, distance);

    /// <summary>A bell of height 1 and deviation 0.7: exp(-x^2).</summary>
    public static float Bell(float x) => MathF.Exp(-x * x);

    /// <summary>Moves a colour towards another.</summary>
    public static void Over(ref Vector3 color, Vector3 other, float share) => color = Vector3.Lerp(color, other, Math.Clamp(share, 0, 1));
}
