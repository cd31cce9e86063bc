using System.Runtime.Intrinsics;

namespace Lwg.MLNet.Generation;

/// <summary>Samples maps of four values per pixel between their pixels.</summary>
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
}
