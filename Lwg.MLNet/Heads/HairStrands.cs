using Lwg.MLNet.Imaging;

namespace Lwg.MLNet.Heads;

/// <summary>Light and dark strands of hair for a head whose hair no picture shows: smooth noise that changes quickly around the head and
/// slowly along its height. The same point of the surface always has the same value.</summary>
internal static class HairStrands
{
    // Strands around the whole head, and changes along a metre of height.
    private const float Around = 44, Along = 14;

    // A second octave, twice as fine, has this share.
    private const float FineShare = 0.4f;

    /// <summary>Returns the brightness at a point of the surface, -1 to 1.</summary>
    /// <param name="x">The point on the template, metres.</param>
    /// <param name="y">Its height.</param>
    /// <param name="z">Its depth.</param>
    public static float At(float x, float y, float z)
    {
        // Around the vertical axis, from 0 to 1; whole numbers of strands leave no seam.
        float turn = MathF.Atan2(x, z) / (2 * MathF.PI) + 0.5f;
        return (1 - FineShare) * Noise(turn * Around, y * Along, (int)Around)
            + FineShare * Noise(turn * 2 * Around, y * 2 * Along, 2 * (int)Around);
    }

    // Value noise, smoothly interpolated; periodic in the first coordinate.
    private static float Noise(float u, float v, int period)
    {
        (float column, float row) = (MathF.Floor(u), MathF.Floor(v));
        float s = Ramp.Smooth(0, 1, u - column), t = Ramp.Smooth(0, 1, v - row);
        (int left, int top) = ((int)column % period, (int)row);
        int right = (left + 1) % period;
        float above = float.Lerp(Value(left, top), Value(right, top), s);
        return float.Lerp(above, float.Lerp(Value(left, top + 1), Value(right, top + 1), s), t);
    }

    private static float Value(int column, int row)
    {
        uint hash = unchecked((uint)column * 0x9E3779B1u ^ (uint)row * 0x85EBCA77u);
        hash = unchecked((hash ^ hash >> 15) * 0x2C1B3C6Du);
        hash = unchecked((hash ^ hash >> 12) * 0x297A2D39u);
        return (hash ^ hash >> 15) / (float)uint.MaxValue * 2 - 1;
    }
}
