namespace Lwg.MLNet.Backgrounds;

/// <summary>
/// Fills holes of a picture smoothly. The first guess averages known pixels into ever smaller pictures until no hole is left, then fills
/// the holes from coarse to fine (pull-push, Gortler et al. 1996). Typical backgrounds have horizontal lines (floors, skirting boards,
/// horizons), so a hole is then bridged along its rows and relaxed towards a membrane that is stiff along rows.
/// </summary>
internal static class BackgroundPlate
{
    private const int Relaxations = 24;
    private const int PlateRelaxations = 60;
    private const float AcrossRows = 0.06f;
    private const int EdgePixels = 4;

    /// <summary>Fills the unknown pixels of a picture.</summary>
    /// <param name="image">The picture [3,S,S].</param>
    /// <param name="hole">[S,S]: 1 where the picture is filled, 0 where it is known.</param>
    /// <param name="size">S.</param>
    /// <param name="plate">Receives [3,S,S]; equal to the picture where it is known. A picture without known pixels gives zeros.</param>
    public static void Fill(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, Span<float> plate)
    {
        Spread(image, hole, size, plate);
        int n = size * size;
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                if (hole[y * size + x] == 0)
                    continue;
                int end = x;
                while (end < size && hole[y * size + end] != 0)
                    end++;
                if (x > 0 && end < size)
                    Bridge(hole, plate, size, y, x, end);
                x = end;
            }
        }
        for (int round = 0; round < PlateRelaxations; round++)
        {
            for (int i = 0; i < n; i++)
            {
                int x = i % size;
                if (hole[i] == 0)
                    continue;
                int left = x > 0 ? i - 1 : i, right = x + 1 < size ? i + 1 : i, up = i >= size ? i - size : i, down = i + size < n
                    ? i + size : i;
                for (int p = 0; p < 3 * n; p += n)
                    plate[p + i] = (plate[p + left] + plate[p + right] + AcrossRows * (plate[p + up] + plate[p + down])) / (2 + 2
                        * AcrossRows);
            }
        }
    }

    /// <summary>Interpolates between the known pixels on both sides of a gap [start, end) in a row.</summary>
    private static void Bridge(ReadOnlySpan<float> hole, Span<float> plate, int size, int y, int start, int end)
    {
        int n = size * size, row = y * size;
        for (int c = 0; c < 3; c++)
        {
            float left = Mean(hole, plate, c * n, row, start - 1, -1, size), right = Mean(hole, plate, c * n, row, end, 1, size);
            for (int x = start; x < end; x++)
            {
                float t = (x - start + 1f) / (end - start + 1);
                plate[c * n + row + x] = left + t * (right - left);
            }
        }
    }

    private static float Mean(ReadOnlySpan<float> hole, ReadOnlySpan<float> plate, int plane, int row, int x, int step, int size)
    {
        float sum = 0;
        int count = 0;
        for (; count < EdgePixels && (uint)x < (uint)size && hole[row + x] == 0; x += step, count++)
            sum += plate[plane + row + x];
        return sum / count;
    }

    /// <summary>Spreads the known pixels over the holes, equally in all directions.</summary>
    /// <param name="image">The picture [3,S,S].</param>
    /// <param name="hole">[S,S]: 1 where the picture is filled, 0 where it is known.</param>
    /// <param name="size">S.</param>
    /// <param name="plate">Receives [3,S,S]; equal to the picture where it is known. A picture without known pixels gives zeros.</param>
    public static void Spread(ReadOnlySpan<float> image, ReadOnlySpan<float> hole, int size, Span<float> plate)
    {
        int n = size * size;
        if (image.Length != 3 * n || hole.Length != n || plate.Length != 3 * n)
            throw new ArgumentException($"For S = {size} pictures have {3 * n} elements and the hole {n}, but {image.Length}, "
                + $"{plate.Length} and {hole.Length} were given.", nameof(image));
        var known = new float[n];
        for (int i = 0; i < n; i++)
            known[i] = 1 - hole[i];
        var values = new float[3 * n];
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < n; i++)
                values[c * n + i] = known[i] > 0 ? image[c * n + i] : 0;
        }
        PullPush(values, known, size, size);
        values.CopyTo(plate);
    }

    /// <summary>Fills <paramref name="values"/> [3,H,W] where <paramref name="known"/> is 0.</summary>
    private static void PullPush(float[] values, float[] known, int height, int width)
    {
        if (height == 1 && width == 1)
            return;
        int h = (height + 1) / 2, w = (width + 1) / 2, n = height * width, m = h * w;
        float[] small = new float[3 * m], smallKnown = new float[m];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = y * width + x, j = y / 2 * w + x / 2;
                if (known[i] == 0)
                    continue;
                smallKnown[j] += known[i];
                for (int c = 0; c < 3; c++)
                    small[c * m + j] += known[i] * values[c * n + i];
            }
        }
        for (int j = 0; j < m; j++)
        {
            if (smallKnown[j] == 0)
                continue;
            for (int c = 0; c < 3; c++)
                small[c * m + j] /= smallKnown[j];
            smallKnown[j] = 1;
        }
        PullPush(small, smallKnown, h, w);

        var holes = new List<int>();
        for (int i = 0; i < n; i++)
        {
            if (known[i] > 0)
                continue;
            holes.Add(i);
            float sy = Math.Clamp((i / width + 0.5f) / 2 - 0.5f, 0, h - 1), sx = Math.Clamp((i % width + 0.5f) / 2 - 0.5f, 0, w - 1);
            int y0 = (int)sy, x0 = (int)sx, y1 = Math.Min(y0 + 1, h - 1), x1 = Math.Min(x0 + 1, w - 1);
            float fy = sy - y0, fx = sx - x0;
            for (int c = 0; c < 3; c++)
            {
                ReadOnlySpan<float> s = small.AsSpan(c * m, m);
                values[c * n + i] = (1 - fy) * ((1 - fx) * s[y0 * w + x0] + fx * s[y0 * w + x1]) + fy
                    * ((1 - fx) * s[y1 * w + x0] + fx * s[y1 * w + x1]);
            }
        }
        for (int round = 0; round < Relaxations; round++)
        {
            foreach (int i in holes)
            {
                int x = i % width;
                int left = x > 0 ? i - 1 : i, right = x + 1 < width ? i + 1 : i, up = i >= width ? i - width : i, down = i + width < n
                    ? i + width : i;
                for (int p = 0; p < 3 * n; p += n)
                    values[p + i] = (values[p + left] + values[p + right] + values[p + up] + values[p + down]) * 0.25f;
            }
        }
    }
}
