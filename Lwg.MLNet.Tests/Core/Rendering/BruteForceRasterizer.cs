namespace Lwg.MLNet.Tests.Rendering;

/// <summary>Tests every pixel against every face, in 32-bit floats, with the operations of the definition.</summary>
internal static class BruteForceRasterizer
{
    public static (int[] FaceIndex, float[] Weights) Draw(float[] points, int[] faces, int size)
    {
        var index = new int[size * size];
        var weights = new float[3 * size * size];
        for (int row = 0; row < size; row++)
        {
            for (int i = 0; i < size; i++)
                index[row * size + i] = Nearest(points, faces, size, i, size - 1 - row, weights.AsSpan(3 * (row * size + i), 3));
        }
        return (index, weights);
    }

    private static int Nearest(float[] points, int[] faces, int size, int i, int j, Span<float> weights)
    {
        float xp = (2 * i + 1 - size) / (float)size, yp = (2 * j + 1 - size) / (float)size;
        float nearest = 100f;
        int found = -1;
        for (int f = 0; f < faces.Length / 3; f++)
        {
            int a = 3 * faces[3 * f], b = 3 * faces[3 * f + 1], c = 3 * faces[3 * f + 2];
            float x0 = points[a], y0 = points[a + 1], z0 = points[a + 2];
            float x1 = points[b], y1 = points[b + 1], z1 = points[b + 2];
            float x2 = points[c], y2 = points[c + 1], z2 = points[c + 2];
            bool finite = float.IsFinite(x0) && float.IsFinite(y0) && float.IsFinite(z0) && float.IsFinite(x1) && float.IsFinite(y1)
                && float.IsFinite(z1) && float.IsFinite(x2) && float.IsFinite(y2) && float.IsFinite(z2);
            if (!finite || (y2 - y0) * (x1 - x0) < (y1 - y0) * (x2 - x0))
                continue;
            if ((yp - y0) * (x1 - x0) < (xp - x0) * (y1 - y0)
                || (yp - y1) * (x2 - x1) < (xp - x1) * (y2 - y1)
                || (yp - y2) * (x0 - x2) < (xp - x2) * (y0 - y2))
                continue;
            float px0 = 0.5f * (x0 * size + size - 1), py0 = 0.5f * (y0 * size + size - 1);
            float px1 = 0.5f * (x1 * size + size - 1), py1 = 0.5f * (y1 * size + size - 1);
            float px2 = 0.5f * (x2 * size + size - 1), py2 = 0.5f * (y2 * size + size - 1);
            float determinant = px2 * (py0 - py1) + px0 * (py1 - py2) + px1 * (py2 - py0);
            float w0 = Clamp((py1 - py2) / determinant * i + (px2 - px1) / determinant * j + (px1 * py2 - px2 * py1) / determinant);
            float w1 = Clamp((py2 - py0) / determinant * i + (px0 - px2) / determinant * j + (px2 * py0 - px0 * py2) / determinant);
            float w2 = Clamp((py0 - py1) / determinant * i + (px1 - px0) / determinant * j + (px0 * py1 - px1 * py0) / determinant);
            float sum = w0 + w1 + w2;
            w0 /= sum;
            w1 /= sum;
            w2 /= sum;
            float depth = 1 / (w0 / z0 + w1 / z1 + w2 / z2);
            if (!(depth > 0.1f && depth < 100f && depth < nearest))
                continue;
            nearest = depth;
            found = f;
            (weights[0], weights[1], weights[2]) = (w0, w1, w2);
        }
        return found;
    }

    // C's fmin(fmax(w, 0), 1), which returns the number if the other operand is NaN.
    private static float Clamp(float w) => float.IsNaN(w) ? 0 : Math.Min(Math.Max(w, 0), 1);
}
