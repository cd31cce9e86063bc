using System.Numerics;

namespace Lwg.MLNet.Imaging;

/// <summary>An sRGB colour.</summary>
/// <param name="R">Red, 0 to 255.</param>
/// <param name="G">Green, 0 to 255.</param>
/// <param name="B">Blue, 0 to 255.</param>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>The colour in linear light, 0 to 1, which can be added and multiplied.</summary>
    internal Vector3 Linear => new(ToLinear(R / 255f), ToLinear(G / 255f), ToLinear(B / 255f));

    /// <summary>Converts linear light to an sRGB value (IEC 61966-2-1).</summary>
    internal static float FromLinear(float light) => light <= 0.0031308f ? 12.92f * light : 1.055f * MathF.Pow(light, 1 / 2.4f) - 0.055f;

    private static float ToLinear(float value) => value <= 0.04045f ? value / 12.92f : MathF.Pow((value + 0.055f) / 1.055f, 2.4f);
}
