using Lwg.MLNet.Body;

namespace Lwg.MLNet.Rendering;

/// <summary>Creates maps [C,S,S] of face attributes from a face index map.</summary>
internal static class BodyMaps
{
    /// <summary>Writes the condition map [3,S,S]: (u, 1 - v, 0) of the texture centre of the face, (0, 0, 1) on background.</summary>
    /// <exception cref="BodyMismatchException">The body has no texture coordinates.</exception>
    public static void Condition(ReadOnlySpan<int> faceIndex, BodySurface surface, Span<float> map)
    {
        ArgumentNullException.ThrowIfNull(surface);
        Check(map, faceIndex, 3);
        ReadOnlySpan<float> table = surface.Condition;
        int n = faceIndex.Length;
        Span<float> u = map[..n], v = map.Slice(n, n), b = map.Slice(2 * n, n);
        map[..(2 * n)].Clear();
        b.Fill(1);
        for (int i = 0; i < n; i++)
        {
            // Most of a picture is background, which is skipped.
            if (faceIndex[i] < 0)
            {
                int next = faceIndex[i..].IndexOfAnyInRange(0, int.MaxValue);
                if (next < 0)
                    return;
                i += next;
            }
            ReadOnlySpan<float> row = table.Slice(3 * faceIndex[i], 3);
            (u[i], v[i], b[i]) = (row[0], row[1], row[2]);
        }
    }

    /// <summary>Writes the part map [P + 1,S,S]: one channel per part in the order of <see cref="BodySurface.PartNames"/>, 1 where the
    /// part is visible; background last.</summary>
    /// <exception cref="BodyMismatchException">The body has no parts.</exception>
    public static void Parts(ReadOnlySpan<int> faceIndex, BodySurface surface, Span<float> map)
    {
        ArgumentNullException.ThrowIfNull(surface);
        ReadOnlySpan<int> part = surface.Part;
        int parts = surface.PartNames.Count, n = faceIndex.Length;
        Check(map, faceIndex, parts + 1);
        map.Clear();
        for (int i = 0; i < n; i++)
            map[(faceIndex[i] < 0 ? parts : part[faceIndex[i]]) * n + i] = 1;
    }

    /// <summary>Writes the front map [1,S,S]: 1 on the facial front.</summary>
    /// <exception cref="BodyMismatchException">The body has no facial front.</exception>
    public static void Front(ReadOnlySpan<int> faceIndex, BodySurface surface, Span<float> map)
    {
        ArgumentNullException.ThrowIfNull(surface);
        Flags(faceIndex, surface.Front, map);
    }

    /// <summary>Writes the head map [1,S,S]: 1 on the whole head.</summary>
    /// <exception cref="BodyMismatchException">The body has no head.</exception>
    public static void Head(ReadOnlySpan<int> faceIndex, BodySurface surface, Span<float> map)
    {
        ArgumentNullException.ThrowIfNull(surface);
        Flags(faceIndex, surface.Head, map);
    }

    private static void Flags(ReadOnlySpan<int> faceIndex, ReadOnlySpan<bool> table, Span<float> map)
    {
        Check(map, faceIndex, 1);
        for (int i = 0; i < faceIndex.Length; i++)
            map[i] = faceIndex[i] >= 0 && table[faceIndex[i]] ? 1 : 0;
    }

    private static void Check(Span<float> map, ReadOnlySpan<int> faceIndex, int channels)
    {
        if (map.Length != channels * faceIndex.Length)
            throw new ArgumentException($"A map of {channels} channels over {faceIndex.Length} pixels has "
                + $"{channels * faceIndex.Length} elements, but there is room for {map.Length}.", nameof(map));
    }
}
