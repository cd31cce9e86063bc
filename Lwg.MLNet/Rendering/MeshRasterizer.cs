namespace Lwg.MLNet.Rendering;

/// <summary>
/// Draws a mesh's faces into S x S maps of face indices and weights, with the semantics of neural_renderer (Kato et al. 2018):
/// inclusive edges, back faces skipped, screen-space weights, the nearest face wins and the lowest index on a tie.
/// Holds the depth buffer, so that a call allocates nothing; one instance serves one thread at a time.
/// </summary>
public sealed class MeshRasterizer
{
    /// <summary>The smallest size of a map.</summary>
    public const int MinimumSize = 1;

    /// <summary>The largest size of a map.</summary>
    public const int MaximumSize = 8192;

    private const float Near = 0.1f;
    private const float Far = 100f;
    private const double ThinFace = 1.0 / (1 << 21);

    private readonly float[] _depth;
    private readonly float[] _centres;

    /// <summary>Makes a rasteriser for maps of one size.</summary>
    /// <param name="size">S, 1 to 8192 pixels.</param>
    public MeshRasterizer(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinimumSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaximumSize);
        Size = size;
        _depth = new float[size * size];
        _centres = new float[size];
        for (int i = 0; i < size; i++)
            _centres[i] = (2 * i + 1 - size) / (float)size;
    }

    /// <summary>S, the width and height of the maps.</summary>
    public int Size { get; }

    /// <summary>Draws the faces.</summary>
    /// <param name="points">The projected vertices [V,3]: x right and y UP in [-1,1] over the picture, depth away from the viewer (<see cref="Camera.Project"/>).</param>
    /// <param name="faces">The faces [F,3], counter-clockwise on the screen where they face the viewer. Faces with a corner that is not finite are not drawn.</param>
    /// <param name="faceIndex">Receives the face index map [S,S], row 0 at the top, -1 on background.</param>
    /// <param name="weights">Receives the weight map [S,S,3], one weight a corner, 0 on background.</param>
    public void Draw(ReadOnlySpan<float> points, ReadOnlySpan<int> faces, Span<int> faceIndex, Span<float> weights)
    {
        int s = Size;
        if (faceIndex.Length != s * s)
            throw new ArgumentException($"The face index map must have {s} x {s} elements, but has {faceIndex.Length}.", nameof(faceIndex));
        if (weights.Length != 3 * s * s)
            throw new ArgumentException($"The weight map must have {s} x {s} x 3 elements, but has {weights.Length}.", nameof(weights));
        faceIndex.Fill(-1);
        weights.Clear();
        _depth.AsSpan().Fill(Far);
        for (int f = 0; f < faces.Length / 3; f++)
        {
            int a = 3 * faces[3 * f], b = 3 * faces[3 * f + 1], c = 3 * faces[3 * f + 2];
            float x0 = points[a], y0 = points[a + 1], x1 = points[b], y1 = points[b + 1], x2 = points[c], y2 = points[c + 1];
            // Back faces go first: half of all faces end here.
            if ((y2 - y0) * (x1 - x0) < (y1 - y0) * (x2 - x0))
                continue;
            float z0 = points[a + 2], z1 = points[b + 2], z2 = points[c + 2];
            if (!float.IsFinite(x0 + y0 + x1 + y1 + x2 + y2 + z0 + z1 + z2))
                continue;
            DrawFace(f, x0, y0, z0, x1, y1, z1, x2, y2, z2, faceIndex, weights);
        }
    }

    private void DrawFace(int face, float x0, float y0, float z0, float x1, float y1, float z1, float x2, float y2, float z2, Span<int> faceIndex, Span<float> weights)
    {
        int s = Size;
        float minX = Math.Min(x0, Math.Min(x1, x2)), maxX = Math.Max(x0, Math.Max(x1, x2));
        float minY = Math.Min(y0, Math.Min(y1, y2)), maxY = Math.Max(y0, Math.Max(y1, y2));
        // Only pixels near the face's box can pass the edge tests, unless the face is so thin that rounding decides them:
        // then every pixel is asked, as the definition does.
        float width = maxX - minX, height = maxY - minY;
        float extent = Math.Max(width, height);
        double area = Math.Abs((double)(x1 - x0) * (y2 - y0) - (double)(y1 - y0) * (x2 - x0));
        int left = 0, right = s - 1, low = 0, high = s - 1;
        // A pixel at distance d outside has an edge value of about area * d / extent, its rounding error is below 2^-22 (d + extent) extent.
        if (area > ThinFace * extent * (double)extent * (1 + extent * s / 2))
        {
            left = Math.Max(left, FirstPixel(minX));
            right = Math.Min(right, LastPixel(maxX));
            low = Math.Max(low, FirstPixel(minY));
            high = Math.Min(high, LastPixel(maxY));
        }
        if (left > right || low > high)
            return;

        float ex0 = x1 - x0, ey0 = y1 - y0, ex1 = x2 - x1, ey1 = y2 - y1, ex2 = x0 - x2, ey2 = y0 - y2;
        ReadOnlySpan<float> centres = _centres;
        Span<float> depths = _depth;
        bool ready = false;
        float i00 = 0, i01 = 0, i02 = 0, i10 = 0, i11 = 0, i12 = 0, i20 = 0, i21 = 0, i22 = 0;
        for (int j = low; j <= high; j++)
        {
            float yp = centres[j];
            float t0 = (yp - y0) * ex0, t1 = (yp - y1) * ex1, t2 = (yp - y2) * ex2;
            int row = (s - 1 - j) * s;
            for (int i = left; i <= right; i++)
            {
                float xp = centres[i];
                if (t0 < (xp - x0) * ey0 || t1 < (xp - x1) * ey1 || t2 < (xp - x2) * ey2)
                    continue;
                if (!ready)
                {
                    // The inverse of the matrix of pixel-space corners, at the first pixel that needs it.
                    ready = true;
                    float px0 = 0.5f * (x0 * s + s - 1), py0 = 0.5f * (y0 * s + s - 1);
                    float px1 = 0.5f * (x1 * s + s - 1), py1 = 0.5f * (y1 * s + s - 1);
                    float px2 = 0.5f * (x2 * s + s - 1), py2 = 0.5f * (y2 * s + s - 1);
                    float determinant = px2 * (py0 - py1) + px0 * (py1 - py2) + px1 * (py2 - py0);
                    i00 = (py1 - py2) / determinant;
                    i01 = (px2 - px1) / determinant;
                    i02 = (px1 * py2 - px2 * py1) / determinant;
                    i10 = (py2 - py0) / determinant;
                    i11 = (px0 - px2) / determinant;
                    i12 = (px2 * py0 - px0 * py2) / determinant;
                    i20 = (py0 - py1) / determinant;
                    i21 = (px1 - px0) / determinant;
                    i22 = (px0 * py1 - px1 * py0) / determinant;
                }
                float w0 = Clamp01(i00 * i + i01 * j + i02), w1 = Clamp01(i10 * i + i11 * j + i12), w2 = Clamp01(i20 * i + i21 * j + i22);
                float sum = w0 + w1 + w2;
                w0 /= sum;
                w1 /= sum;
                w2 /= sum;
                float depth = 1 / (w0 / z0 + w1 / z1 + w2 / z2);
                int pixel = row + i;
                // Written so that a depth which is not a number is not kept.
                if (depth > Near && depth < Far && depth < depths[pixel])
                {
                    depths[pixel] = depth;
                    faceIndex[pixel] = face;
                    weights[3 * pixel] = w0;
                    weights[3 * pixel + 1] = w1;
                    weights[3 * pixel + 2] = w2;
                }
            }
        }
    }

    // A pixel more on each side than the box needs, so that rounding cannot lose one.
    private int FirstPixel(float coordinate) => (int)Math.Clamp(Math.Floor(0.5 * ((double)coordinate * Size + Size - 1)) - 1, 0, Size);

    private int LastPixel(float coordinate) => (int)Math.Clamp(Math.Ceiling(0.5 * ((double)coordinate * Size + Size - 1)) + 1, -1, Size - 1);

    // fmin(fmax(w, 0), 1): what is not a number becomes 0.
    private static float Clamp01(float w) => w > 0 ? (w < 1 ? w : 1) : 0;
}
