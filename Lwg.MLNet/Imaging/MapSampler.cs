using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Imaging;

/// <summary>Samples maps of one value or four values per pixel between their pixels.</summary>
internal static class MapSampler
{
    /// <summary>Interpolates bilinearly between four pixels.</summary>
    /// <param name="map">[N,N].</param>
    /// <param name="size">N.</param>
    /// <param name="x">The column, 0 at the centre of the first pixel, N - 1 at that of the last; must be in this range.</param>
    /// <param name="y">The row, likewise.</param>
    public static Vector128<float> Bilinear(Vector128<float>[] map, int size, float x, float y)
    {
        int left = (int)x, up = (int)y, right = Math.Min(left + 1, size - 1), down = Math.Min(up + 1, size - 1);
        Vector128<float> top = map[up * size + left], bottom = map[down * size + left];
        top += (x - left) * (map[up * size + right] - top);
        bottom += (x - left) * (map[down * size + right] - bottom);
        return top + (y - up) * (bottom - top);
    }

    /// <summary>Interpolates bilinearly between four pixels; beyond the edge the values of the edge continue.</summary>
    /// <param name="map">[N,N].</param>
    /// <param name="size">N.</param>
    /// <param name="x">The position, 0 at the left edge of the first pixel, N at the right edge of the last.</param>
    /// <param name="y">The position, likewise.</param>
    public static float Bilinear(ReadOnlySpan<float> map, int size, float x, float y)
    {
        (x, y) = (Math.Clamp(x - 0.5f, 0, size - 1), Math.Clamp(y - 0.5f, 0, size - 1));
        int left = (int)x, up = (int)y, right = Math.Min(left + 1, size - 1), down = Math.Min(up + 1, size - 1);
        float top = float.Lerp(map[up * size + left], map[up * size + right], x - left),
            bottom = float.Lerp(map[down * size + left], map[down * size + right], x - left);
        return float.Lerp(top, bottom, y - up);
    }
}
