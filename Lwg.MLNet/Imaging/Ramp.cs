namespace Lwg.MLNet.Imaging;

/// <summary>Smooth transitions between two limits.</summary>
internal static class Ramp
{
    /// <summary>Rises from 0 at the first limit to 1 at the second, level at both (3t² - 2t³).</summary>
    /// <param name="low">The first limit.</param>
    /// <param name="high">The second limit; differs from the first.</param>
    /// <param name="x">The value.</param>
    public static float Smooth(float low, float high, float x)
    {
        float t = Math.Clamp((x - low) / (high - low), 0, 1);
        return t * t * (3 - 2 * t);
    }
}
