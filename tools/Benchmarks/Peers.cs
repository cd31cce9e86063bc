using System.Numerics.Tensors;

namespace Lwg.MLNet.Benchmarks;

/// <summary>Plain implementations of the stages.</summary>
internal static class Peers
{
    private static readonly Dictionary<int, float[]> s_depth = [];

    public static float Read(float[] numbers) => TensorPrimitives.Sum<float>(numbers);

    /// <summary>Rasterises each face's bounding box, pixel by pixel, directly by the definition.</summary>
    public static void Rasterize(Scene s)
    {
        int size = s.Size;
        float[] p = s.Points;
        if (!s_depth.TryGetValue(size, out float[]? depths))
            s_depth[size] = depths = new float[size * size];
        Array.Fill(depths, 100);
        Array.Fill(s.FaceIndex, -1);
        Array.Clear(s.Weights);
        ReadOnlySpan<int> faces = s.Body.Faces;
        for (int f = 0; f < s.Body.FaceCount; f++)
        {
            int a = 3 * faces[3 * f], b = 3 * faces[3 * f + 1], c = 3 * faces[3 * f + 2];
            float x0 = p[a], y0 = p[a + 1], x1 = p[b], y1 = p[b + 1], x2 = p[c], y2 = p[c + 1];
            if ((y2 - y0) * (x1 - x0) < (y1 - y0) * (x2 - x0))
                continue;
            float px0 = 0.5f * (x0 * size + size - 1), py0 = 0.5f * (y0 * size + size - 1);
            float px1 = 0.5f * (x1 * size + size - 1), py1 = 0.5f * (y1 * size + size - 1);
            float px2 = 0.5f * (x2 * size + size - 1), py2 = 0.5f * (y2 * size + size - 1);
            float determinant = px2 * (py0 - py1) + px0 * (py1 - py2) + px1 * (py2 - py0);
            int left = Math.Max(0, (int)Math.Min(px0, Math.Min(px1, px2))),
                right = Math.Min(size - 1, (int)Math.Max(px0, Math.Max(px1, px2)) + 1);
            int low = Math.Max(0, (int)Math.Min(py0, Math.Min(py1, py2))),
                high = Math.Min(size - 1, (int)Math.Max(py0, Math.Max(py1, py2)) + 1);
            for (int j = low; j <= high; j++)
            {
                for (int i = left; i <= right; i++)
                {
                    float xp = (2 * i + 1 - size) / (float)size, yp = (2 * j + 1 - size) / (float)size;
                    if ((yp - y0) * (x1 - x0) < (xp - x0) * (y1 - y0) || (yp - y1) * (x2 - x1) < (xp - x1) * (y2 - y1)
                        || (yp - y2) * (x0 - x2) < (xp - x2) * (y0 - y2))
                        continue;
                    float w0 = Math.Clamp((py1 - py2) / determinant * i + (px2 - px1) / determinant * j
                        + (px1 * py2 - px2 * py1) / determinant, 0, 1);
                    float w1 = Math.Clamp((py2 - py0) / determinant * i + (px0 - px2) / determinant * j
                        + (px2 * py0 - px0 * py2) / determinant, 0, 1);
                    float w2 = Math.Clamp((py0 - py1) / determinant * i + (px1 - px0) / determinant * j
                        + (px0 * py1 - px1 * py0) / determinant, 0, 1);
                    float sum = w0 + w1 + w2;
                    float depth = 1 / (w0 / sum / p[a + 2] + w1 / sum / p[b + 2] + w2 / sum / p[c + 2]);
                    int pixel = (size - 1 - j) * size + i;
                    if (!(depth > 0.1f && depth < depths[pixel]))
                        continue;
                    depths[pixel] = depth;
                    s.FaceIndex[pixel] = f;
                    (s.Weights[3 * pixel], s.Weights[3 * pixel + 1], s.Weights[3 * pixel + 2]) = (w0 / sum, w1 / sum, w2 / sum);
                }
            }
        }
    }

    /// <summary>Computes bilinear sampling directly by its formula, once for each channel.</summary>
    public static void Sample(Scene s)
    {
        int size = s.Size;
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < s.Plane; i++)
            {
                float x = ((s.Flow[2 * i] + 1) * size - 1) / 2, y = ((s.Flow[2 * i + 1] + 1) * size - 1) / 2;
                int x0 = (int)MathF.Floor(x), y0 = (int)MathF.Floor(y);
                float fx = x - x0, fy = y - y0;
                s.Warped[c * s.Plane + i] = At(x0, y0) * (1 - fx) * (1 - fy) + At(x0 + 1, y0) * fx * (1 - fy) + At(x0, y0 + 1) * (1 - fx)
                    * fy + At(x0 + 1, y0 + 1) * fx * fy;
            }

            float At(int x, int y) => x >= 0 && y >= 0 && x < size && y < size ? s.Image[(c * size + y) * size + x] : 0;
        }
    }

    /// <summary>Checks for each pixel all k x k neighbours, until one is not 1.</summary>
    public static void Erode(Scene s, int kernel)
    {
        int size = s.Size, r = kernel / 2;
        ReadOnlySpan<float> mask = s.Condition.AsSpan(2 * s.Plane);
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
                s.One[y * size + x] = All(mask, Math.Max(0, x - r), Math.Min(size - 1, x + r), Math.Max(0, y - r),
                    Math.Min(size - 1, y + r), size) ? 1 : 0;
        }
    }

    private static bool All(ReadOnlySpan<float> mask, int left, int right, int top, int bottom, int stride)
    {
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                if (mask[y * stride + x] != 1)
                    return false;
            }
        }
        return true;
    }
}
