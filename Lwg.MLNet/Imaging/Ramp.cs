using System.Numerics;

namespace Lwg.MLNet.Imaging;

/// <summary>Smooth transitions between two limits.</summary>
internal static class Ramp
{
    /// <summary>Rises from 0 at the first limit to 1 at the second, level at both; falls if the first is larger.</summary>
    /// <param name="low">The first limit.</param>
    /// <param name="high">The second limit; differs from the first.</param>
    /// <param name="x">The value.</param>
    public static T Smooth<T>(T low, T high, T x)
        where T : IFloatingPointIeee754<T> => Ease(T.Clamp((x - low) / (high - low), T.Zero, T.One));

    /// <summary>Returns 3t² - 2t³.</summary>
    /// <param name="t">0 to 1.</param>
    public static T Ease<T>(T t)
        where T : IFloatingPointIeee754<T> => t * t * (T.CreateChecked(3) - T.CreateChecked(2) * t);
}
